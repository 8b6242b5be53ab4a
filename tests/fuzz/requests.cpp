// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "support/requests.hpp"

#include "fuzz.hpp"

// What is found of a stream of requests must not depend on where it was cut, and nothing longer
// than the limits is ever found.

namespace {

using namespace bobbin;

constexpr test::RequestLimits limits[] = {
    {},
    {.head = {.size = 64, .target = 16, .fields = 2}, .body = 16},
    {.head = {.size = 65535, .target = 65535, .fields = 65535}, .body = UINT64_MAX},
};

void check_limits(const test::RequestEvents& events, const test::RequestLimits& limit) {
  std::size_t fields = 0;
  for (const std::string& event : events) {
    const bool is_body = event.starts_with("body ");
    if (is_body) fuzz::expect(event.size() - 5 <= limit.body, "a body is too long");
    fuzz::expect(is_body || event.size() <= limit.head.size, "a head is too long");
    fields = event == "end" ? 0 : fields + 1;
    // The request line, the body and a refusal are among them.
    fuzz::expect(fields <= limit.head.fields + 3U, "too many fields");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const test::RequestLimits& limit = limits[input.format % std::size(limits)];
  const test::RequestEvents whole = test::requests_in(input.stream, {}, limit);
  check_limits(whole, limit);
  fuzz::expect(test::requests_in(input.stream, input.cuts(), limit) == whole,
               "the cuts make a difference");
  return 0;
}
