// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
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

// Offers input until there is no more, the protocol does not want any, or the turn's budget for one
// connection is used up. `news`: the port has marked us, so there is more than there was.
void Transport::receive(bool news) {
  std::size_t budget = reactor().budget().bytes;
  while (reading()) {
    const Bytes offer = next_offer(news);
    if (offer.empty()) return end_of_offers();
    const std::size_t used = protocol_->data_received(offer);
    reactor().statistics_.bytes_received += used;
    if (channel_ == nullptr) return;
    use(used, offer.size());
    if (!may_be_more()) return;
    news = false;
    // What was refused costs no more: the next round finds out what becomes of it.
    if (left_over()) continue;
    if (offer.size() >= budget) break;
    budget -= offer.size();
  }
  if (!reading()) return;
  if (left_ == Left::again) reactor().mark_writable(*this);
  if (readable_ || ended_) reactor().mark_readable(*this);
}

// What the protocol is to see next; empty if there is nothing, or nothing but what it refused.
Bytes Transport::next_offer(bool news) {
  if (buffer_.empty() && channel_->lends()) return lend(news);
  const bool grown = readable_ && fill();
  if (state_ == State::lost) return {};
  return left_over() && !grown ? Bytes() : buffer_.bytes();
}

// From a channel that holds received bytes itself they are offered where they lie. Only when they
// were refused and more lies behind them, elsewhere, are they copied to be contiguous.
Bytes Transport::lend(bool news) {
  const Channel::Lent lent = channel_->lend();
  if (lent.total == 0) {
    fill();
    return {};
  }
  if (!left_over()) return lent.first;
  ended_ = lent.ended;
  const bool in_one_piece = lent.total == lent.first.size();
  if (in_one_piece) return news ? lent.first : Bytes();
  fill();
  return buffer_.bytes();
}

// Copies what the channel has behind what the buffer holds; false if that was nothing.
bool Transport::fill() {
  const MutableBytes space = buffer_.space();
  if (space.empty()) return false;
  const Channel::ReadResult result = channel_->read(space);
  buffer_.add(result.bytes);
  switch (result.status) {
    case Channel::ReadResult::Status::more: break;
    case Channel::ReadResult::Status::drained: readable_ = false; break;
    case Channel::ReadResult::Status::ended:
      readable_ = false;
      ended_ = true;
      break;
    case Channel::ReadResult::Status::failed:
      channel_->abort();
      lose(result.error);
      break;
  }
  return result.bytes > 0;
}

void Transport::use(std::size_t count, std::size_t offered) {
  BOBBIN_ASSERT(count <= offered);
  left_ = count == offered ? Left::nothing : Left::again;
  if (count == 0) left_ = offered >= limits().receive ? Left::stuck : Left::refused;
  if (!buffer_.empty()) buffer_.drop(count);
  if (channel_->lends() && count > 0) channel_->used(count);
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
