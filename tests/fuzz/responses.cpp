// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "support/responses.hpp"

#include "fuzz.hpp"

// What is found of a stream of responses must not depend on where it was cut, and nothing longer
// than the limits is ever found.

namespace {

using namespace bobbin;

const test::ResponseLimits limits[] = {
    {},
    {.head = {.size = 64, .fields = 2}, .body = 16},
    {.head = {.size = 65535, .fields = 65535}, .body = UINT64_MAX},
    {.answers_head = true},
};

void check_limits(const test::ResponseEvents& events, const test::ResponseLimits& limit) {
  for (const std::string& event : events) {
    const bool is_body = event.starts_with("body ");
    if (is_body) fuzz::expect(event.size() - 5 <= limit.body, "content is too long");
    if (is_body) fuzz::expect(!limit.answers_head, "content where there can be none");
    const bool is_own = event.starts_with("refused ");
    fuzz::expect(is_body || is_own || event.size() <= limit.head.size, "a head is too long");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const test::ResponseLimits& limit = limits[input.format % std::size(limits)];
  const test::ResponseEvents whole = test::responses_in(input.stream, {}, limit);
  check_limits(whole, limit);
  fuzz::expect(test::responses_in(input.stream, input.cuts(), limit) == whole,
               "the cuts make a difference");
  return 0;
}
