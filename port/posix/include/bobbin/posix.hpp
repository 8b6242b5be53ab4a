// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>
#include <bobbin/posix/epoll_reactor.hpp>

namespace bobbin {

// The reactor for Linux. All of its memory is its `sizeof`; it takes two descriptors, signals take
// a third, and each connection, listening port and UDP
// port one more. RLIMIT_NOFILE must allow for them: its
// usual soft limit is 1024, which a program may raise itself. The reactor does not move, and is
// destroyed by the thread that runs it.
template <ReactorSizes sizes = ReactorSizes{}>
class EpollReactor : private ReactorStorage<sizes>, public EpollReactorBase {
 public:
  EpollReactor() : EpollReactorBase(this->spans()) {}
};

static_assert(TcpReactor<EpollReactor<>>);
static_assert(UdpReactor<EpollReactor<>>);

}  // namespace bobbin
