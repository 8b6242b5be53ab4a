// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <memory>

#include <bobbin/lwip/host.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin::test {

// Where a reactor on lwIP with a thread of its own takes its turns: in the test's thread
// (own_thread.cpp), or in lwIP's (lwips_thread.cpp). A program links one of them. lwIP's core is
// locked by the caller.
class Place {
 public:
  static std::unique_ptr<Place> make();
  virtual ~Place() = default;

  virtual LwipHost& host() = 0;
  virtual void begin(Reactor& reactor) = 0;

  // Turns, or other things in lwIP's thread, for at most so long; returns soon.
  virtual void go_on(Reactor& reactor, Duration limit) = 0;
};

}  // namespace bobbin::test
