// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin {

// Whatever has a descriptor that an EpollReactor watches.
class Watched {
 public:
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // `events` as in epoll_ctl(2). MUST only note what happened and mark owners: the events of one
  // wait are gone through with pointers to what they belong to, so nobody may go away meanwhile.
  virtual void ready(std::uint32_t events) = 0;

 protected:
  Watched() = default;
  ~Watched() = default;
};

}  // namespace bobbin
