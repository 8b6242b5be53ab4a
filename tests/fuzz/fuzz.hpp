// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "support/framings.hpp"

// What the fuzzers have in common. An input is one byte that picks the format, one that says how
// the stream is cut, and the stream. What is found must not depend on the cuts, and must be what is
// right.
namespace bobbin::fuzz {

struct Input {
  Input(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return;
    format = data[0];
    cut = data[1];
    stream = {reinterpret_cast<const char*>(data) + 2, size - 2};
  }

  // Pieces of the same length, or of lengths that change from one to the next.
  std::vector<std::size_t> cuts() const {
    std::vector<std::size_t> places;
    unsigned state = cut;
    for (std::size_t at = 0;;) {
      if (cut % 2 == 1) state = (state * 75 + 74) % 65537;
      at += 1 + (cut % 2 == 1 ? state : cut / 2U) % 64;
      if (at >= stream.size()) return places;
      places.push_back(at);
    }
  }

  std::uint8_t format = 0;
  std::uint8_t cut = 0;
  std::string_view stream;
};

inline void expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

template <class Decoder>
void check(Decoder decoder, const Input& input, const test::Found& right) {
  expect(test::found_in(decoder, input.stream, {}) == right, "what is found is wrong");
  expect(test::found_in(decoder, input.stream, input.cuts()) == right,
         "the cuts make a difference");
}

}  // namespace bobbin::fuzz

// libFuzzer's entry; without it, main in replay.cpp calls it for each file it is given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
