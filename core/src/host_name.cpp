// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/host_name.hpp>

#include <algorithm>

namespace bobbin {

namespace {

constexpr std::size_t label_max = 63;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_of_label(char c) {
  const char letter = lower(c);
  return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Whether all of it is labels with dots between them; the last one may be empty.
bool is_name(std::string_view text) {
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!is_of_label(c) || ++label > label_max) {
      return false;
    }
  }
  return !text.empty() && text.front() != '.';
}

}  // namespace

Result<HostName> HostName::parse(std::string_view text) {
  if (text.size() > size_max || !is_name(text)) return Errc::invalid_argument;
  HostName name;
  std::copy(text.begin(), text.end(), name.text_.begin());
  name.size_ = static_cast<std::uint8_t>(text.size());
  return name;
}

bool operator==(const HostName& a, const HostName& b) {
  return std::ranges::equal(a.view(), b.view(), {}, lower, lower);
}

}  // namespace bobbin
