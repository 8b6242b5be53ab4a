// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "waits.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace bobbin::test {

Waits waits;
std::atomic<int> sends_without_memory{0};

namespace {

enum class Length { none, some, endless };

Length length_of(const timespec* time_out) {
  if (time_out == nullptr) return Length::endless;
  return time_out->tv_sec == 0 && time_out->tv_nsec == 0 ? Length::none : Length::some;
}

Length length_of(int milliseconds) {
  if (milliseconds < 0) return Length::endless;
  return milliseconds == 0 ? Length::none : Length::some;
}

void count(Length length) {
  ++waits.all;
  if (length != Length::none) ++waits.blocking;
  if (length == Length::endless) ++waits.endless;
}

// What a wait returned, as its caller shall have it.
template <class T>
T counted(T events) {
  if (events > 0) waits.events += static_cast<int>(events);
  return events;
}

}  // namespace

}  // namespace bobbin::test

using bobbin::test::count;
using bobbin::test::counted;
using bobbin::test::length_of;

// Each __wrap_ takes the place of the call, and __real_ is the call.
extern "C" {

int __real_clock_nanosleep(clockid_t, int, const timespec*, timespec*);
int __real_epoll_wait(int, epoll_event*, int, int);
int __real_poll(pollfd*, nfds_t, int);
int __real_ppoll(pollfd*, nfds_t, const timespec*, const sigset_t*);
ssize_t __real_send(int, const void*, size_t, int);
long __real_syscall(long, ...);

int __wrap_clock_nanosleep(clockid_t clock, int flags, const timespec* length, timespec* left) {
  count(length_of(length));
  return __real_clock_nanosleep(clock, flags, length, left);
}

int __wrap_epoll_wait(int epoll, epoll_event* events, int most, int time_out) {
  count(length_of(time_out));
  return counted(__real_epoll_wait(epoll, events, most, time_out));
}

int __wrap_poll(pollfd* asked, nfds_t number, int time_out) {
  // With none it is a question and no wait.
  if (time_out != 0) count(length_of(time_out));
  return __real_poll(asked, number, time_out);
}

int __wrap_ppoll(pollfd* asked, nfds_t number, const timespec* time_out, const sigset_t* mask) {
  count(length_of(time_out));
  return counted(__real_ppoll(asked, number, time_out, mask));
}

ssize_t __wrap_send(int socket, const void* bytes, size_t size, int flags) {
  if (bobbin::test::sends_without_memory > 0) {
    --bobbin::test::sends_without_memory;
    errno = ENOBUFS;
    return -1;
  }
  return __real_send(socket, bytes, size, flags);
}

// epoll_pwait2 is called by its number, as the C library may not know it.
long __wrap_syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
#ifdef SYS_epoll_pwait2
  if (number == SYS_epoll_pwait2) {
    count(length_of(reinterpret_cast<const timespec*>(arguments[3])));
    return counted(__real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                                  arguments[4], arguments[5]));
  }
#endif
  return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);
}

void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // extern "C"

namespace bobbin::test {

int uncounted_ppoll(pollfd* asked, nfds_t number, const timespec* time_out) {
  return __real_ppoll(asked, number, time_out, nullptr);
}

}  // namespace bobbin::test
