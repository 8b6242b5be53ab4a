// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <span>
#include <string_view>

#include <bobbin/resolver.hpp>

namespace bobbin {

// One line of a table of hosts. A host with several addresses has several lines.
struct HostEntry {
  std::string_view name;
  Address address{};
};

// Finds addresses in a table: Twisted's MemoryReactor's, and /etc/hosts. For tests, and for
// programs whose hosts are known.
class HostTable final : public Resolver {
 public:
  // `entries` stay where they are, and may change. Answers come `delay` after they were asked for:
  // what a test makes as long as it likes.
  HostTable(Clock& clock, std::span<const HostEntry> entries, Duration delay = Duration::zero())
      : Resolver(clock), entries_(entries), delay_(delay) {}

 private:
  Error begin(AnyLookup& lookup, const HostName& name) override;
  void forget(AnyLookup&) override {}

  std::span<const HostEntry> entries_;
  Duration delay_;
};

}  // namespace bobbin
