// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this function does not take the arguments the callback is called with

#include <bobbin/callback.hpp>

bobbin::Callback make() {
#ifdef BOBBIN_CONTROL
  return [] {};
#else
  return [](int value) { static_cast<void>(value); };
#endif
}
