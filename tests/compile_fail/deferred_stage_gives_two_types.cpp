// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: both functions of a stage give the same type of value

#include <bobbin/deferred.hpp>

void add(bobbin::Deferred<int>& deferred) {
#ifdef BOBBIN_CONTROL
  deferred.add_callbacks([](int) { return 1.5; }, [](bobbin::Failure) { return 2.5; });
#else
  deferred.add_callbacks([](int) { return 1.5; }, [](bobbin::Failure) { return 2; });
#endif
}
