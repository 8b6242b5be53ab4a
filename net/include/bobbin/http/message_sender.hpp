// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin::http {

// The sending half of a connection: what servers and clients have in common. It writes content as
// its head has said that it is framed, and sees whether the peer takes what it is sent.
class MessageSender {
 public:
  enum class Framing : std::uint8_t { nothing, counted, chunked, to_the_end };

  // Beside a head so much room is needed that what is at the end always fits.
  static std::size_t room_needed(Framing framing);

  // `protocol` is whose transport it writes to, and outlives this.
  explicit MessageSender(const Protocol& protocol) : protocol_(protocol) {}

  // Its connection is new.
  void restart() { written_ = 0; }

  // For what there is room for: the head, and what is not content.
  void send(Bytes bytes);
  void send(std::string_view text) { send(bytes_of(text)); }

  // A message's content begins; `length` counts if it is `counted`.
  void begin(Framing framing, std::uint64_t length);
  Framing framing() const { return framing_; }

  // How much `write` would take, and how much when all that was written is sent. What is framed as
  // nothing is taken without end, and not sent.
  std::size_t room() const { return room_in(transport().room()); }
  std::size_t capacity() const { return room_in(transport().room() + transport().unsent()); }
  // Takes as much as there is room for and says how much that was.
  std::size_t write(Bytes content);
  // `size` bytes for which there is room: `write(send)` calls `send(std::string_view)` with one
  // piece of them after the other. True.
  template <class Write>
  bool write_whole(std::size_t size, Write write);
  // The content is whole. False, and nothing is sent, if it is shorter than was said.
  bool finish();

  // Whether, since this was asked or told last, nothing was taken of what waits; what waits never
  // was taken if nobody asked before.
  bool stands_still() const { return transport().unsent() > 0 && sent() == seen_; }
  void look() { seen_ = sent(); }
  void forget() { seen_ = nothing_known; }

 private:
  // Of what was sent: nobody has looked yet.
  static constexpr std::size_t nothing_known = SIZE_MAX;

  std::size_t room_in(std::size_t room) const;
  void begin_piece(std::size_t size);
  void end_piece(std::size_t size);
  Transport& transport() const { return protocol_.transport(); }
  std::size_t sent() const { return written_ - transport().unsent(); }

  const Protocol& protocol_;
  std::uint64_t left_ = 0;   // of a message of known length
  std::size_t written_ = 0;  // to the transport, ever; may wrap around
  std::size_t seen_ = 0;     // of that sent, when somebody looked last
  Framing framing_ = Framing::nothing;
};

template <class Write>
bool MessageSender::write_whole(std::size_t size, Write write) {
  if (size == 0 || framing_ == Framing::nothing) return true;
  begin_piece(size);
  write([this](std::string_view piece) { send(piece); });
  end_piece(size);
  return true;
}

}  // namespace bobbin::http
