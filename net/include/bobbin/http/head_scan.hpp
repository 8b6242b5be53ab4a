// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bobbin::http {

// Finds where a head ends: behind its first empty line, but for one in front of all others. Every
// line ends with CRLF, and the first begins with a character of a token; what does not is
// malformed. It keeps no bytes, and what it has looked at once it does not look at again.
class HeadScan {
 public:
  enum class End : std::uint8_t { missing, found, malformed };

  // `text` begins where the head does, and is what there is of it by now: at most 65,535
  // characters.
  End find(std::string_view text);

  // Of a head whose end was found, with its empty line.
  std::size_t size() const { return scanned_; }

  // Not even the first line has come to an end.
  bool is_in_first_line() const { return line_ <= 2; }

 private:
  std::uint16_t scanned_ = 0;
  std::uint16_t line_ = 0;  // where the line begins that was looked at last
  bool ended_ = false;
};

}  // namespace bobbin::http
