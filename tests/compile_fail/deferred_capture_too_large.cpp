// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the captures are too large for this stage

#include <bobbin/deferred.hpp>

struct Large {
  std::byte bytes[bobbin::config::callback_bytes + 1];
};

void add(bobbin::Deferred<int>& deferred, const Large& large) {
#ifdef BOBBIN_CONTROL
  deferred.add_callback([&large](int) { static_cast<void>(large); });
#else
  deferred.add_callback([large](int) { static_cast<void>(large); });
#endif
}
