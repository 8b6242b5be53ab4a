// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/address.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/error.hpp>
#include <bobbin/host_name.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

class Resolver;

struct LookupOptions {
  std::uint16_t port = 0;  // of the addresses that are found
  // After this long without an answer the lookup fails with `timed_out`. More than zero.
  Duration timeout = std::chrono::seconds(10);
};

// Lookup but for its size.
class AnyLookup : public Deferred<std::span<const Address>> {
 public:
  // Whether it waits for an answer.
  bool looking() const { return resolver_ != nullptr; }

  // Ends it with this error, which comes from the clock in its next turn. Does nothing if nothing
  // is looked up. `cancel` does so at once.
  void give_up(Error reason);

 protected:
  explicit AnyLookup(std::span<Address> places) : places_(places) {}
  ~AnyLookup() { end(); }

 private:
  friend class Resolver;

  void begin(Resolver& resolver, DelayedCall due, std::uint16_t port);
  void end();
  void forget();
  void settle();

  std::span<Address> places_;
  std::size_t count_ = 0;
  Resolver* resolver_ = nullptr;
  DelayedCall due_;           // when it fails, or what is known is told
  Error verdict_;             // then
  void* answerer_ = nullptr;  // the resolver's own
  std::uint16_t port_ = 0;
};

// A name that is looked up, and a Deferred for the addresses it stands for, which lie in it: up to
// N, those to be preferred first, at least one. It is the caller's, and after `reset` may be used
// again. What it fails with: unknown_host; timed_out; what the resolver says of itself.
//
//   Lookup<4> lookup;
//   if (Error error = resolver.resolve(lookup, "example.com", {.port = 80})) return error;
//   lookup.add_callback([](std::span<const Address> addresses) { ... });
//
// or `co_await lookup`.
template <std::size_t N = 4>
class Lookup final : public AnyLookup {
  static_assert(N > 0, "bobbin: a Lookup has room for at least one address");

 public:
  Lookup() : AnyLookup(addresses_) {}
  // Here, while what its canceller needs is there.
  ~Lookup() { this->reset(); }

 private:
  Address addresses_[N];
};

// Finds the addresses of hosts by their names: Twisted's IHostnameResolver. A port has one that
// asks the system (`PosixResolver`); `HostTable` needs none. It outlives its lookups. When the
// reactor that is their clock has stopped they have no outcome.
class Resolver {
 public:
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Looks `host` up, a name or an address of IP, which is found at once. The outcome comes later,
  // never from inside. A lookup holds one timer until it has its outcome; cancelling, resetting or
  // destroying it gives it up. Errors, and nothing has begun: invalid_argument (no name of a host,
  // the timeout, a lookup that was fired and not reset); already_running; no_capacity (no timer, or
  // the resolver's own); not_running where the resolver needs something that is not.
  Error resolve(AnyLookup& lookup, std::string_view host, const LookupOptions& options = {});

  Clock& clock() const { return clock_; }

 protected:
  explicit Resolver(Clock& clock) : clock_(clock) {}
  ~Resolver() = default;

  // Notes an address, as long as there is room for more. Its port is replaced.
  static void found(AnyLookup& lookup, const Address& address);

  // It has its outcome: what was found, or this error; `unknown_host` if there is neither. Tells of
  // it there and then, which must not be inside of `begin`.
  static void end(AnyLookup& lookup, Error error = {});

  // The same after `delay`, unless the lookup's time is up before: also from inside of `begin`.
  static void end_later(AnyLookup& lookup, Duration delay, Error error = {});

  // Where a resolver notes who answers; null at first.
  static void*& answerer(AnyLookup& lookup) { return lookup.answerer_; }

 private:
  friend class AnyLookup;

  // Asks for the addresses of a name. After an error it has not begun.
  virtual Error begin(AnyLookup& lookup, const HostName& name) = 0;
  // Nobody waits for the answer any more. Not called after `end`; there may be no `answerer`.
  virtual void forget(AnyLookup& lookup) = 0;

  Clock& clock_;
};

}  // namespace bobbin
