// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace bobbin::http {

// Time as people tell it, in whole seconds since 1970. A reactor's clock knows nothing of it.
using WallTime = std::chrono::sys_seconds;

inline constexpr std::size_t date_size = 29;

// A date as HTTP writes it (RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Empty for years that
// have not four digits.
std::string_view write_date(WallTime time, std::span<char, date_size> place);

// What a date says in any of the three forms that recipients must take; none if it is in none of
// them, or there is no such day. What day of the week it claims to be is not looked at. In a form
// that is obsolete years have two digits: then it is the last such year that is not more than 50
// after `now`; without that, one from 1970 to 2069.
std::optional<WallTime> parse_date(std::string_view text, std::optional<WallTime> now = {});

// The field Date, written anew when the second has changed. For `Responder::date`:
//
//   std::string_view date() override { return clock.text(); }
class DateClock {
 public:
  // What time it is, if that is known. A board may learn it later.
  using Now = std::optional<WallTime> (*)();

  explicit DateClock(Now now) : now_(now) {}

  // Stays for as long as this, and as it is until it is called again.
  std::string_view text();

 private:
  Now now_;
  std::optional<WallTime> written_;
  std::array<char, date_size> place_{};
};

}  // namespace bobbin::http
