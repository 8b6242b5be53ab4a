// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory.hpp>
#include <bobbin/memory/channel.hpp>
#include <bobbin/memory/datagrams.hpp>

namespace bobbin {

Error MemoryReactorBase::listen_tcp(const Address& address, ListeningPort& port,
                                    const ListenOptions& options) {
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  if (Error error = port.prepare(*this, options)) return error;
  auto& acceptor = port.acceptor_slot().emplace<memory::MemoryAcceptor>(
      memory::MemoryAcceptor::Place{network_, *this, port.selectable()}, address, options.backlog);
  if (Error error = network_.listen(acceptor)) return error;
  port.start(acceptor);
  return {};
}

Error MemoryReactorBase::connect_tcp(const Address& address, Connector& connector,
                                     const ConnectOptions& options) {
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  if (Error error = connector.prepare(*this, address, options)) return error;
  const bool failed = network_.fail.use(memory::PortCall::connect);
  memory::Link* const link = failed ? nullptr : network_.open(address);
  if (link == nullptr) return connector.proceed(Errc::no_capacity);
  auto& channel = connector.channel_slot().emplace<memory::MemoryChannel>(
      memory::MemoryChannel::Place{network_, *link, 0}, *this, connector.selectable());
  return connector.proceed(&channel);
}

Error MemoryReactorBase::listen_udp(const Address& address, DatagramPort& port,
                                    const UdpOptions& options) {
  if (Error error = port.prepare(*this, address, options)) return error;
  auto& channel = port.channel_slot().emplace<memory::MemoryDatagramChannel>(
      memory::MemoryDatagramChannel::Place{network_, *this, port.selectable()}, address, options);
  if (Error error = network_.datagrams().open(channel)) return error;
  port.start(channel);
  return {};
}

// Steps the network until something is ready for us, or it is time.
void MemoryReactorBase::wait(Instant until) {
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
