// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <string_view>

#include <bobbin/connection_pool.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/frame.hpp>
#include <bobbin/logged_errors.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/pool.hpp>
#include <bobbin/testing/unhandled_failures.hpp>

namespace bobbin {

// What a test has left behind, in words: Twisted's DirtyReactorAggregateError. It only looks; what
// is over adds nothing. `name` says whose it is, and is left out where that is plain.
//
// TestCase asks for all of it; a test with a reactor of another kind asks for itself.
class LeftBehind {
 public:
  bool empty() const { return size_ == 0; }

  // A line for each thing. What has no room any more is cut.
  std::string_view text() const { return {text_, size_}; }

  void note(const Clock& clock, std::string_view name = {});  // its timers
  void note(const CoroutinePool& coroutines, std::string_view name = {});
  void note(const FrameSlot& frame, std::string_view name = {});
  void note(const ConnectionPool& connections, std::string_view name = {});
  void note(const PoolUse& use, std::string_view name);
  // Timers, posted calls, and connections by their number.
  void note(const Reactor& reactor, std::string_view name = {});
  void note_posted_calls(const Reactor& reactor, std::string_view name = {});
  // Connections that are open, or being made or closed, at either end.
  void note(const memory::Network& network);
  void note(const UnhandledFailures& failures);
  void note(const FailureObserver& errors);

 private:
  [[gnu::format(printf, 2, 3)]] void add(const char* format, ...);
  void note_link(const memory::Link& link);
  void note_number(std::uint32_t number, const char* of_one, const char* of_many,
                   std::string_view name, const char* rest = "");

  char text_[4096];
  std::size_t size_ = 0;
};

}  // namespace bobbin
