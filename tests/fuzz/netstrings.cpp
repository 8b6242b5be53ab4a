// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bobbin::fuzz::Input input(data, size);
  check(bobbin::NetstringDecoder(input.format), input,
        bobbin::test::netstrings_in(input.stream, input.format));
  return 0;
}
