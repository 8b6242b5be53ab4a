// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>

#include <bobbin/bobbin.hpp>

// A conversation, written down in the order in which it takes place. What would otherwise be a
// state machine - who was asked what, and how often - are the variables of a coroutine.
//
//   What is your name? Ada
//   Ada, 3 x 4? 12
//   Right.
//   Ada, 4 x 5? 21
//   No, 20.
//   ...
//   2 of 3, goodbye.
namespace quiz {

using bobbin::Bytes;
using bobbin::Error;
using bobbin::Frame;
using bobbin::Result;
using bobbin::Stream;
using bobbin::Task;
using namespace std::chrono_literals;

constexpr int questions = 3;
constexpr auto patience = 20s;
constexpr std::size_t frame_bytes = 528;

// Text put together in place: what does not fit is left out.
template <std::size_t size>
class Text {
 public:
  Text& operator<<(std::string_view text) {
    const std::size_t count = std::min(text.size(), size - length_);
    std::copy_n(text.begin(), count, text_.begin() + length_);
    length_ += count;
    return *this;
  }
  Text& operator<<(int number) {
    std::array<char, 12> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
    return *this << std::string_view(digits.begin(), end);
  }
  void clear() { length_ = 0; }
  operator std::string_view() const { return {text_.data(), length_}; }

 private:
  std::array<char, size> text_;
  std::size_t length_ = 0;
};

inline std::string_view without_line_end(Bytes line) {
  const std::string_view text = bobbin::text_of(line);
  return text.substr(0, text.find_first_of("\r\n"));
}

inline bool says(std::string_view answer, int number) {
  int value = 0;
  const auto [end, problem] = std::from_chars(answer.begin(), answer.end(), value);
  return problem == std::errc() && end == answer.end() && value == number;
}

// Whoever says nothing for too long, or goes away, ends the conversation wherever it is.
inline Task<Error> converse(Frame<frame_bytes>&, bobbin::Clock& clock, Stream& stream) {
  if (Error error = co_await stream.write("What is your name? ")) co_return error;
  Result<Bytes> answer = co_await within(clock, patience, stream.read_until("\n"));
  if (!answer) co_return answer.error();
  Text<20> name;
  name << without_line_end(*answer);
  Text<40> line;
  int right = 0;
  for (int i = 0; i < questions; ++i) {
    const int product = (i + 3) * (i + 4);
    line << name << ", " << i + 3 << " x " << i + 4 << "? ";
    if (Error error = co_await stream.write(line)) co_return error;
    line.clear();
    answer = co_await within(clock, patience, stream.read_until("\n"));
    if (!answer) co_return answer.error();
    if (says(without_line_end(*answer), product)) {
      ++right;
      line << "Right.\n";
    } else {
      line << "No, " << product << ".\n";
    }
  }
  line << right << " of " << questions << ", goodbye.\n";
  co_return co_await stream.write(line);
}

}  // namespace quiz
