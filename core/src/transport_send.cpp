// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>

#include <bobbin/assert.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

std::size_t Transport::write(Bytes bytes) {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (!writing()) return 0;
  const std::size_t taken = ring_.append(bytes, limits().control);
  written();
  return taken;
}

bool Transport::write_all(Bytes bytes) { return append_all(bytes, limits().control); }

bool Transport::write_sequence(std::initializer_list<Bytes> pieces) {
  BOBBIN_ASSERT_CONTEXT(reactor());
  std::size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  if (!writing() || room() < size) return false;
  for (const Bytes piece : pieces) ring_.append(piece, limits().control);
  written();
  return true;
}

bool Transport::write_control(Bytes bytes) { return append_all(bytes, 0); }

bool Transport::append_all(Bytes bytes, std::size_t keep_free) {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (!writing() || ring_.room() < bytes.size() + keep_free) return false;
  ring_.append(bytes, keep_free);
  written();
  return true;
}

MutableBytes Transport::reserve() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  return writing() ? ring_.reserve(limits().control) : MutableBytes();
}

void Transport::commit(std::size_t count) {
  BOBBIN_ASSERT_CONTEXT(reactor());
  BOBBIN_ASSERT(writing() || count == 0);
  if (!writing()) return;
  ring_.commit(count);
  written();
}

std::size_t Transport::room() const {
  check_context();
  if (!writing()) return 0;
  const std::size_t control = limits().control;
  return ring_.room() > control ? ring_.room() - control : 0;
}

// Nothing is sent from here: the writes of one turn leave together in its last step.
void Transport::written() {
  if (!blocked_ && ring_.unsent() > 0) reactor().mark_writable(*this);
  if (producing_ == Producing::push && ring_.size() >= limits().high_water) pause_producer();
}

void Transport::lose_connection() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (state_ != State::open) return;
  state_ = State::closing;
  reactor().mark_writable(*this);
}

void Transport::lose_write_connection() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (!writing()) return;
  output_ = Output::shutting;
  reactor().mark_writable(*this);
}

inline void Transport::hand_over() {
  if (channel_->broken()) {
    // It is read to its end first, if anybody reads, and that end tells the same.
    if (readable_ && reading() && !left_over()) return;
  } else if (ring_.empty()) {
    return;
  }
  const Channel::WriteResult result = channel_->write(ring_.unsent_spans());
  ring_.hand_over(result.handed);
  ring_.release(result.released);
  reactor().statistics_.bytes_sent += result.released;
  if (result.released > 0) note_activity();
  blocked_ = ring_.unsent() > 0;
  if (result.error) fail_after_reading(result.error);
}

inline void Transport::follow_up() {
  if (state_ == State::lost) return;
  if (ring_.size() <= limits().low_water) drained();
  if (left_ == Left::again && reading()) receive(false);
  finish_writing();
}

// The step of a turn that writes: hand over what there is, tell those who waited for room, and
// finish what only waited for the last byte.
inline void Transport::flush() {
  hand_over();
  if (!quiet()) follow_up();
}

void Transport::do_write() {
  switch (state_) {
    case State::open:
    case State::closing: return flush();
    case State::connecting: return finish_connecting();
    case State::lost: return deliver_loss();
    case State::over: return;
  }
}

// A write may find the connection broken before the port has heard of it. What the peer sent before
// is still there.
void Transport::fail_after_reading(Error reason) {
  if (reading()) {
    readable_ = true;
    receive(true);
  }
  if (state_ == State::lost) return;
  channel_->abort();
  lose(reason);
}

// Room was made, or there was room all along and somebody new asks for it.
void Transport::drained() {
  if (left_over()) left_ = Left::again;
  if (producing_ == Producing::push_paused) {
    producing_ = Producing::push;
    ++reactor().statistics_.resumes;
    producer_->resume_producing();
  } else if (producing_ == Producing::pull && writing()) {
    producer_->resume_producing();
  }
}

void Transport::finish_writing() {
  if (channel_ == nullptr || !ring_.empty()) return;
  if (output_ == Output::shutting) shut_down_writing();
  if (channel_ == nullptr || producing_ != Producing::none) return;
  const bool both_ended = output_ == Output::shut && input_ == Input::over;
  if (state_ == State::closing || both_ended) close();
}

void Transport::shut_down_writing() {
  output_ = Output::shut;
  channel_->shut_down_writing();
  dismiss_producer();
}

void Transport::close() {
  channel_->close();
  lose(Errc::connection_done);
}

Error Transport::register_producer(PushProducer& producer) {
  if (Error error = register_producer(producer, Producing::push)) return error;
  if (ring_.size() >= limits().high_water) pause_producer();
  return {};
}

Error Transport::register_producer(PullProducer& producer) {
  if (Error error = register_producer(producer, Producing::pull)) return error;
  reactor().mark_writable(*this);
  return {};
}

Error Transport::register_producer(Producer& producer, Producing how) {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (producing_ != Producing::none) return Errc::already_registered;
  if (!writing()) return Errc::connection_lost;
  producer_ = &producer;
  producing_ = how;
  return {};
}

Error Transport::register_producer(Transport& producer) {
  if (producer.consumer_ != nullptr) return Errc::already_registered;
  if (Error error = register_producer(static_cast<PushProducer&>(producer))) return error;
  produced_by_transport_ = true;
  producer.consumer_ = this;
  return {};
}

void Transport::dismiss_producer() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  Producer* const producer = producer_;
  if (producer == nullptr) return;
  unregister_producer();
  producer->stop_producing();
}

void Transport::unregister_producer() {
  BOBBIN_ASSERT_CONTEXT(reactor());
  if (produced_by_transport_) {
    static_cast<Transport*>(static_cast<PushProducer*>(producer_))->consumer_ = nullptr;
  }
  produced_by_transport_ = false;
  producer_ = nullptr;
  producing_ = Producing::none;
  if (state_ == State::closing || output_ == Output::shutting) reactor().mark_writable(*this);
}

void Transport::pause_producer() {
  producing_ = Producing::push_paused;
  ++reactor().statistics_.pauses;
  static_cast<PushProducer*>(producer_)->pause_producing();
}

}  // namespace bobbin
