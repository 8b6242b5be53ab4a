// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "system_calls.hpp"

#include <dlfcn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

struct epoll_event;

namespace bobbin::test::system_calls {

std::atomic<bool> connects_to_itself = false;
std::atomic<int> epoll_ctl_calls = 0;
std::atomic<int> sends_without_memory = 0;
std::atomic<int> bytes_on_the_line = -1;

namespace {
bool agreeable = false;
termios agreed{};
}  // namespace

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
extern "C" ssize_t send(int socket, const void* bytes, size_t count, int flags) {
  if (sends_without_memory > 0) {
    --sends_without_memory;
    errno = ENOBUFS;
    return -1;
  }
  return syscall(SYS_sendto, socket, bytes, count, flags, nullptr, 0);
}

extern "C" int connect(int socket, const sockaddr* to, socklen_t length) {
  if (connects_to_itself) static_cast<void>(bind(socket, to, length));
  return static_cast<int>(syscall(SYS_connect, socket, to, length));
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
