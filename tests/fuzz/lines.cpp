// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "fuzz.hpp"

namespace {

constexpr bobbin::LineFormat formats[] = {
    {.delimiter = "\r\n", .length_max = 8},    {.delimiter = "\n", .length_max = 1},
    {.delimiter = "aab", .length_max = 5},     {.delimiter = "\r\n.\r\n", .length_max = 20},
    {.delimiter = "aaaaaaa", .length_max = 3},
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bobbin::fuzz::Input input(data, size);
  const bobbin::LineFormat& format = formats[input.format % std::size(formats)];
  check(bobbin::LineDecoder(format), input, bobbin::test::lines_in(input.stream, format));
  return 0;
}
