// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

// A part of a message.
struct Part {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// A message that goes one way over a connection again and again.
class Message {
 public:
  // From each place in it at least `in_a_row` characters can be read. What is in `varying` may
  // change from one message to the next: the time.
  Message(std::string_view text, std::size_t in_a_row, Part varying = {});

  std::size_t size() const { return size_; }

  // What begins so many characters into the message.
  const char* from(std::size_t place) const { return repeated_.data() + place; }

  // Whether `text` is what begins there. The part that varies is then expected to stay as it came.
  bool goes_on(std::size_t place, std::string_view text);

 private:
  bool goes_on_but_for_varying(std::size_t place, std::string_view text) const;
  void vary(std::string_view value);

  std::size_t size_;
  Part varying_;
  std::string repeated_;
};

}  // namespace bench
