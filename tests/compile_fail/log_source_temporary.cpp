// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the source of a Logger would be gone

#include <bobbin/logger.hpp>

bobbin::Logger make(bobbin::LogPublisher& publisher, const bobbin::Address& peer) {
#ifdef BOBBIN_CONTROL
  return {publisher, "net", peer};
#else
  return {publisher, "net", peer.with_port(1)};
#endif
}
