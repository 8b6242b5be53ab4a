// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>

#include <gtest/gtest.h>

#include <bobbin/lwip/tcpip_host.hpp>

#include "lwip_thread.hpp"
#include "place.hpp"

namespace bobbin::test {

namespace {

class LwipsThread final : public Place {
 public:
  LwipHost& host() override { return host_; }
  // Messages of the test before may still be on their way.
  void begin(Reactor& reactor) override {
    Error error = host_.drive(reactor);
    for (; error == Errc::no_capacity; error = host_.drive(reactor)) {
      CoreLocked::let_another(std::chrono::milliseconds(1));
    }
    EXPECT_FALSE(error);
  }
  void go_on(Reactor&, Duration limit) override {
    host_.attend();
    CoreLocked::let_another(limit);
  }

 private:
  LwipTcpipHost host_;
};

}  // namespace

std::unique_ptr<Place> Place::make() { return std::make_unique<LwipsThread>(); }

}  // namespace bobbin::test
