// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/resolver.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <bobbin/assert.hpp>

#include "socket_address.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

Error error_of_lookup(int code, int number) {
  switch (code) {
    case 0: return {};
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY: return {Errc::unknown_host, code};
    case EAI_AGAIN: return {Errc::timed_out, code};
    case EAI_MEMORY: return {Errc::no_capacity, code};
    case EAI_SYSTEM: return error_of(number);
    default: return {Errc::system_error, code};
  }
}

}  // namespace

SystemResolver::~SystemResolver() { BOBBIN_ASSERT(under_way() == 0); }

std::size_t SystemResolver::under_way() const {
  return static_cast<std::size_t>(std::ranges::count(queries_, true, &Query::taken));
}

Error SystemResolver::begin(AnyLookup& lookup, const HostName& name) {
  const auto found = std::ranges::find(queries_, false, &Query::taken);
  if (found == queries_.end()) return Errc::no_capacity;
  Query& query = *found;
  query.name = name;
  query.done.reset();
  if (Error error = pool_.defer(query.done, [&query] { ask_system(query); })) return error;
  query.taken = true;
  query.lookup = &lookup;
  answerer(lookup) = &query;
  query.done.add_both([this, &query](const Outcome<void>& outcome) { answered(query, outcome); });
  return {};
}

void SystemResolver::forget(AnyLookup& lookup) {
  auto* const query = static_cast<Query*>(answerer(lookup));
  if (query != nullptr) query->lookup = nullptr;
}

// Whoever is told may look up the next name, in this very place.
void SystemResolver::answered(Query& query, const Outcome<void>& outcome) {
  AnyLookup* const lookup = std::exchange(query.lookup, nullptr);
  query.taken = false;
  if (lookup == nullptr) return;
  if (!outcome) return end(*lookup, outcome.failure().error());
  for (const Address& address : query.addresses.first(query.count)) found(*lookup, address);
  end(*lookup, query.error);
}

// In a worker's thread.
void SystemResolver::ask_system(Query& query) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  errno = 0;
  const int code = getaddrinfo(query.name.c_str(), nullptr, &hints, &list);
  query.error = error_of_lookup(code, errno);
  query.count = 0;
  for (addrinfo* info = list; info != nullptr && query.count < query.addresses.size();
       info = info->ai_next) {
    SocketAddress address{.length = info->ai_addrlen};
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    query.addresses[query.count++] = to_address(address);
  }
  if (list != nullptr) freeaddrinfo(list);
}

}  // namespace bobbin
