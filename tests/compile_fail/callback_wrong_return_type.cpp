// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this callback returns nothing or what its signature says

#include <bobbin/callback.hpp>

bobbin::Callback make() {
#ifdef BOBBIN_CONTROL
  return [] { return bobbin::Errc::ok; };
#else
  return [] { return 1; };
#endif
}
