// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <bobbin/bobbin.hpp>

#include "poem.hpp"

namespace poetry {

// Two ways to read a poem to a client. Either goes on when the client has said that it will not say
// anything more: it may still listen.

// Text on its way to a client, as fast as that takes it: the reactor asks for a piece whenever
// there is room. Behind the last the connection ends.
class Reading final : public bobbin::PullProducer {
 public:
  void start(bobbin::Transport& transport, std::string_view text) {
    transport_ = &transport;
    left_ = bobbin::bytes_of(text);
    if (transport.register_producer(*this)) transport.abort_connection();
  }

 private:
  void resume_producing() override {
    left_ = left_.subspan(transport_->write(left_));
    if (!left_.empty()) return;
    transport_->unregister_producer();
    transport_->lose_connection();
  }
  void stop_producing() override {}

  bobbin::Transport* transport_ = nullptr;
  Bytes left_;
};

class Recital final : public Protocol {
 public:
  explicit Recital(std::string_view& poem) : poem_(poem) {}

  void connection_made() override { reading_.start(transport(), poem_); }
  void read_connection_lost() override {}

 private:
  std::string_view poem_;
  Reading reading_;
};

// What slow readings have in common.
struct Slowness {
  Reactor& reactor;
  std::string_view poem;
  std::size_t piece;
  Duration delay;
};

// A few bytes at a time, with a rest behind each. What the ring has no room for is said again.
class SlowRecital final : public Protocol {
 public:
  explicit SlowRecital(Slowness& slowness)
      : slowness_(slowness), left_(bobbin::bytes_of(slowness.poem)) {}

  void connection_made() override {
    example::print("Somebody at ", transport().peer(), " wants poetry!");
    if (loop_.start(slowness_.delay)) transport().abort_connection();
  }
  void read_connection_lost() override {}
  void connection_lost(Error reason) override {
    loop_.stop();
    example::print("Somebody has left: ", reason);
  }

 private:
  void say_more() {
    if (left_.empty()) {
      loop_.stop();
      return transport().lose_connection();
    }
    const std::size_t said =
        transport().write(left_.first(std::min(slowness_.piece, left_.size())));
    example::print("Sending ", std::uint64_t{said}, " bytes");
    left_ = left_.subspan(said);
  }

  Slowness& slowness_;
  Bytes left_;
  bobbin::LoopingCall loop_{slowness_.reactor, [this] { say_more(); }};
};

}  // namespace poetry
