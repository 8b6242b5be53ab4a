// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <cstring>

#include <bobbin/assert.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

void Transport::pause_producing() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (input_ != Input::flowing) return;
  input_ = Input::paused;
  // It was being read to its end, which now may never come: the step that writes says what it is.
  if (channel_ != nullptr && channel_->broken()) reactor().mark_writable(*this);
}

void Transport::resume_producing() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (input_ != Input::paused) return;
  input_ = Input::flowing;
  if (state_ != State::open) return;
  if (left_over()) left_ = Left::again;
  if (left_ == Left::again) reactor().mark_writable(*this);
  if (readable_ || ended_) reactor().mark_readable(*this);
}

// Copies what the channel has behind what the buffer holds; false if that was nothing.
inline bool Transport::fill() {
  const MutableBytes space = buffer_.space();
  if (space.empty()) return false;
  const Channel::ReadResult result = channel_->read(space);
  buffer_.add(result.bytes);
  if (result.status != Channel::ReadResult::Status::more) readable_ = false;
  if (result.bytes == 0) end_reading(result.status, result.error);
  return result.bytes > 0;
}

// What the protocol is to see next; empty if there is nothing, or nothing but what it refused.
//
// From a channel that holds received bytes itself they are offered where they lie. Only when they
// were refused and more lies behind them, elsewhere, are they copied to be contiguous.
inline Bytes Transport::next_offer(bool news) {
  if (channel_->lends() && buffer_.empty()) {
    const Channel::Lent lent = channel_->lend();
    const bool in_one_piece = lent.total == lent.first.size();
    if (lent.total > 0) {
      // If that is all there is nothing to come back for, but for how it ended.
      readable_ = !in_one_piece || lent.ended || channel_->broken();
      if (!left_over()) return lent.first;
      ended_ = lent.ended;
      if (in_one_piece) return news ? lent.first : Bytes();
    }
  }
  const bool grown = readable_ && fill();
  if (state_ == State::lost) return {};
  return left_over() && !grown ? Bytes() : buffer_.bytes();
}

inline void Transport::note_left(std::size_t used, std::size_t offered) {
  left_ = used == offered ? Left::nothing : Left::again;
  if (used == 0) left_ = offered >= limits().receive ? Left::stuck : Left::refused;
}

// What lies behind the offer was never received: without the assertion it would be taken from
// there.
inline std::size_t Transport::offer_to_protocol(Bytes offer) {
  const std::size_t used = protocol_->data_received(offer);
  BOBBIN_ASSERT(used <= offer.size());
  const std::size_t counted = std::min(used, offer.size());
  reactor().statistics_.bytes_received += counted;
  reactor().event_is_over();
  return counted;
}

inline void Transport::use(std::size_t count, std::size_t offered) {
  note_left(count, offered);
  if (!buffer_.empty()) buffer_.drop(count);
  if (channel_->lends() && count > 0) channel_->used(count);
}

// What a socket has usually goes no further than into one place of the reactor's, which stays in
// the cache, and from there to the protocol. Only what that leaves comes into the receive buffer.
inline void Transport::pass_on(MutableBytes place) {
  std::size_t offered = 0;
  do {
    const Channel::ReadResult result = channel_->read(place);
    if (result.status != Channel::ReadResult::Status::more) readable_ = false;
    if (result.bytes == 0) {
      end_reading(result.status, result.error);
      break;
    }
    const std::size_t used = offer_to_protocol(place.first(result.bytes));
    if (used != result.bytes) keep(place.first(result.bytes), used);
    if (!may_be_more()) return;
    offered += result.bytes;
  } while (buffer_.empty() && readable_ && reading() && offered < reactor().budget().bytes);
  receive(false, offered);
}

void Transport::do_read() {
  readable_ = true;
  if (state_ == State::connecting) return finish_connecting();
  note_activity();
  if constexpr (config::shared_input) {
    const MutableBytes place = reactor().input_place_;
    if (buffer_.empty() && buffer_.capacity() <= place.size() && reading() && !channel_->lends())
      return pass_on(place.first(buffer_.capacity()));
  }
  receive(true);
}

// Offers input until there is no more, the protocol does not want any, or the turn's budget for one
// connection is used up. `news`: the port has marked us, so there is more than there was.
void Transport::receive(bool news, std::size_t offered) {
  // What was refused costs no more: the next round finds out what becomes of it.
  while (reading() && (left_over() || offered < reactor().budget().bytes)) {
    const Bytes offer = next_offer(news);
    if (offer.empty()) return end_of_offers();
    const std::size_t used = offer_to_protocol(offer);
    if (channel_ == nullptr) return;
    use(used, offer.size());
    if (!may_be_more()) return;
    news = false;
    offered += used > 0 ? offer.size() : 0;
  }
  if (!reading()) return;
  if (left_ == Left::again) reactor().mark_writable(*this);
  if (readable_ || ended_) reactor().mark_readable(*this);
}

// The protocol left some of what was read for it into a place that is not this connection's.
void Transport::keep(Bytes offer, std::size_t used) {
  if (channel_ == nullptr) return;
  const Bytes rest = offer.subspan(used);
  std::memcpy(buffer_.space().data(), rest.data(), rest.size());
  buffer_.add(rest.size());
  note_left(used, offer.size());
}

void Transport::end_reading(Channel::ReadResult::Status how, Error error) {
  if (how == Channel::ReadResult::Status::ended) ended_ = true;
  if (how != Channel::ReadResult::Status::failed) return;
  channel_->abort();
  lose(error);
}

// Nothing more to offer for now. Three ways to go on from here: more arrives, the ring drains, the
// protocol resumes. If none of them can happen, the connection ends.
void Transport::end_of_offers() {
  if (state_ == State::lost) return;
  const bool may_drain = left_over() && !ring_.empty();
  if (may_drain) {
    // A broken connection will not drain: the next step says so.
    if (channel_->broken()) reactor().mark_writable(*this);
    return;
  }
  if (ended_) return end_of_input();
  if (left_ != Left::stuck) return;
  channel_->abort();
  lose(Errc::message_too_long);
}

void Transport::end_of_input() {
  input_ = Input::over;
  protocol_->read_connection_lost();
  // Our side may have ended before: then nothing is left to wait for.
  if (state_ == State::open && output_ == Output::shut) reactor().mark_writable(*this);
}

}  // namespace bobbin
