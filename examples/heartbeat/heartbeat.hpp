// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>

// Writes an asterisk when connected and then every thirty seconds, for as long as the connection
// lasts. A beat that finds no room in the ring is left out: the next one comes anyway.
class Heartbeat final : public bobbin::Protocol {
 public:
  explicit Heartbeat(bobbin::Clock& clock) : beats_(clock, [this] { beat(); }) {}

  void connection_made() override {
    // Without a timer there is no heart.
    if (beats_.start(std::chrono::seconds(30))) transport().abort_connection();
  }

  void connection_lost(bobbin::Error) override { beats_.stop(); }

  bool beating() const { return beats_.running(); }

 private:
  void beat() { (void)transport().write(bobbin::bytes_of("*")); }

  bobbin::LoopingCall beats_;
};
