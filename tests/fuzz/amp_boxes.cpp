// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/amp/box.hpp>

#include "support/boxes.hpp"

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bobbin::fuzz::Input input(data, size);
  const std::size_t size_max = input.format == 0xff ? 70000 : input.format;
  check(bobbin::amp::BoxDecoder(size_max), input, bobbin::test::boxes_in(input.stream, size_max));
  return 0;
}
