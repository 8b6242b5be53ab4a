// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "framings.hpp"

namespace bobbin::test {

// What is right of a stream of AMP's boxes, of which none may be longer than `size_max`. As what
// `found_in` gives for a BoxDecoder.
inline Found boxes_in(std::string_view stream, std::size_t size_max) {
  Found found;
  std::string_view rest = stream;
  bool is_value = false;
  while (rest.size() >= 2) {
    const std::size_t length =
        static_cast<unsigned char>(rest[0]) * 256U + static_cast<unsigned char>(rest[1]);
    const std::size_t before = stream.size() - rest.size();
    const bool at_end = !is_value && length == 0;
    if ((at_end && before == 0) || (!is_value && length > 255)) {
      return found.emplace_back("malformed"), found;
    }
    // Behind a key or a value there is at least a length more.
    if (before + 2 + length + (at_end ? 0 : 2) > size_max) {
      return found.emplace_back("too long 0"), found;
    }
    if (rest.size() < 2 + length) return found;
    rest.remove_prefix(2 + length);
    is_value = !at_end && !is_value;
    if (!at_end) continue;
    found.push_back("message " + std::string(stream.substr(0, before)));
    stream = rest;
  }
  return found;
}

}  // namespace bobbin::test
