// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/log_format.hpp>

namespace bobbin {

// A line that is written piece by piece into fixed space, and cut where it may be if it does not
// fit: a piece is there as a whole or not at all, and nothing follows one that did not fit.
class LogLine {
 public:
  enum class Cut : std::uint8_t { after_any_piece, where_told };
  struct Ends {
    std::string_view cut;  // of a line that was cut, before its end
    std::string_view end;  // of every line
  };

  // `space` has room for both ends.
  LogLine(std::span<char> space, Cut cut, Ends ends)
      : space_(space), ends_(ends), limit_(space.size() - ends.end.size()), cut_(cut) {}

  void append(std::string_view piece);
  void append(char piece) { append(std::string_view(&piece, 1)); }

  struct Number {
    std::uint64_t magnitude = 0;
    bool negative = false;
    unsigned places = 0;  // behind the point
    LogLayout layout{};
  };
  void append(const Number& number);

  // From here on the line may be cut here.
  void allow_cut() {
    if (!was_cut_ && size_ + ends_.cut.size() <= limit_) kept_ = size_;
  }

  bool was_cut() const { return was_cut_; }

  std::string_view finish();

 private:
  void copy(std::string_view piece);

  std::span<char> space_;
  Ends ends_;
  std::size_t limit_;
  std::size_t size_ = 0;
  std::size_t kept_ = 0;  // if it must be cut
  Cut cut_;
  bool was_cut_ = false;
};

}  // namespace bobbin
