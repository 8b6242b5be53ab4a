// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/amp/box.hpp>

#include <algorithm>

namespace bobbin::amp {

namespace {

constexpr std::size_t length_size = 2;

// The length at the front of `data`, which has it.
std::size_t length_at(Bytes data) {
  return std::to_integer<std::size_t>(data[0]) << 8 | std::to_integer<std::size_t>(data[1]);
}

// Takes a string off the front of `pairs`, which has one.
Bytes take_string(Bytes& pairs) {
  const std::size_t length = length_at(pairs);
  const Bytes string = pairs.subspan(length_size, length);
  pairs = pairs.subspan(length_size + length);
  return string;
}

}  // namespace

std::optional<Bytes> Box::find(std::string_view key) const {
  std::optional<Bytes> found;
  for (Bytes rest = pairs_; !rest.empty();) {
    const bool same = text_of(take_string(rest)) == key;
    const Bytes value = take_string(rest);
    if (same) found = value;
  }
  return found;
}

Decoded BoxDecoder::find(Bytes data) {
  while (data.size() - looked_ >= length_size) {
    const std::size_t length = length_at(data.subspan(looked_));
    const bool at_end = !value_is_next_ && length == 0;
    if (at_end && looked_ == 0) return {.kind = Decoded::Kind::malformed};
    if (!value_is_next_ && length > key_max) return {.kind = Decoded::Kind::malformed};
    const std::size_t next = looked_ + length_size + length;
    if (next + (at_end ? 0 : length_size) > size_max_) return {.kind = Decoded::Kind::too_long};
    if (data.size() < next) return {};
    if (at_end) {
      return {.kind = Decoded::Kind::whole, .size = next, .message = data.first(looked_)};
    }
    looked_ = next;
    value_is_next_ = !value_is_next_;
  }
  return {};
}

void BoxDecoder::take() { looked_ = 0; }

void BoxSink::put_length(std::size_t length) {
  if (length > value_max) refused_ = true;
  const std::array<std::byte, length_size> bytes{static_cast<std::byte>(length >> 8 & 0xff),
                                                 static_cast<std::byte>(length & 0xff)};
  put(Bytes(bytes));
}

void BoxSink::put_key(std::string_view key) {
  if (key.empty() || key.size() > key_max) refused_ = true;
  put_length(key.size());
  put(key);
}

void BoxSink::put_pair(std::string_view key, Bytes value) {
  put_key(key);
  put_length(value.size());
  put(value);
}

void BoxBuffer::put(Bytes bytes) {
  if (bytes.size() > space_.size() - size_) overflowed_ = true;
  if (overflowed_) return;
  std::copy(bytes.begin(), bytes.end(), space_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

}  // namespace bobbin::amp
