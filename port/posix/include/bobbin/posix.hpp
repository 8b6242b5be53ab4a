// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>
#include <bobbin/posix/epoll_reactor.hpp>
#include <bobbin/posix/poll_reactor.hpp>
#include <bobbin/posix/resolver.hpp>
#include <bobbin/posix/thread_pool.hpp>

namespace bobbin {

// The reactor for Linux. All of its memory is its `sizeof`; it takes two descriptors, signals take
// a third, and each connection, listening port and UDP port one more. RLIMIT_NOFILE must allow for
// them: its usual soft limit is 1024, which a program may raise itself. The reactor does not move,
// and is destroyed by the thread that runs it.
template <ReactorSizes sizes = ReactorSizes{}>
class EpollReactor : private ReactorStorage<sizes>, public EpollReactorBase {
 public:
  EpollReactor() : EpollReactorBase(this->spans()) {}
};

// The same with poll(2), for systems and sandboxes without epoll. Each turn looks at all
// descriptors, so it suits some hundred at most. `descriptors`: connections (of two descriptors,
// two), listening ports and UDP ports together, and two more, for the reactor and for signals; what
// would take one more runs into no_capacity.
template <ReactorSizes sizes = ReactorSizes{}, std::size_t descriptors = 64>
class PollReactor : private ReactorStorage<sizes>,
                    private PollStorage<descriptors>,
                    public PollReactorBase {
 public:
  PollReactor() : PollReactorBase(ReactorStorage<sizes>::spans(), this->places()) {}
};

static_assert(TcpReactor<EpollReactor<>>);
static_assert(TcpReactor<PollReactor<>>);
static_assert(UdpReactor<EpollReactor<>>);
static_assert(UdpReactor<PollReactor<>>);

}  // namespace bobbin
