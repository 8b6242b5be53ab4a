// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "system_calls.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

struct epoll_event;

namespace bobbin::test::system_calls {

std::atomic<bool> connects_to_itself = false;
std::atomic<int> epoll_ctl_calls = 0;
std::atomic<int> sends_without_memory = 0;

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
