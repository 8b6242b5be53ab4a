// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the capture is too large for this callback

#include <bobbin/callback.hpp>

struct Large {
  std::byte bytes[bobbin::config::callback_bytes + 1];
};

bobbin::Callback make(const Large& large) {
#ifdef BOBBIN_CONTROL
  return [&large] { static_cast<void>(large); };
#else
  return [large] { static_cast<void>(large); };
#endif
}
