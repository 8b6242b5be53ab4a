// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "fuzz.hpp"
#include "support/json_model.hpp"

// The first two bytes are the limits. What has not come to its end is malformed, or was whole.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bobbin;
  const fuzz::Input input(data, size);
  const JsonLimits limits{.depth = input.format % (JsonReader::depth_max + 1), .length = input.cut};
  const std::vector<char> copy(input.stream.begin(), input.stream.end());
  const std::string_view text(copy.data(), copy.size());
  const auto tokens = test::read_json(text, limits);
  fuzz::expect(tokens == test::JsonModel(text, limits).tokens(), "what is found is wrong");
  JsonReader json(text, limits);
  std::size_t last = 0;
  while (json.next() != JsonToken::end && json.token() != JsonToken::malformed) {
    fuzz::expect(json.offset() >= last && json.depth() <= limits.depth, "it goes astray");
    last = json.offset();
    if (json.token() != JsonToken::number) continue;
    static_cast<void>(bool(json.number().as_integer()));
    static_cast<void>(bool(json.number().as_double()));
  }
  fuzz::expect(json.offset() <= text.size(), "it goes too far");
  JsonReader skipping(text, limits);
  skipping.next();
  skipping.skip();
  fuzz::expect(!tokens || skipping.next() == JsonToken::end, "one value is all there is");
  return 0;
}
