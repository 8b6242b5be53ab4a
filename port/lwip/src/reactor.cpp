// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/reactor.hpp>

#include <algorithm>
#include <cstdint>

#include <lwip/tcp.h>
#include <lwip/timeouts.h>

#include "acceptor.hpp"
#include "address.hpp"
#include "channel.hpp"
#include "datagram_channel.hpp"
#include "error.hpp"
#include "options.hpp"

namespace bobbin {

namespace {

// How long a frame may wait for a buffer when nobody else does anything meanwhile.
constexpr Duration starved_retry = std::chrono::milliseconds(10);

// lwIP counts those in their handshake as well: they must not keep others from free connections.
u8_t waiting_limit(int backlog) {
  const int waiting = std::clamp(backlog, 1, static_cast<int>(options::backlog));
  return static_cast<u8_t>(static_cast<int>(options::connections) + waiting);
}

// In range for lwIP, and an address it knows.
Error check(const Address& address, const ConnectionOwner& owner, ip_addr_t& ip) {
  const ConnectionPool& pool = owner.connections();
  if (pool.limits().receive > TCP_WND) return Errc::invalid_argument;
  if (pool.use().capacity > options::connections) return Errc::invalid_argument;
  if (!to_lwip(address, ip)) return Errc::not_supported;
  return {};
}

// `never` if its own thread runs them.
Instant next_timer_of_lwip([[maybe_unused]] Instant now) {
  if constexpr (options::lwip_has_thread) return never;
  const std::uint32_t left = sys_timeouts_sleeptime();
  return left == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? never : now + std::chrono::milliseconds(left);
}

Result<tcp_pcb*> open_listener(const ip_addr_t& ip, std::uint16_t port, int backlog) {
  err_t code = ERR_MEM;
  tcp_pcb* const pcb = tcp_new_ip_type(IP_GET_TYPE(&ip));
  if (pcb == nullptr) return error_of(code, Connected::not_yet);
#if SO_REUSE
  // Else neither open connections nor those in TIME_WAIT let their port be listened on again.
  ip_set_option(pcb, SOF_REUSEADDR);
#endif
  code = tcp_bind(pcb, &ip, port);
  if (code == ERR_OK) {
    tcp_pcb* const listener = tcp_listen_with_backlog_and_err(pcb, waiting_limit(backlog), &code);
    if (listener != nullptr) return listener;
  }
  tcp_abort(pcb);
  return error_of(code, Connected::not_yet);
}

}  // namespace

Error LwipReactorBase::listen_tcp(const Address& address, ListeningPort& port,
                                  const ListenOptions& options) {
  ip_addr_t ip;
  if (options.share_port) return Errc::not_supported;
  if (Error error = check(address, port, ip)) return error;
  if (Error error = port.prepare(*this, options)) return error;
  const Result<tcp_pcb*> listener = open_listener(ip, address.port(), options.backlog);
  if (!listener) return listener.error();
  port.start(port.acceptor_slot().emplace<LwipAcceptor>(*this, port, **listener));
  return {};
}

Error LwipReactorBase::connect_tcp(const Address& destination, Connector& connector,
                                   const ConnectOptions& options) {
  ip_addr_t ip;
  if (Error error = Connector::check_tcp(destination)) return error;
  if (Error error = check(destination, connector, ip)) return error;
  if (Error error = connector.prepare(*this, destination, options)) return error;
  return connector.proceed(LwipChannel::connect(connector.channel_slot(), *this,
                                                connector.selectable(), ip, destination.port()));
}

Error LwipReactorBase::listen_udp(const Address& address, DatagramPort& port,
                                  const UdpOptions& options) {
  ip_addr_t ip;
  if (!to_lwip(address, ip)) return Errc::not_supported;
  if (Error error = port.prepare(*this, address, options)) return error;
  auto& channel = port.channel_slot().emplace<LwipDatagramChannel>(*this, port.selectable());
  if (Error error = channel.open(ip, address.port(), options)) return error;
  port.start(channel);
  return {};
}

void LwipReactorBase::wait(Instant until) {
  for (;;) {
    if constexpr (!options::lwip_has_thread) sys_check_timeouts();
    input_ = host_.poll_input();
    if (input_ == LwipHost::Input::more || done_waiting()) break;
    if (host_.now() >= until) break;
    host_.sleep_until(std::min(until, port_deadline()));
    ++wakeups_;
  }
  // Not just overwritten: it is what was posted before the wake that the next turn must see, though
  // another thread posted it.
  if (woken_.load(std::memory_order_relaxed)) woken_.exchange(false, std::memory_order_acq_rel);
}

Instant LwipReactorBase::port_deadline() const {
  const Instant now = host_.now();
  const Instant deadline = next_timer_of_lwip(now);
  switch (input_) {
    case LwipHost::Input::drained: return deadline;
    case LwipHost::Input::more: return now;
    case LwipHost::Input::starved: return std::min(deadline, now + starved_retry);
  }
  return now;
}

// Timers are covered by `wait`'s `until`, and posted calls by the wake they come with.
bool LwipReactorBase::done_waiting() const {
  return woken_.load(std::memory_order_acquire) || !nothing_ready();
}

void LwipReactorBase::wake() {
  woken_.store(true, std::memory_order_release);
  host_.wake();
}

void LwipReactorBase::wake_for_marked() {
  if (!nothing_ready()) host_.wake();
}

void LwipReactorBase::OpenedWindows::mark() {
  answers_have_left_ = false;
  reactor_.mark_writable(*this);
}

void LwipReactorBase::OpenedWindows::do_write() {
  if (answers_have_left_) return LwipChannel::announce_windows();
  answers_have_left_ = true;
  reactor_.mark_writable(*this);
}

void LwipReactorBase::retry_writes() {
  memory_short_ = false;
  LwipChannel::retry_writes();
}

}  // namespace bobbin
