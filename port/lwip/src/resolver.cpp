// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/resolver.hpp>

#include <algorithm>
#include <utility>

#include <bobbin/assert.hpp>

#include <lwip/dns.h>

#include "address.hpp"
#include "error.hpp"
#include "from_lwip.hpp"

namespace bobbin {

#if LWIP_DNS

// What lwIP calls.
class LwipQuery {
 public:
  static void found(const char*, const ip_addr_t* ip, void* asked) {
    auto& query = *static_cast<LwipResolverBase::Query*>(asked);
    LwipResolverBase& owner = *query.owner;
    const FromLwip call(owner.reactor_);
    query.state = LwipResolverBase::Query::State::answered;
    if (ip != nullptr) query.address = from_lwip(*ip, 0);
    owner.reactor_.mark_readable(owner);
  }
};

Error LwipResolverBase::use_server(const Address& server, NameServer which) {
  ip_addr_t ip;
  if (!to_lwip(server, ip)) return Errc::not_supported;
  dns_setserver(static_cast<u8_t>(which), &ip);
  return {};
}

Error LwipResolverBase::begin(AnyLookup& lookup, const HostName& name) {
  const auto place = std::ranges::find(queries_, Query::State::free, &Query::state);
  if (place == queries_.end()) return Errc::no_capacity;
  Query& query = *place;
  query = {.state = Query::State::asking, .lookup = &lookup, .owner = this};
  ip_addr_t ip;
  const err_t code = dns_gethostbyname(name.c_str(), &ip, &LwipQuery::found, &query);
  if (code == ERR_INPROGRESS) {
    answerer(lookup) = &query;
    return {};
  }
  query.state = Query::State::free;
  if (code == ERR_VAL) return {Errc::not_running, code};
  if (code != ERR_OK) return error_of(code, Connected::not_yet);
  found(lookup, from_lwip(ip, 0));
  end_later(lookup, Duration::zero());
  return {};
}

#else

Error LwipResolverBase::use_server(const Address&, NameServer) { return Errc::not_supported; }

Error LwipResolverBase::begin(AnyLookup&, const HostName&) { return Errc::not_supported; }

#endif

LwipResolverBase::~LwipResolverBase() {
  BOBBIN_ASSERT(under_way() == 0);
  Reactor::forget(*this);
}

std::size_t LwipResolverBase::under_way() const {
  return static_cast<std::size_t>(
      std::ranges::count(queries_, Query::State::asking, &Query::state));
}

void LwipResolverBase::forget(AnyLookup& lookup) {
  auto* const query = static_cast<Query*>(answerer(lookup));
  if (query != nullptr) query->lookup = nullptr;
}

void LwipResolverBase::do_read() {
  for (Query& query : queries_) {
    if (query.state == Query::State::answered) tell(query);
  }
}

// Whoever is told may ask for the next name, in this very place.
void LwipResolverBase::tell(Query& query) {
  AnyLookup* const lookup = std::exchange(query.lookup, nullptr);
  query.state = Query::State::free;
  if (lookup == nullptr) return;
  if (query.address) found(*lookup, *query.address);
  end(*lookup);
}

}  // namespace bobbin
