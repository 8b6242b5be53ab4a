// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "world.hpp"

namespace bobbin::contract {

static_assert(UdpReactor<World::Reactor>);

// A protocol that does what its script says and writes down what happens to it.
class Correspondent final : public DatagramProtocol {
 public:
  // What is empty does nothing.
  std::function<void()> on_start;
  std::function<void(Bytes, const Address&)> on_datagram;
  std::function<void()> on_refused;
  std::function<void()> on_stop;

  // The end of a test: the script may speak of what is gone.
  void improvise() {
    on_start = on_refused = on_stop = nullptr;
    on_datagram = nullptr;
  }

  std::vector<std::string> trace;     // start, datagram, refused, stop; repeated ones once
  std::vector<std::string> received;  // in the order in which they came
  Address from;                       // the last one's sender

  void start_protocol() override {
    const Inside inside(*this);
    note("start");
    if (on_start) on_start();
  }
  void datagram_received(Bytes datagram, const Address& sender) override {
    const Inside inside(*this);
    note("datagram");
    received.emplace_back(text_of(datagram));
    from = sender;
    if (on_datagram) on_datagram(datagram, sender);
  }
  void connection_refused() override {
    const Inside inside(*this);
    note("refused");
    if (on_refused) on_refused();
  }
  void stop_protocol() override {
    const Inside inside(*this);
    note("stop");
    if (on_stop) on_stop();
  }

 private:
  // No callback may begin while another of the same protocol runs.
  struct Inside {
    explicit Inside(Correspondent& one) : one_(one) { EXPECT_EQ(++one_.inside_, 1); }
    ~Inside() { --one_.inside_; }
    Correspondent& one_;
  };

  void note(const char* what) {
    if (trace.empty() || trace.back() != what) trace.emplace_back(what);
  }

  int inside_ = 0;
};

using Trace = std::vector<std::string>;
using Texts = std::vector<std::string>;

}  // namespace bobbin::contract
