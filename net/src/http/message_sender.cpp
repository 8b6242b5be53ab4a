// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/message_sender.hpp>

#include <algorithm>
#include <limits>

#include <bobbin/assert.hpp>

#include "digits.hpp"

namespace bobbin::http {

namespace {

constexpr std::string_view last_chunk = "0\r\n\r\n";
// A size of eight digits and two line ends, and the last chunk, for which there is always room.
constexpr std::size_t chunk_digits = 8;
constexpr std::size_t chunk_framing = chunk_digits + 4 + last_chunk.size();

}  // namespace

std::size_t MessageSender::room_needed(Framing framing) {
  return framing == Framing::chunked ? chunk_framing : 0;
}

void MessageSender::send(Bytes bytes) {
  const std::size_t taken = transport().write(bytes);
  BOBBIN_ASSERT(taken == bytes.size());
  written_ += taken;
}

void MessageSender::begin(Framing framing, std::uint64_t length) {
  framing_ = framing;
  left_ = length;
}

std::size_t MessageSender::room_in(std::size_t room) const {
  switch (framing_) {
    case Framing::nothing: return std::numeric_limits<std::size_t>::max();
    case Framing::counted: return static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
    case Framing::chunked: return room > chunk_framing ? room - chunk_framing : 0;
    case Framing::to_the_end: return room;
  }
  return 0;
}

std::size_t MessageSender::write(Bytes content) {
  const Bytes taken = content.first(std::min(content.size(), room()));
  write_whole(taken.size(), [taken](auto send) { send(text_of(taken)); });
  return taken.size();
}

void MessageSender::begin_piece(std::size_t size) {
  if (framing_ != Framing::chunked) return;
  char digits[chunk_digits];
  const std::size_t count = write_hexadecimal(static_cast<std::uint32_t>(size), digits);
  send(std::string_view(digits + chunk_digits - count, count));
  send("\r\n");
}

void MessageSender::end_piece(std::size_t size) {
  if (framing_ == Framing::chunked) send("\r\n");
  if (framing_ == Framing::counted) left_ -= size;
}

bool MessageSender::finish() {
  if (framing_ == Framing::counted && left_ > 0) return false;
  if (framing_ == Framing::chunked) send(last_chunk);
  return true;
}

}  // namespace bobbin::http
