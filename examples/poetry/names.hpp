// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <span>

#include <bobbin/posix.hpp>

#include "poem.hpp"
#include "server.hpp"

namespace poetry {

// Finds the addresses of servers, and keeps them. The system is asked in a thread, so that a slow
// name holds up no other server's poem.
class Names {
 public:
  explicit Names(Reactor& reactor) : reactor_(reactor), resolver_(reactor, pool_) {}

  // The address to be connected to, within `limit`: of those of a name the first of IPv4, which the
  // servers listen at unless they are told otherwise. (A HostClient tries all of them.)
  bobbin::Chain<const Address*> find(const Server& server, Duration limit) {
    BOBBIN_ASSERT(count_ < names_max);
    bobbin::Lookup<addresses_max>& lookup = lookups_[count_++];
    Error error = pool_.running() ? Error() : pool_.start(reactor_);
    if (!error) {
      error = resolver_.resolve(lookup, server.host, {.port = server.port, .timeout = limit});
    }
    if (error) lookup.errback(Failure(error));
    return lookup.add_callback([](std::span<const Address> found) { return &preferred(found); });
  }

 private:
  static constexpr std::size_t names_max = 2 * poems_max;
  static constexpr std::size_t addresses_max = 4;

  static const Address& preferred(std::span<const Address> found) {
    const auto ip4 = std::ranges::find(found, Address::Family::ip4, &Address::family);
    return ip4 == found.end() ? found.front() : *ip4;
  }

  Reactor& reactor_;
  bobbin::PosixThreadPool<bobbin::ThreadPoolSizes{.workers = 2, .jobs = names_max}> pool_;
  bobbin::PosixResolver<bobbin::ResolverSizes{.lookups = names_max, .addresses = addresses_max}>
      resolver_;
  bobbin::Lookup<addresses_max> lookups_[names_max];
  std::size_t count_ = 0;
};

}  // namespace poetry
