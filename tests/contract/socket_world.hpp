// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include <ifaddrs.h>
#include <net/if.h>
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

// An interface that carries IPv6 groups, as its number; 0 if there is none. `group`, ff01::9, never
// leaves the machine.
inline std::uint32_t interface_for_ip6_groups() {
  sockaddr_in6 group{};
  group.sin6_family = AF_INET6;
  group.sin6_port = htons(9);
  group.sin6_addr.s6_addr[0] = 0xff;
  group.sin6_addr.s6_addr[1] = 1;
  group.sin6_addr.s6_addr[15] = 9;
  for (std::uint32_t index = 1; index < 64; ++index) {
    group.sin6_scope_id = index;
    const int probe = socket(AF_INET6, SOCK_DGRAM, 0);
    const bool carries = connect(probe, reinterpret_cast<sockaddr*>(&group), sizeof group) == 0;
    close(probe);
    if (carries) return index;
  }
  return 0;
}

// The address of an interface that carries IPv4 groups; 127.0.0.1 if there is no better one.
inline Address interface_for_ip4_groups() {
  Address found = Address::loopback(0);
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return found;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    constexpr unsigned wanted = IFF_UP | IFF_MULTICAST;
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    if ((one->ifa_flags & wanted) != wanted) continue;
    const auto& name = *reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    Address::Ip4 bytes;
    std::memcpy(bytes.data(), &name.sin_addr, bytes.size());
    found = Address::ip4(bytes, 0);
  }
  freeifaddrs(all);
  return found;
}

inline bool has_ip6() {
  const int probe = socket(AF_INET6, SOCK_DGRAM, 0);
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_addr = in6addr_loopback;
  const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  close(probe);
  return bound;
}

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
  bool run_until(Done done, Duration limit = std::chrono::minutes(3)) {
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

  // A machine without ::1 is tested without it, and says so.
  static std::vector<Address> hosts() {
    std::vector<Address> result{Address::loopback(0)};
    if (has_ip6()) {
      result.push_back(Address::ip6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0));
    } else {
      std::fputs("this machine has no ::1\n", stderr);
    }
    return result;
  }
  static std::vector<Circle> circles() {
    const Address interface = interface_for_ip4_groups();
    std::vector<Circle> result{{.group = Address::ip4({239, 1, 2, 3}, 0),
                                .interface = interface,
                                .loops = interface.is_loopback()}};
    if (const std::uint32_t scope = interface_for_ip6_groups(); scope != 0) {
      const Address::Ip6 group{0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
      result.push_back({.group = Address::ip6(group, 0, scope), .interface = Address()});
    } else {
      std::fputs("no interface of this machine carries IPv6 groups\n", stderr);
    }
    return result;
  }
  static std::size_t longest_datagram(const Address& host) {
    return host.family() == Address::Family::ip4 ? 65507 : 65527;
  }
  static Address broadcast(std::uint16_t port) { return Address::ip4({127, 255, 255, 255}, port); }
  static constexpr bool tells_refusals = true;

 private:
  SilentListener silent_;
  Reactor reactor_;
};

}  // namespace bobbin::contract
