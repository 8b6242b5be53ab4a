// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/host_table.hpp>

namespace bobbin {

Error HostTable::begin(AnyLookup& lookup, const HostName& name) {
  for (const HostEntry& entry : entries_) {
    const Result<HostName> host = HostName::parse(entry.name);
    if (host && *host == name) found(lookup, entry.address);
  }
  end_later(lookup, delay_);
  return {};
}

}  // namespace bobbin
