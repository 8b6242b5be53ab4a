// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "message.hpp"

#include <cstring>

namespace bench {

Message::Message(std::string_view text, std::size_t in_a_row, Part varying)
    : size_(text.size()), varying_(varying) {
  while (repeated_.size() < in_a_row + size_) repeated_ += text;
}

bool Message::goes_on(std::size_t place, std::string_view text) {
  if (std::memcmp(from(place), text.data(), text.size()) == 0) return true;
  if (varying_.size == 0 || !goes_on_but_for_varying(place, text)) return false;
  // The last one that is whole.
  const std::size_t end = place + text.size();
  std::size_t begin = end / size_ * size_ + varying_.begin;
  if (begin + varying_.size > end && begin >= size_) begin -= size_;
  const bool is_whole = begin >= place && begin + varying_.size <= end;
  if (is_whole) vary(text.substr(begin - place, varying_.size));
  return true;
}

bool Message::goes_on_but_for_varying(std::size_t place, std::string_view text) const {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool varies = (place + i) % size_ - varying_.begin < varying_.size;
    if (varies ? text[i] < ' ' : text[i] != repeated_[place + i]) return false;
  }
  return true;
}

void Message::vary(std::string_view value) {
  for (std::size_t place = varying_.begin; place + value.size() <= repeated_.size();
       place += size_) {
    repeated_.replace(place, value.size(), value);
  }
}

}  // namespace bench
