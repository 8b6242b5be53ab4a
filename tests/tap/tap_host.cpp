// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "tap_host.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// The system's and lwIP's headers have names in common.
#undef IP_ADD_MEMBERSHIP
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>

namespace bobbin::test {

namespace {

constexpr int frames_in_one_poll = 16;

std::uint64_t now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

bool refuse(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  return false;
}

sockaddr in_network(const char* text) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  inet_pton(AF_INET, text, &name.sin_addr);
  sockaddr generic;
  std::memcpy(&generic, &name, sizeof generic);
  return generic;
}

// The kernel's end.
bool configure(ifreq request) {
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_addr = in_network("10.9.0.1");
  bool done = ioctl(control, SIOCSIFADDR, &request) == 0;
  request.ifr_netmask = in_network("255.255.255.0");
  done = done && ioctl(control, SIOCSIFNETMASK, &request) == 0;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  done = done && ioctl(control, SIOCSIFFLAGS, &request) == 0;
  close(control);
  return done;
}

}  // namespace

TapHost::TapHost() : waker_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  ready_ = open();
  if (!ready_) return;
  lwip_init();
  ip4_addr_t address;
  ip4_addr_t mask;
  ip4_addr_t gateway;
  IP4_ADDR(&address, 10, 9, 0, 2);
  IP4_ADDR(&mask, 255, 255, 255, 0);
  IP4_ADDR(&gateway, 10, 9, 0, 1);
  netif_add(&interface_, &address, &mask, &gateway, this, set_up, netif_input);
  netif_set_default(&interface_);
  netif_set_link_up(&interface_);
  netif_set_up(&interface_);
}

TapHost::~TapHost() {
  if (tap_ >= 0) close(tap_);
  close(waker_);
}

bool TapHost::open() {
  tap_ = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap_ < 0) return refuse("/dev/net/tun");
  ifreq request{};
  std::strcpy(request.ifr_name, "bobbin%d");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(tap_, TUNSETIFF, &request) != 0) return refuse("TUNSETIFF");
  return configure(request) || refuse("the interface's address");
}

err_t TapHost::set_up(netif* interface) {
  interface->name[0] = 't';
  interface->name[1] = 'p';
  interface->mtu = 1500;
  interface->hwaddr_len = ETH_HWADDR_LEN;
  constexpr std::uint8_t own[ETH_HWADDR_LEN] = {2, 0, 0, 0, 0, 9};
  std::copy_n(own, sizeof own, interface->hwaddr);
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
  interface->output = etharp_output;
  interface->linkoutput = send;
  return ERR_OK;
}

bool TapHost::loses_this_one() { return is_out_ || (lost_of_ != 0 && numbers_() % lost_of_ == 0); }

// What the kernel has no room for is lost, as on a wire.
err_t TapHost::send(netif* interface, pbuf* frame) {
  auto& self = *static_cast<TapHost*>(interface->state);
  if (self.loses_this_one()) return ERR_OK;
  std::uint8_t bytes[1600];
  const u16_t length = pbuf_copy_partial(frame, bytes, sizeof bytes, ETH_PAD_SIZE);
  [[maybe_unused]] const ssize_t written = write(self.tap_, bytes, length);
  return ERR_OK;
}

void TapHost::pull_cable(bool is_out) {
  is_out_ = is_out;
  if (is_out) {
    netif_set_link_down(&interface_);
  } else {
    netif_set_link_up(&interface_);
  }
}

Instant TapHost::now() { return Instant(Duration(static_cast<std::int64_t>(now_us()))); }

LwipHost::Input TapHost::poll_input() {
  for (int count = 0; count < frames_in_one_poll; ++count) {
    if (!frame_waits_) {
      const ssize_t length = read(tap_, waiting_, sizeof waiting_);
      if (length <= 0) return Input::drained;
      if (loses_this_one()) continue;
      waiting_length_ = static_cast<std::size_t>(length);
    }
    frame_waits_ = !take(waiting_, waiting_length_);
    if (frame_waits_) return Input::starved;
  }
  return Input::more;
}

bool TapHost::take(const std::uint8_t* frame, std::size_t length) {
  pbuf* const data = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(length + ETH_PAD_SIZE), PBUF_POOL);
  if (data == nullptr) return false;
  pbuf_take_at(data, frame, static_cast<u16_t>(length), ETH_PAD_SIZE);
  if (interface_.input(data, &interface_) != ERR_OK) pbuf_free(data);
  return true;
}

void TapHost::sleep_until(Instant deadline) {
  pollfd descriptors[] = {{.fd = waker_, .events = POLLIN, .revents = 0},
                          {.fd = tap_, .events = POLLIN, .revents = 0}};
  const nfds_t count = frame_waits_ ? 1 : 2;
  timespec timeout{};
  constexpr Duration longest = std::chrono::hours(24);
  const Duration length = std::clamp(deadline - now(), Duration::zero(), longest);
  timeout.tv_sec = static_cast<time_t>(length / std::chrono::seconds(1));
  timeout.tv_nsec = static_cast<long>(length % std::chrono::seconds(1) / Duration(1) * 1000);
  ppoll(descriptors, count, deadline == never ? nullptr : &timeout, nullptr);
  std::uint64_t woken;
  [[maybe_unused]] const ssize_t taken = read(waker_, &woken, sizeof woken);
}

void TapHost::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(waker_, &one, sizeof one);
}

}  // namespace bobbin::test

extern "C" {

void bobbin_lwip_assert(const char* message, int) {
  std::fprintf(stderr, "%s\n", message);
  std::abort();
}

std::uint32_t bobbin_lwip_random() {
  static std::mt19937 numbers(std::random_device{}());
  return static_cast<std::uint32_t>(numbers());
}

u32_t sys_now() { return bobbin::whole_milliseconds(bobbin::test::now_us()); }

}  // extern "C"
