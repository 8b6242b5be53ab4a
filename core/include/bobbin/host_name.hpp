// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/error.hpp>

namespace bobbin {

// The name of a host, "example.com", held in place: a plain value. Not looked up; see Resolver.
class HostName {
 public:
  static constexpr std::size_t size_max = 253;  // RFC 1035, section 2.3.4

  // The empty name, which is none.
  constexpr HostName() = default;

  // Labels of 1 to 63 letters, digits, hyphens and underscores, with dots between them; a dot at
  // the end may say that the name is complete, and counts. Errors: invalid_argument.
  static Result<HostName> parse(std::string_view text);

  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {text_.data(), size_}; }
  // With a zero byte at its end.
  const char* c_str() const { return text_.data(); }

  // Case does not tell names apart.
  friend bool operator==(const HostName& a, const HostName& b);

 private:
  std::uint8_t size_ = 0;
  std::array<char, size_max + 2> text_{};
};

}  // namespace bobbin
