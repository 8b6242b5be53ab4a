// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <bobbin/address.hpp>
#include <bobbin/lwip/reactor.hpp>
#include <bobbin/resolver.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

// LwipResolver but for its size.
class LwipResolverBase : public Resolver, private Selectable {
 public:
  // One that lwIP has been asked.
  struct Query {
    enum class State : std::uint8_t { free, asking, answered };

    State state = State::free;
    AnyLookup* lookup = nullptr;  // null once nobody wants it
    LwipResolverBase* owner = nullptr;
    std::optional<Address> address{};  // what was found
  };

  // Where names are asked for, instead of the server before, for all of lwIP: `second` when the
  // first does not answer. Errors: not_supported for a family lwIP was built without, and where
  // there is no DNS.
  enum class NameServer : std::uint8_t { first, second };
  static Error use_server(const Address& server, NameServer which = NameServer::first);

  // Names that lwIP has been asked and has not said anything about.
  std::size_t under_way() const;

 protected:
  LwipResolverBase(LwipReactorBase& reactor, std::span<Query> queries)
      : Resolver(reactor), reactor_(reactor), queries_(queries) {}
  ~LwipResolverBase();

 private:
  friend class LwipQuery;

  Error begin(AnyLookup& lookup, const HostName& name) override;
  void forget(AnyLookup& lookup) override;
  void do_read() override;
  void do_write() override {}
  void tell(Query& query);

  LwipReactorBase& reactor_;
  std::span<Query> queries_;
};

// Asks the name servers that lwIP knows, from DHCP or by `use_server`. lwIP tells of one address of
// a name, keeps it as long as the server allows, and does not say why there is none: a lookup fails
// with unknown_host then, also when no server has answered, or with timed_out when its own time is
// up before. A query cannot be taken back: a lookup that was given up keeps its place until lwIP
// gives up, after some seconds, and the resolver, which the reactor outlives, must stay until then.
//
// `resolve` returns no_capacity when as many are asked for as there are places, or lwIP has no more
// (BOBBIN_LWIP_LOOKUPS); not_running when no server is known; not_supported in a build whose
// BOBBIN_LWIP_LOOKUPS is 0.
template <std::size_t lookups = 2>
class LwipResolver final : public LwipResolverBase {
  static_assert(lookups > 0, "bobbin: a resolver has room for at least one lookup");

 public:
  explicit LwipResolver(LwipReactorBase& reactor) : LwipResolverBase(reactor, queries_) {}

 private:
  Query queries_[lookups];
};

}  // namespace bobbin
