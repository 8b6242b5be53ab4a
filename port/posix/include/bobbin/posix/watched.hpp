// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin {

// Whatever has a descriptor that a PosixReactor watches.
class Watched {
 public:
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // `events` as in poll(2), and in epoll_ctl(2), which has the same numbers. MUST only note what
  // happened and mark owners: the events of one wait are gone through with pointers to what they
  // belong to, so nobody may go away meanwhile.
  virtual void ready(std::uint32_t events) = 0;

 protected:
  Watched() = default;
  ~Watched() = default;

  // To be called where epoll's next edge may come: input is drained, or room is short. Only poll(2)
  // needs to hear of it.
  void expect(std::uint16_t events) { expected_ |= events; }

 private:
  friend class PollReactorBase;

  std::uint16_t expected_ = 0;
};

}  // namespace bobbin
