// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>

#include <bobbin/amp/values.hpp>

namespace bobbin::amp::detail {

// Apart, as in firmware they take the C library's heap along: only whose commands have such values
// links them. The shortest text that is read back as the same number, as Python's.
void put_double(BoxSink& sink, double number) {
  std::array<char, Value<double>::size_max> digits;
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  sink.put(std::string_view(digits.begin(), end));
}

bool get_double(Bytes bytes, double& number) {
  const std::string_view text = text_of(bytes);
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace bobbin::amp::detail
