// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <bobbin/log_value.hpp>

namespace bobbin {

// How an integer is written as text. In JSON it is a number whatever is said here.
struct LogLayout {
  std::uint8_t width = 0;  // at least so many characters, at most 20
  bool zeroes = false;     // in front, in place of spaces
  bool hexadecimal = false;
};

// A piece of a format: text as it stands, or a place for a value.
struct LogPiece {
  enum class Kind : std::uint8_t { text, value, silent_value, malformed };

  Kind kind = Kind::text;
  LogLayout layout{};
  std::string_view text;  // of a value: its name

  constexpr bool is_value() const { return kind == Kind::value || kind == Kind::silent_value; }
};

// Takes a format apart from left to right:
//
//   format := ( text | "{{" | "}}" | "{" name [ ":" layout ] "}" )*
//   layout := "-"                     the value is a field of the event, but not of the text
//           | [ "0" ] [ width ] [ "x" ]
class LogScanner {
 public:
  constexpr explicit LogScanner(std::string_view format) : rest_(format) {}

  // False at the end.
  constexpr bool next(LogPiece& piece) {
    if (rest_.empty()) return false;
    const char first = rest_.front();
    const bool brace = first == '{' || first == '}';
    if (brace && rest_.size() > 1 && rest_[1] == first) {
      rest_.remove_prefix(1);
      piece = {.text = front(rest_, 1)};
    } else if (brace) {
      take_value(piece);
    } else {
      piece = {.text = front(rest_, rest_.find_first_of("{}"))};
    }
    return true;
  }

 private:
  // Takes so many characters off `text`, all if there are fewer. Not `substr`, which brings along
  // what throws.
  static constexpr std::string_view front(std::string_view& text, std::size_t count) {
    const std::string_view taken(text.data(), count < text.size() ? count : text.size());
    text.remove_prefix(taken.size());
    return taken;
  }

  constexpr void take_value(LogPiece& piece) {
    const std::size_t end = rest_.find_first_of("{}", 1);
    piece = {.kind = LogPiece::Kind::malformed, .text = rest_};
    if (rest_.front() == '}' || end == std::string_view::npos || rest_[end] == '{') {
      rest_ = {};
      return;
    }
    std::string_view body = front(rest_, end);
    rest_.remove_prefix(1);
    body.remove_prefix(1);
    piece.kind = LogPiece::Kind::value;
    piece.text = front(body, body.find(':'));
    if (take(body, ':')) take_layout(body, piece);
  }

  static constexpr void take_layout(std::string_view text, LogPiece& piece) {
    if (text == "-") {
      piece.kind = LogPiece::Kind::silent_value;
      return;
    }
    LogLayout& layout = piece.layout;
    const bool empty = text.empty();
    unsigned width = 0;
    layout.zeroes = take(text, '0');
    while (!text.empty() && text[0] >= '0' && text[0] <= '9' && width <= width_max) {
      width = width * 10 + static_cast<unsigned>(text[0] - '0');
      text.remove_prefix(1);
    }
    layout.width = static_cast<std::uint8_t>(width);
    layout.hexadecimal = take(text, 'x');
    if (empty || !text.empty() || width > width_max) piece.kind = LogPiece::Kind::malformed;
  }

  static constexpr bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
  }

  static constexpr unsigned width_max = 20;

  std::string_view rest_;
};

// What a compiler names when a format is wrong.
void bobbin_log_format_has_a_control_character();
void bobbin_log_format_has_a_brace_without_its_other_or_a_layout_unheard_of();
void bobbin_log_format_has_a_name_that_is_none();
void bobbin_log_format_has_a_name_of_the_events_own();
void bobbin_log_format_has_a_name_twice();
void bobbin_log_format_has_more_names_than_values();
void bobbin_log_format_has_fewer_names_than_values();
void bobbin_log_format_has_a_layout_for_integers_on_something_else();

// The format of an event with values of these types. Only a constant is one, and only if it has a
// name for each value: anything else does not compile.
//
// Names are lower-case identifiers, each only once; those that begin with "log_" are the event's
// own. Control characters have no place in a format: an event is one line.
template <class... Values>
class LogFormat {
 public:
  template <std::size_t size>
  consteval LogFormat(const char (&text)[size])  // NOLINT(google-explicit-constructor)
      : text_(text, size - 1) {
    check_characters();
    check_values();
  }

  constexpr std::string_view text() const { return text_; }

 private:
  consteval void check_characters() const {
    for (const char c : text_) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
        bobbin_log_format_has_a_control_character();
    }
  }

  consteval void check_values() const {
    constexpr bool integers[] = {is_integer<Values>()..., false};
    LogScanner scanner(text_);
    LogPiece piece;
    std::size_t count = 0;
    while (scanner.next(piece)) {
      if (piece.kind == LogPiece::Kind::malformed)
        bobbin_log_format_has_a_brace_without_its_other_or_a_layout_unheard_of();
      if (!piece.is_value()) continue;
      check_name(piece.text);
      if (count == sizeof...(Values)) bobbin_log_format_has_more_names_than_values();
      const LogLayout& layout = piece.layout;
      const bool laid_out = layout.width > 0 || layout.zeroes || layout.hexadecimal;
      if (laid_out && !integers[count])
        bobbin_log_format_has_a_layout_for_integers_on_something_else();
      ++count;
    }
    if (count < sizeof...(Values)) bobbin_log_format_has_fewer_names_than_values();
  }

  consteval void check_name(std::string_view name) const {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9'))
      bobbin_log_format_has_a_name_that_is_none();
    for (const char c : name) {
      const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      if (!fits) bobbin_log_format_has_a_name_that_is_none();
    }
    if (name.starts_with("log_")) bobbin_log_format_has_a_name_of_the_events_own();
    LogScanner scanner(text_);
    LogPiece piece;
    int count = 0;
    while (scanner.next(piece)) count += piece.is_value() && piece.text == name;
    if (count > 1) bobbin_log_format_has_a_name_twice();
  }

  template <class T>
  static consteval bool is_integer() {
    if constexpr (LogLazy<T>) {
      return LogInteger<std::remove_cvref_t<std::invoke_result_t<const T&>>>;
    } else {
      return LogInteger<T>;
    }
  }

  std::string_view text_;
};

}  // namespace bobbin
