// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a Deferred has BOBBIN_DEFERRED_STAGES already

#include <bobbin/deferred.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Deferred<int, bobbin::config::deferred_stages + 1> deferred;
#else
bobbin::Deferred<int, bobbin::config::deferred_stages - 1> deferred;
#endif
