// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the captures are too large for this stage

#include <bobbin/deferred.hpp>

struct Half {
  std::byte bytes[bobbin::config::callback_bytes / 2 + 1];
};

void add(bobbin::Deferred<int>& deferred, const Half& half) {
#ifdef BOBBIN_CONTROL
  deferred.add_callbacks([half](int) { static_cast<void>(half); }, [](bobbin::Failure) {});
#else
  deferred.add_callbacks([half](int) { static_cast<void>(half); },
                         [half](bobbin::Failure) { static_cast<void>(half); });
#endif
}
