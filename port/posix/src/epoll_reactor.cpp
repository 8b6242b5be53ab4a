// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/epoll_reactor.hpp>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

#include <bobbin/assert.hpp>

#include "failed_wait.hpp"
#include "system_error.hpp"
#include "timespec.hpp"

namespace bobbin {

namespace {

// How many events one turn takes; the others keep their places in the kernel's queue.
constexpr int events_in_one_turn = 256;

// Rounded up: woken early, the reactor would find nothing due and spin.
int to_milliseconds(Duration length) {
  const auto rounded =
      std::chrono::ceil<std::chrono::milliseconds>(std::min(length, longest_wait_at_once));
  return static_cast<int>(rounded.count());
}

int wait_exactly(int epoll, epoll_event* events, Duration length) {
#if defined(SYS_epoll_pwait2) && defined(__LP64__)
  const timespec timeout = to_timespec(length);
  const long count =
      syscall(SYS_epoll_pwait2, epoll, events, events_in_one_turn, &timeout, nullptr, 0);
  // Linux before 5.11, or a sandbox that does not know the call.
  if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(count);
#endif
  return epoll_wait(epoll, events, events_in_one_turn, to_milliseconds(length));
}

}  // namespace

// The waker's counter is never read: an edge comes with each write to it, and it has room for 2^64.
EpollReactorBase::EpollReactorBase(Storage storage) : PosixReactor(storage) {
  epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  open(epoll_.open() ? Error() : error_of(errno));
}

// While the events are gone through nothing is closed and nobody is called but `ready`, which only
// marks; a descriptor that is closed later takes its events out of the kernel's queue. So no event
// can name a channel that is gone.
void EpollReactorBase::wait(Instant until) {
  BOBBIN_ASSERT(!status());
  epoll_event events[events_in_one_turn];
  const Duration length = longest_sleep(until);
  const int count =
      length == forever || length == Duration::zero()
          ? epoll_wait(epoll_.number(), events, events_in_one_turn, length == forever ? -1 : 0)
          : wait_exactly(epoll_.number(), events, length);
  // Somebody closed what is waited at, or put another file in its place.
  if (count < 0) nap_after_failed_wait(errno, length);
  for (int i = 0; i < count; ++i) {
    static_cast<Watched*>(events[i].data.ptr)->ready(events[i].events);
  }
}

Error EpollReactorBase::watch(int descriptor, Watched& watched, Interest interest) {
  constexpr std::uint32_t input = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  epoll_event event{};
  switch (interest) {
    case Interest::input: event.events = input; break;
    case Interest::room: event.events = EPOLLOUT | EPOLLET; break;
    case Interest::input_and_room: event.events = input | EPOLLOUT; break;
  }
  event.data.ptr = &watched;
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return error_of(errno);
}

void EpollReactorBase::forget(int descriptor) {
  epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
}

}  // namespace bobbin
