// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "system_calls.hpp"

#include <dlfcn.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <ctime>

struct epoll_event;

namespace bobbin::test::system_calls {

std::atomic<bool> connects_to_itself = false;
std::atomic<int> epoll_ctl_calls = 0;
std::atomic<int> interrupt_one_of = 0;
std::atomic<long> seconds_slept = 0;
std::atomic<int> bytes_on_the_line = -1;

namespace {

struct Injection {
  std::atomic<int> times = 0;
  std::atomic<int> error = 0;
  std::atomic<int> calls = 0;
};
Injection injections[8];

Injection& injection(Call call) { return injections[static_cast<int>(call)]; }

// With errno set.
bool fails(Call call) {
  Injection& plan = injection(call);
  if (plan.times > 0) {
    --plan.times;
    errno = plan.error;
    return true;
  }
  if (interrupt_one_of == 0 || ++plan.calls % interrupt_one_of != 0) return false;
  errno = EINTR;
  return true;
}

bool agreeable = false;
termios agreed{};
}  // namespace

void fail_next(Call call, int error, int times) {
  injection(call).error = error;
  injection(call).times = times;
}

int failures_left(Call call) { return injection(call).times; }

AgreeableLine::AgreeableLine() {
  agreed = {};
  agreeable = true;
}
AgreeableLine::~AgreeableLine() { agreeable = false; }
const termios& AgreeableLine::settings() const { return agreed; }

}  // namespace bobbin::test::system_calls

using namespace bobbin::test::system_calls;

extern "C" int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  ++epoll_ctl_calls;
  return static_cast<int>(syscall(SYS_epoll_ctl, epoll, operation, descriptor, event));
}
extern "C" int accept4(int socket, sockaddr* peer, socklen_t* length, int flags) {
  if (fails(Call::accept)) return -1;
  return static_cast<int>(syscall(SYS_accept4, socket, peer, length, flags));
}
extern "C" int connect(int socket, const sockaddr* to, socklen_t length) {
  if (connects_to_itself) static_cast<void>(bind(socket, to, length));
  const auto result = static_cast<int>(syscall(SYS_connect, socket, to, length));
  // An interrupted connect goes on.
  return fails(Call::connect) ? -1 : result;
}
extern "C" ssize_t read(int descriptor, void* bytes, size_t count) {
  if (fails(Call::read)) return -1;
  return syscall(SYS_read, descriptor, bytes, count);
}
extern "C" ssize_t recv(int socket, void* bytes, size_t count, int flags) {
  if (fails(Call::recv)) return -1;
  return syscall(SYS_recvfrom, socket, bytes, count, flags, nullptr, nullptr);
}
extern "C" ssize_t send(int socket, const void* bytes, size_t count, int flags) {
  if (fails(Call::send)) return -1;
  return syscall(SYS_sendto, socket, bytes, count, flags, nullptr, 0);
}
extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  if (fails(Call::sendmsg)) return -1;
  return syscall(SYS_sendmsg, socket, message, flags);
}
extern "C" ssize_t writev(int descriptor, const iovec* pieces, int count) {
  if (fails(Call::writev)) return -1;
  return syscall(SYS_writev, descriptor, pieces, count);
}
extern "C" int epoll_wait(int epoll, epoll_event* events, int count, int milliseconds) {
  if (fails(Call::wait)) return -1;
  return static_cast<int>(syscall(SYS_epoll_pwait, epoll, events, count, milliseconds, nullptr, 0));
}
extern "C" int ppoll(pollfd* questions, nfds_t count, const timespec* limit, const sigset_t* mask) {
  if (fails(Call::wait)) return -1;
  timespec left{};
  if (limit != nullptr) left = *limit;
  timespec* const copy = limit != nullptr ? &left : nullptr;
  return static_cast<int>(syscall(SYS_ppoll, questions, count, copy, mask, sizeof(long)));
}
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_MONOTONIC) time->tv_sec += seconds_slept;
  return result;
}

extern "C" int ioctl(int descriptor, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (request == TIOCOUTQ && bytes_on_the_line >= 0) {
    *static_cast<int*>(argument) = bytes_on_the_line;
    return 0;
  }
  return static_cast<int>(syscall(SYS_ioctl, descriptor, request, argument));
}

extern "C" int tcgetattr(int line, termios* settings) noexcept {
  if (agreeable) {
    *settings = agreed;
    return 0;
  }
  static const auto original =
      reinterpret_cast<decltype(&tcgetattr)>(dlsym(RTLD_NEXT, "tcgetattr"));
  return original(line, settings);
}
extern "C" int tcsetattr(int line, int when, const termios* settings) noexcept {
  if (agreeable) {
    agreed = *settings;
    return 0;
  }
  static const auto original =
      reinterpret_cast<decltype(&tcsetattr)>(dlsym(RTLD_NEXT, "tcsetattr"));
  return original(line, when, settings);
}
