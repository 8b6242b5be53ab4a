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
//   bool run_until(done, limit);          turns until done() or the limit; what done() said
//   void run_for(length);
//   void pass(length);                    time passes and nobody runs
//
// A world is made for each test and leaves nothing behind.
#include BOBBIN_WORLD

#include <bobbin/bobbin.hpp>

namespace bobbin::contract {

static_assert(TcpReactor<World::Reactor>);

}  // namespace bobbin::contract
