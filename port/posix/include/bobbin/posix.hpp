// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>
#include <bobbin/posix/epoll_reactor.hpp>

namespace bobbin {

// The reactor for Linux. All of its memory is its `sizeof`; it takes two descriptors, and one more
// for each connection and listening port. It does not move, and is destroyed by the thread that
// runs it.
template <ReactorSizes sizes = ReactorSizes{}>
class EpollReactor : private ReactorStorage<sizes>, public EpollReactorBase {
 public:
  EpollReactor() : EpollReactorBase(this->spans()) {}
};

}  // namespace bobbin
