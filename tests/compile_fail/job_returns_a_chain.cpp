// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a job returns its result, and not a Deferred or a Chain of it

#include <bobbin/thread_pool.hpp>

bobbin::Error ask(bobbin::ThreadPool& pool, bobbin::Deferred<int>& result,
                  bobbin::Deferred<int>* other) {
#ifdef BOBBIN_CONTROL
  return pool.defer(result, [other] { return other->called() ? 1 : 0; });
#else
  return pool.defer(result, [other] { return other->chain(); });
#endif
}
