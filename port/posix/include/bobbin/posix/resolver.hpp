// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <span>

#include <bobbin/deferred.hpp>
#include <bobbin/resolver.hpp>
#include <bobbin/thread_pool.hpp>

namespace bobbin {

struct ResolverSizes {
  std::size_t lookups = 4;    // at a time
  std::size_t addresses = 8;  // of a name
};

// PosixResolver but for its sizes.
class SystemResolver : public Resolver {
 public:
  // Of a query that a worker has, or is to have.
  struct Query {
    HostName name{};
    std::span<Address> addresses{};
    std::size_t count = 0;
    Error error{};
    Deferred<void> done{};
    bool taken = false;           // of the reactor's thread, as is the next
    AnyLookup* lookup = nullptr;  // null once nobody wants it
  };

  // Queries that wait for a worker or have one.
  std::size_t under_way() const;

 protected:
  SystemResolver(Clock& clock, ThreadPool& pool, std::span<Query> queries)
      : Resolver(clock), pool_(pool), queries_(queries) {}
  ~SystemResolver();

 private:
  Error begin(AnyLookup& lookup, const HostName& name) override;
  void forget(AnyLookup& lookup) override;
  void answered(Query& query, const Outcome<void>& outcome);
  static void ask_system(Query& query);

  ThreadPool& pool_;
  std::span<Query> queries_;
};

// Asks the system (getaddrinfo: its file of hosts, its name servers, whatever else it is told to
// use) in a thread of a pool, as that may take long and cannot be ended: a lookup that was given up
// keeps its place, and its worker, until the system has answered. The system's library allocates
// for it. The pool is of the reactor that is the clock, and runs. Both outlive the resolver, which
// is not destroyed while a query is under way: stopping the pool, or its reactor, waits for all.
//
// A lookup fails with unknown_host; timed_out when no name server answers; no_capacity;
// system_error with errno, or with getaddrinfo's own number where it has none; cancelled when the
// pool stops. `resolve` returns no_capacity when as many as `sizes.lookups` are under way or the
// pool has no place, and not_running when it does not run.
template <ResolverSizes sizes = ResolverSizes{}>
class PosixResolver final : public SystemResolver {
  static_assert(sizes.lookups > 0 && sizes.addresses > 0,
                "bobbin: a resolver has room for at least one lookup and one address");

 public:
  PosixResolver(Clock& clock, ThreadPool& pool) : SystemResolver(clock, pool, queries_) {
    for (std::size_t i = 0; i < sizes.lookups; ++i) queries_[i].addresses = addresses_[i];
  }

 private:
  Query queries_[sizes.lookups];
  Address addresses_[sizes.lookups][sizes.addresses];
};

}  // namespace bobbin
