// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// The contract suite is one source, built once for each port. The build names the port's world,
// which offers:
//
//   using Reactor = …;                    a TcpReactor
//   Reactor& reactor();
//   Address anywhere();                   an address to listen on, port 0
//   Address silent();                     an address nobody answers from
//   bool run_until(done, limit);          turns until done() or the limit; what done() said, which
//                                         is asked before each turn
//   void run_for(length);
//   void pass(length);                    time passes and nobody runs
//
// perhaps, where it is not so, these two as false:
//
//   constexpr bool tells_resets;          to the peer, an abort is a reset and not an orderly end
//   constexpr bool has_ports;             addresses have ports and belong to this machine
//
// and for datagrams, all of them static:
//
//   std::vector<Address> hosts();         this machine in each family it has, port 0
//   std::vector<Circle> circles();        a group in each family in which there are groups
//   std::size_t longest_datagram(host);   that can be sent there
//   Address broadcast(port);
//   constexpr bool tells_refusals;        see DatagramProtocol::connection_refused
//
// A world is made for each test and leaves nothing behind.
#include <vector>

#include <bobbin/bobbin.hpp>

namespace bobbin::contract {

// A multicast group, and the interface on which it is joined and spoken to.
struct Circle {
  Address group;
  Address interface;
  bool loops = false;  // the interface itself, whatever the sender wants
};

}  // namespace bobbin::contract

#include BOBBIN_WORLD

namespace bobbin::contract {

static_assert(TcpReactor<World::Reactor>);

template <class W>
constexpr bool tells_resets() {
  if constexpr (requires { W::tells_resets; }) return W::tells_resets;
  return true;
}

template <class W>
constexpr bool has_ports() {
  if constexpr (requires { W::has_ports; }) return W::has_ports;
  return true;
}

// What the loss of a connection is to one whose peer has aborted it.
inline constexpr Errc peer_aborted =
    tells_resets<World>() ? Errc::connection_lost : Errc::connection_done;

}  // namespace bobbin::contract
