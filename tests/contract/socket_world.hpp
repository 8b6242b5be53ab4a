// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bobbin/posix.hpp>

namespace bobbin::contract {

// A listener that answers no more: its backlog of one is full and it never accepts.
class SilentListener {
 public:
  SilentListener() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof name;
    auto* const generic = reinterpret_cast<sockaddr*>(&name);
    if (bind(listener_, generic, length) != 0 || listen(listener_, 0) != 0) std::abort();
    if (getsockname(listener_, generic, &length) != 0) std::abort();
    port_ = ntohs(name.sin_port);
    for (int& filler : fillers_) {
      filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      (void)connect(filler, generic, length);
    }
  }
  ~SilentListener() {
    for (const int filler : fillers_) close(filler);
    close(listener_);
  }

  Address address() const { return Address::loopback(port_); }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::array<int, 4> fillers_{};
};

// The system's sockets and the system's time.
template <class R>
class SocketWorld {
 public:
  using Reactor = R;

  Reactor& reactor() { return reactor_; }
  Address anywhere() { return Address::loopback(0); }
  Address silent() { return silent_.address(); }

  // Real time: the limit only bounds a test that fails.
  template <class Done>
  bool run_until(Done done, Duration limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done() && std::chrono::steady_clock::now() < end) {
      reactor_.turn(std::chrono::milliseconds(20));
    }
    return done();
  }
  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }
  void pass(Duration length) { std::this_thread::sleep_for(length); }

 private:
  SilentListener silent_;
  Reactor reactor_;
};

}  // namespace bobbin::contract
