// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the value is too large for a Deferred

#include <bobbin/deferred.hpp>

struct Large {
  std::byte bytes[bobbin::config::deferred_value_bytes + 1];
};

#ifdef BOBBIN_CONTROL
void fire(bobbin::Deferred<const Large*>& deferred, const Large& large) {
  deferred.callback(&large);
}
#else
void fire(bobbin::Deferred<Large>& deferred, const Large& large) { deferred.callback(large); }
#endif
