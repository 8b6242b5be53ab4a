// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory.hpp>
#include <bobbin/memory/channel.hpp>
#include <bobbin/memory/datagrams.hpp>

#include "places.hpp"

namespace bobbin {

Error MemoryReactorBase::listen_tcp(const Address& address, ListeningPort& port,
                                    const ListenOptions& options) {
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  if (options.share_port) return Errc::not_supported;
  if (Error error = port.prepare(*this, options)) return error;
  auto& acceptor = port.acceptor_slot().emplace<memory::MemoryAcceptor>(
      memory::MemoryAcceptor::Place{network_, *this, port.selectable()}, on_this_host(address),
      options.backlog);
  if (Error error = network_.listen(acceptor)) return error;
  port.start(acceptor);
  return {};
}

Error MemoryReactorBase::connect_tcp(const Address& address, Connector& connector,
                                     const ConnectOptions& options) {
  if (Error error = Connector::check_tcp(address)) return error;
  if (Error error = connector.prepare(*this, address, options)) return error;
  const bool failed = network_.fail.use(memory::PortCall::connect);
  memory::Link* const link = failed ? nullptr : network_.open(address_, on_this_host(address));
  if (link == nullptr) return connector.proceed(Errc::no_capacity);
  auto& channel = connector.channel_slot().emplace<memory::MemoryChannel>(
      memory::MemoryChannel::Place{network_, *link, 0}, *this, connector.selectable());
  return connector.proceed(&channel);
}

Error MemoryReactorBase::listen_udp(const Address& address, DatagramPort& port,
                                    const UdpOptions& options) {
  if (Error error = port.prepare(*this, address, options)) return error;
  auto& channel = port.channel_slot().emplace<memory::MemoryDatagramChannel>(
      memory::MemoryDatagramChannel::Place{network_, *this, port.selectable()},
      memory::is_any(address) ? address : on_this_host(address), options);
  if (Error error = network_.datagrams().open(channel)) return error;
  port.start(channel);
  return {};
}

Address MemoryReactorBase::on_this_host(const Address& address) const {
  if (address_.is_loopback() || address.family() != Address::Family::ip4) return address;
  const bool here = address.is_loopback() || address.with_port(0) == Address();
  return here ? address_.with_port(address.port()) : address;
}

// Something ready is told apart from a deadline by our own `now`, which a step may have left ahead
// of the clock.
Instant MemoryReactorBase::due() const {
  const Instant next = next_deadline();
  return next <= now() ? network_.now() : on_network(next);
}

// Steps the network until something is ready for us, or it is time.
void MemoryReactorBase::wait(Instant mine) {
  const Instant until = on_network(mine);
  while (network_.next_call() <= network_.now()) network_.advance_to_next();
  while (until > network_.now() && nothing_ready() && !woken_.exchange(false)) {
    const Instant next = std::min(until, network_.next_call());
    if (next == never) {
      // Nothing is left that could ever happen.
      (void)stop();
      return;
    }
    network_.advance(next - network_.now());
  }
}

}  // namespace bobbin
