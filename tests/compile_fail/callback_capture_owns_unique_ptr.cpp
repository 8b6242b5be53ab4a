// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a callback owns nothing

#include <memory>
#include <utility>

#include <bobbin/callback.hpp>

bobbin::Callback make(std::unique_ptr<int> pointer) {
#ifdef BOBBIN_CONTROL
  return [raw = pointer.release()] { delete raw; };
#else
  return [owned = std::move(pointer)] { static_cast<void>(*owned); };
#endif
}
