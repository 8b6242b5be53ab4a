// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a callback owns nothing

#include <string>

#include <bobbin/callback.hpp>

// Large enough, so that only the owning is wrong.
using Large = bobbin::InplaceFunction<void(), 2 * sizeof(std::string)>;

Large make(const std::string& text) {
#ifdef BOBBIN_CONTROL
  return [&text] { static_cast<void>(text.size()); };
#else
  return [text] { static_cast<void>(text.size()); };
#endif
}
