// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "memory_party.hpp"

namespace bobbin::test {

constexpr Instant at(Duration since_start) { return Instant(since_start); }

// Something to read from and write to that does what it is told.
struct Watched final : Selectable {
  void do_read() override {
    if (on_read) on_read();
  }
  void do_write() override {
    if (on_write) on_write();
  }

  std::function<void()> on_read;
  std::function<void()> on_write;
};

class AReactor : public testing::Test {
 protected:
  ~AReactor() override {
    for (Watched& item : items_) Reactor::forget(item);
  }

  Callback note(const char* what) {
    return [this, what] { trace_.emplace_back(what); };
  }
  std::function<void()> noting(const char* what) {
    return [this, what] { trace_.emplace_back(what); };
  }

  // Running, and nothing of the start is left in the statistics' way.
  void start() {
    reactor_.turn({});
    trace_.clear();
  }

  Trace turn() {
    trace_.clear();
    reactor_.turn({});
    return trace_;
  }

  MemoryNetwork<memory::NetworkSizes{.links = 8, .window = 1024}> network_;
  MemoryReactor<ReactorSizes{.timers = 32, .posted_calls = 16, .triggers = 8}> reactor_{network_};
  std::array<Watched, 8> items_;
  Trace trace_;
};

}  // namespace bobbin::test
