// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a stage owns nothing

#include <bobbin/deferred.hpp>

struct Owner {
  ~Owner() {}
  int number = 0;
};

void add(bobbin::Deferred<int>& deferred, const Owner& owner) {
#ifdef BOBBIN_CONTROL
  deferred.add_callback([&owner](int) { return owner.number; });
#else
  deferred.add_callback([owner](int) { return owner.number; });
#endif
}
