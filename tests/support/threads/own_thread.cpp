// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/thread_host.hpp>

#include "place.hpp"

namespace bobbin::test {

namespace {

class OwnThread final : public Place {
 public:
  LwipHost& host() override { return host_; }
  void begin(Reactor&) override {}
  void go_on(Reactor& reactor, Duration limit) override { reactor.turn(limit); }

 private:
  LwipThreadHost host_;
};

}  // namespace

std::unique_ptr<Place> Place::make() { return std::make_unique<OwnThread>(); }

}  // namespace bobbin::test
