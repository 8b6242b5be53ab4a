// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/http/body_decoder.hpp>
#include <bobbin/time.hpp>
#include <bobbin/transport.hpp>

namespace bobbin::http {

// The receiving half of a connection: what servers and clients have in common. It finds content as
// its head has said that it is framed, knows when it is whole, and sees whether the peer sends it.
class MessageReceiver {
 public:
  // What a peer has to send at least.
  struct Pace {
    std::uint32_t rate = 0;  // bytes a second
    Duration span{};         // that are looked at
  };

  // A message's content begins, of which more than `limit` bytes are too long.
  void begin(const BodyLength& length, std::uint64_t limit);

  // What is at the front of `data`.
  BodyDecoder::Found find(Bytes data) { return decoder_.find(data); }

  // The program used so much of a piece, which is taken off the front of `data`. False if that was
  // nothing.
  bool take(Bytes& data, Bytes piece, std::size_t used);

  // Whether the content is whole, on a connection that nobody has ended. The end has no bytes of
  // its own, so that nothing would be left to come after resuming: who has paused with the last
  // piece in hand is to hear of it all the same.
  bool is_whole(const Transport& transport) const {
    return decoder_.is_whole() && transport.connected();
  }

  // Whether the program did not use all of the content it was given.
  bool held_back() const { return held_back_; }

  // Whether, since this was asked or told last, less has come than it should. If the program takes
  // nothing it is the program that is slow.
  bool comes_too_slowly(const Transport& transport, const Pace& pace) const;
  void look() { came_ = 0; }

 private:
  [[no_unique_address]] BodyDecoder decoder_;  // the next lies in its last word
  bool held_back_ = false;
  std::size_t came_ = 0;  // since somebody looked last
};

}  // namespace bobbin::http
