// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>
#include <limits>

#include <bobbin/net/json_writer.hpp>

// Apart from the rest of the writer: writing a double takes more flash than all of it.
namespace bobbin {

void JsonWriter::number(double value) {
  constexpr double largest = std::numeric_limits<double>::max();
  if (!(value >= -largest && value <= largest)) return null();
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  word({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace bobbin
