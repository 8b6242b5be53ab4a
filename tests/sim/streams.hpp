// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

#include <bobbin/memory/simulation.hpp>

namespace bobbin::sim {

// One direction of a session as both its ends know it: how far it was written, and how far used at
// the other end, however many hosts lie between.
struct Stream {
  std::uint32_t number = 0;
  std::size_t written = 0;
  std::size_t used = 0;

  // Bytes that tell where in which stream they belong; the period is prime.
  std::byte at(std::size_t position) const {
    return static_cast<std::byte>((position + 17 * std::size_t{number}) % 251);
  }

  // The reader uses these: null, or what is wrong with them.
  const char* use(Bytes bytes) {
    if (used + bytes.size() > written) return "bytes were invented";
    for (const std::byte byte : bytes) {
      if (byte != at(used++)) return "a byte is not the one that was sent";
    }
    return nullptr;
  }
};

// Writes a stream to a transport: as a push producer, as a pull producer, or by the clock.
class Writer final : private PushProducer {
 public:
  enum class How { push, pull, clock };

  explicit Writer(SimulationBase& simulation) : simulation_(simulation), pull_(*this) {}

  struct Task {
    Transport* transport;
    Stream* stream;
    std::size_t length;  // until the stream is so long
    How how;
  };
  void start(const Task& task, std::function<void()> done) {
    task_ = task;
    done_ = std::move(done);
    switch (task.how) {
      case How::push: return start_pushing();
      case How::pull:
        state_ = State::pulling;
        if (task.transport->register_producer(pull_)) state_ = State::idle;
        return;
      case How::clock:
        state_ = State::ticking;
        write_some();
        if (left() == 0) return end_if_done();
        // There may be no timer. It keeps the place of the one it has.
        if (!wait()) start_pushing();
        return;
    }
  }

  // Writes no more. The connection is lost, or is to end early.
  void stop() {
    tick_.cancel();
    const bool registered = state_ != State::idle && state_ != State::ticking;
    state_ = State::idle;
    if (registered) task_.transport->unregister_producer();
  }

  bool idle() const { return state_ == State::idle; }

 private:
  class Pull final : public PullProducer {
   public:
    explicit Pull(Writer& writer) : writer_(writer) {}
    void resume_producing() override { writer_.pull(); }
    void stop_producing() override { writer_.stopped(); }

   private:
    Writer& writer_;
  };

  enum class State { idle, pushing, paused, pulling, ticking };

  void resume_producing() override {
    if (state_ != State::paused) simulation_.fail("a producer was resumed that was not paused");
    state_ = State::pushing;
    push();
  }
  void pause_producing() override {
    if (state_ != State::pushing) simulation_.fail("a producer was paused twice");
    state_ = State::paused;
  }
  void stop_producing() override { stopped(); }

  void stopped() {
    if (state_ == State::idle) simulation_.fail("who is not registered was stopped");
    state_ = State::idle;
  }

  void start_pushing() {
    state_ = State::pushing;
    if (task_.transport->register_producer(*this)) state_ = State::idle;
    push();
  }

  void push() {
    while (state_ == State::pushing && left() > 0) {
      if (write_some() == 0) break;
    }
    end_if_done();
  }

  void pull() {
    if (state_ != State::pulling) return simulation_.fail("a producer was asked that is none");
    if (task_.transport->room() == 0) simulation_.fail("a producer was asked without room");
    write_some();
    end_if_done();
  }

  void tick() {
    write_some();
    if (left() == 0) return end_if_done();
    if (!wait()) simulation_.fail("a timer's place was lost");
  }

  bool wait() {
    const Duration pause(static_cast<std::int64_t>(simulation_.random().below(100'000)));
    const auto call = task_.transport->reactor().call_later(pause, [this] { tick(); });
    if (call) tick_ = *call;
    return bool(call);
  }

  void end_if_done() {
    if (state_ == State::idle || left() > 0) return;
    stop();
    done_();
  }

  std::size_t left() const { return task_.length - task_.stream->written; }

  std::size_t write_some() {
    Stream& stream = *task_.stream;
    Transport& transport = *task_.transport;
    std::array<std::byte, 64> piece;
    const std::size_t size = std::min<std::size_t>(left(), 1 + simulation_.random().below(64));
    for (std::size_t i = 0; i < size; ++i) piece[i] = stream.at(stream.written + i);
    const Bytes bytes = Bytes(piece).first(size);
    // What is written counts before anybody can be told of it.
    const std::size_t before = stream.written;
    stream.written += size;
    std::size_t taken = 0;
    if (simulation_.random().one_in(3)) {
      const MutableBytes space = transport.reserve();
      taken = std::min(space.size(), size);
      std::ranges::copy(bytes.first(taken), space.begin());
      transport.commit(taken);
    } else {
      taken = transport.write(bytes);
    }
    stream.written = before + taken;
    return taken;
  }

  SimulationBase& simulation_;
  Pull pull_;
  State state_ = State::idle;
  Task task_{};
  DelayedCall tick_;
  std::function<void()> done_;
};

}  // namespace bobbin::sim
