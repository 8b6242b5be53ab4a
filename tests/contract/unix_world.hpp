// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/un.h>

#include <gtest/gtest.h>

#include "socket_world.hpp"

namespace bobbin::contract {

// The same calls over Unix-domain sockets.
template <class R>
class UnixReactor final : public R {
 public:
  Error listen_tcp(const Address& name, ListeningPort& port, const ListenOptions& options = {}) {
    return this->listen_unix(name, port, options);
  }
  Error connect_tcp(const Address& name, Connector& connector, const ConnectOptions& options = {}) {
    return this->connect_unix(name, connector, options);
  }
};

// A listener whose backlog is full: the system says so at once.
class FullListener {
 public:
  FullListener() : listener_(make_socket()) {
    sockaddr name{};
    name.sa_family = AF_UNIX;
    if (bind(listener_, &name, sizeof name.sa_family) != 0) std::abort();  // Linux finds a name
    sockaddr_un chosen{};
    socklen_t length = sizeof chosen;
    auto* const generic = reinterpret_cast<sockaddr*>(&chosen);
    if (getsockname(listener_, generic, &length) != 0) std::abort();
    name_.assign(chosen.sun_path + 1, length - offsetof(sockaddr_un, sun_path) - 1);
    if (listen(listener_, 0) != 0) std::abort();
    if (connect(filler_, generic, length) != 0) std::abort();
  }
  ~FullListener() {
    close(filler_);
    close(listener_);
  }

  Address address() const { return *Address::unix_abstract(name_); }

 private:
  static int make_socket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); }

  int listener_;
  int filler_ = make_socket();
  std::string name_;
};

enum class Names { paths, abstract };

template <class R, Names names>
class UnixWorld : public SocketWorld<UnixReactor<R>> {
 public:
  UnixWorld() {
    std::string pattern = testing::TempDir() + "bobbin-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  // A listening port takes its file with it.
  ~UnixWorld() { EXPECT_TRUE(std::filesystem::remove(folder_)); }

  Address anywhere() {
    if constexpr (names == Names::abstract) return Address::unix_unnamed();
    return *Address::unix_path(folder_ + "/" + std::to_string(++count_));
  }
  Address silent() { return full_.address(); }

  static constexpr bool tells_resets = false;
  static constexpr bool has_ports = false;

 private:
  FullListener full_;
  std::string folder_;
  int count_ = 0;
};

}  // namespace bobbin::contract
