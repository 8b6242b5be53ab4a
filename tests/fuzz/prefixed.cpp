// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "fuzz.hpp"

namespace {

using bobbin::PrefixWidth;

constexpr bobbin::PrefixedFormat formats[] = {
    {.width = PrefixWidth::int8, .length_max = 255},
    {.width = PrefixWidth::int8, .length_max = 7},
    {.width = PrefixWidth::int16, .length_max = 300},
    {.width = PrefixWidth::int16, .length_max = 0},
    {.width = PrefixWidth::int32, .length_max = 300},
    {.width = PrefixWidth::int32, .length_max = 3},
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bobbin::fuzz::Input input(data, size);
  const bobbin::PrefixedFormat& format = formats[input.format % std::size(formats)];
  check(bobbin::PrefixedDecoder(format), input, bobbin::test::strings_in(input.stream, format));
  return 0;
}
