// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this function does not take what comes to this stage

#include <bobbin/deferred.hpp>

void add(bobbin::Deferred<int>& deferred) {
#ifdef BOBBIN_CONTROL
  deferred.add_errback([](bobbin::Failure) {});
#else
  deferred.add_errback([](int) {});
#endif
}
