// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <bobbin/address.hpp>
#include <bobbin/posix/descriptor.hpp>

namespace bobbin::test {

// A client on a blocking socket, in a thread or between turns.
class Client {
 public:
  explicit Client(const Address& server)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(server.port());
    const int result =
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    EXPECT_EQ(result, 0);
  }

  void send(const std::string& text) {
    EXPECT_EQ(::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // As much as the system takes without waiting.
  void fill() {
    const std::string much(65536, 'x');
    while (::send(socket_.number(), much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
  }

  // So many bytes, or fewer if the connection ends.
  std::string receive(std::size_t count) {
    std::string text(count, '\0');
    const ssize_t received = recv(socket_.number(), text.data(), count, MSG_WAITALL);
    text.resize(received > 0 ? static_cast<std::size_t>(received) : 0);
    return text;
  }

 private:
  Descriptor socket_;
};

// Lets this program have so many files open; false if the administrator does not.
inline bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max < count) return false;
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace bobbin::test
