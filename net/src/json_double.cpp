// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>

#include <bobbin/net/json.hpp>

namespace bobbin {

// Apart, as it is large in firmware: only who calls it links it.
Result<double> JsonNumber::as_double() const {
  double number = 0;
  const char* const end = text_.data() + text_.size();
  const std::from_chars_result result = std::from_chars(text_.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return Errc::invalid_argument;
  return number;
}

}  // namespace bobbin
