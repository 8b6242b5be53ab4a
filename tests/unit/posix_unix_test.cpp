// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "posix_support.hpp"

namespace bobbin::test {
namespace {

namespace fs = std::filesystem;

// A socket of the test's own, of the Unix domain, that does not block.
class UnixSocket {
 public:
  explicit UnixSocket(int type = SOCK_STREAM)
      : number_(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;
  ~UnixSocket() { ::close(number_); }

  int number() const { return number_; }
  bool connect(const std::string& path) { return call(::connect, path); }
  bool bind(const std::string& path) { return call(::bind, path); }
  bool listen(const std::string& path) { return bind(path) && ::listen(number_, 5) == 0; }

 private:
  template <class F>
  bool call(F function, const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    return function(number_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  }

  int number_;
};

class UnixSockets : public testing::Test {
 protected:
  UnixSockets() {
    std::string pattern = testing::TempDir() + "bobbin-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~UnixSockets() override { fs::remove_all(folder_); }

  std::string path(const char* name = "socket") const { return folder_ + "/" + name; }
  Address address(const char* name = "socket") const { return *Address::unix_path(path(name)); }

  Error listen(const SocketFileOptions& file = {}) {
    return reactor_.listen_unix(address(), server_, {}, file);
  }
  // As a program leaves it that was killed.
  void leave_a_stale_file() const { ASSERT_TRUE(UnixSocket().listen(path())); }

  void expect_error(Error error, Errc code, int number) {
    EXPECT_EQ(error, code) << describe(error);
    EXPECT_EQ(error.native, number) << std::strerror(error.native);
    EXPECT_FALSE(server_.listening());
  }

  TestedReactor<> reactor_;
  Record record_;
  Record client_record_;
  TcpServer<Recorder, small, Record> server_{record_};
  Client client_{client_record_};
  std::string folder_;
};

TEST_F(UnixSockets, the_file_has_the_mode_that_was_asked_for_whatever_the_umask) {
  const mode_t before = umask(0027);
  for (const mode_t mode : {0600U, 0660U, 0666U, 0777U}) {
    ASSERT_FALSE(listen({.mode = mode}));
    struct stat status {};
    ASSERT_EQ(stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode, S_IFSOCK | mode);
    server_.stop_listening();
  }
  umask(before);
}

TEST_F(UnixSockets, by_default_only_the_owner_may_connect) {
  ASSERT_FALSE(listen());
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(UnixSockets, the_file_goes_when_the_port_stops_and_when_its_reactor_does) {
  ASSERT_FALSE(listen());
  EXPECT_TRUE(fs::is_socket(path()));
  server_.stop_listening();
  EXPECT_FALSE(fs::exists(path()));
  {
    TestedReactor<> reactor;
    TcpServer<Echo, small> server;
    ASSERT_FALSE(reactor.listen_unix(address(), server));
  }
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(UnixSockets, what_somebody_put_into_the_file_s_place_stays) {
  ASSERT_FALSE(listen());
  fs::remove(path());
  UnixSocket successor;
  ASSERT_TRUE(successor.listen(path()));
  server_.stop_listening();
  EXPECT_TRUE(fs::is_socket(path()));
  EXPECT_TRUE(UnixSocket().connect(path()));
}

TEST_F(UnixSockets, a_file_in_the_way_is_address_in_use) {
  leave_a_stale_file();
  const std::ptrdiff_t before = open_descriptors();
  expect_error(listen(), Errc::address_in_use, EADDRINUSE);
  EXPECT_TRUE(fs::exists(path()));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(UnixSockets, a_stale_file_is_replaced_if_that_is_asked_for) {
  leave_a_stale_file();
  const std::ptrdiff_t before = open_descriptors();
  ASSERT_FALSE(listen({.remove_stale = true}));
  EXPECT_EQ(open_descriptors(), before + 1);
  EXPECT_TRUE(UnixSocket().connect(path()));
}

TEST_F(UnixSockets, a_file_at_which_somebody_listens_is_never_replaced) {
  UnixSocket other;
  ASSERT_TRUE(other.listen(path()));
  expect_error(listen({.remove_stale = true}), Errc::address_in_use, EADDRINUSE);
  EXPECT_TRUE(UnixSocket().connect(path()));
}

TEST_F(UnixSockets, a_file_whose_listener_is_busy_is_never_replaced) {
  UnixSocket other;
  ASSERT_TRUE(other.bind(path()));
  ASSERT_EQ(::listen(other.number(), 0), 0);
  UnixSocket first;
  UnixSocket second;
  ASSERT_TRUE(first.connect(path()));
  ASSERT_FALSE(second.connect(path()));
  ASSERT_EQ(errno, EAGAIN);
  expect_error(listen({.remove_stale = true}), Errc::address_in_use, EADDRINUSE);
  EXPECT_TRUE(fs::exists(path()));
}

TEST_F(UnixSockets, a_file_of_a_socket_for_datagrams_in_use_is_never_replaced) {
  UnixSocket other(SOCK_DGRAM);
  ASSERT_TRUE(other.bind(path()));
  expect_error(listen({.remove_stale = true}), Errc::address_in_use, EADDRINUSE);
  EXPECT_TRUE(fs::exists(path()));
}

TEST_F(UnixSockets, what_is_not_a_socket_is_never_removed) {
  std::ofstream(path("file")) << "precious";
  fs::create_directory(path("folder"));
  leave_a_stale_file();
  fs::create_symlink(path(), path("link"));
  fs::create_symlink(path("nothing"), path("dangling"));
  for (const char* const name : {"file", "folder", "link", "dangling"}) {
    expect_error(reactor_.listen_unix(address(name), server_, {}, {.remove_stale = true}),
                 Errc::address_in_use, EADDRINUSE);
    EXPECT_NE(fs::symlink_status(path(name)).type(), fs::file_type::not_found) << name;
  }
}

TEST_F(UnixSockets, of_several_that_replace_a_stale_file_at_once_exactly_one_listens) {
  for (int round = 0; round < 20; ++round) {
    fs::remove(path());
    leave_a_stale_file();
    std::vector<std::thread> threads;
    std::atomic<int> listening = 0;
    std::atomic<int> tried = 0;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        TestedReactor<> reactor;
        TcpServer<Echo, small> server;
        const Error error = reactor.listen_unix(address(), server, {}, {.remove_stale = true});
        if (!error) ++listening;
        ++tried;
        while (tried < 4) std::this_thread::yield();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(listening, 1);
  }
}

TEST_F(UnixSockets, where_there_is_no_directory_nobody_can_listen) {
  const Address nowhere = *Address::unix_path(path("no/such/socket"));
  for (const bool remove_stale : {false, true}) {
    expect_error(reactor_.listen_unix(nowhere, server_, {}, {.remove_stale = remove_stale}),
                 Errc::address_not_available, ENOENT);
  }
  std::ofstream(path("file")) << "no directory";
  const Address below_a_file = *Address::unix_path(path("file/socket"));
  expect_error(reactor_.listen_unix(below_a_file, server_), Errc::address_not_available, ENOTDIR);
}

TEST_F(UnixSockets, where_it_is_not_permitted_nobody_can_listen) {
  if (geteuid() == 0) {
    // Root may write everywhere but here.
    expect_error(reactor_.listen_unix(*Address::unix_path("/proc/bobbin"), server_),
                 Errc::address_not_available, ENOENT);
    return;
  }
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  expect_error(listen(), Errc::permission_denied, EACCES);
  fs::permissions(folder_, fs::perms::owner_all);
}

TEST_F(UnixSockets, a_mode_that_is_none_is_refused) {
  expect_error(listen({.mode = 01000}), Errc::invalid_argument, 0);
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(UnixSockets, no_other_address_will_do) {
  EXPECT_EQ(reactor_.listen_unix(Address::loopback(0), server_), Errc::not_supported);
  EXPECT_EQ(reactor_.connect_unix(Address::loopback(80), client_), Errc::not_supported);
  EXPECT_EQ(reactor_.connect_unix(Address::unix_unnamed(), client_), Errc::invalid_argument);
  EXPECT_EQ(reactor_.listen_unix(address(), server_, {.share_port = true}), Errc::not_supported);
  EXPECT_EQ(client_.state(), Connector::State::disconnected);
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(UnixSockets, the_longest_path_works_and_a_longer_one_is_no_address) {
  const std::string longest = path(std::string(106 - folder_.size(), 'x').c_str());
  ASSERT_EQ(longest.size(), config::unix_path_bytes);
  ASSERT_FALSE(reactor_.listen_unix(*Address::unix_path(longest), server_));
  EXPECT_EQ(server_.host().path(), longest);
  ASSERT_FALSE(reactor_.connect_unix(server_.host(), client_));
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.made == 1; }));
  server_.stop_listening();
  EXPECT_FALSE(fs::exists(longest));
  EXPECT_EQ(Address::unix_path(longest + "x").error(), Errc::invalid_argument);
}

TEST_F(UnixSockets, an_abstract_name_has_no_file) {
  const std::string name = folder_ + std::string("\0and more", 9);
  ASSERT_FALSE(reactor_.listen_unix(*Address::unix_abstract(name), server_, {}, {.mode = 0666}));
  EXPECT_EQ(server_.host(), *Address::unix_abstract(name));
  ASSERT_FALSE(reactor_.connect_unix(server_.host(), client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return client_record_.made == 1; }));
  EXPECT_EQ(client_record_.transport->peer(), *Address::unix_abstract(name));
  EXPECT_EQ(client_record_.transport->host(), Address::unix_unnamed());
  EXPECT_TRUE(fs::is_empty(folder_));
}

void expect_failure(Reactor& reactor, const Record& record, Errc code, int number) {
  ASSERT_EQ(record.failed, 0) << "from inside connect_unix";
  ASSERT_TRUE(turn_until(reactor, [&] { return record.failed == 1; }));
  EXPECT_EQ(record.reason, code) << describe(record.reason);
  EXPECT_EQ(record.reason.native, number) << std::strerror(record.reason.native);
}

TEST_F(UnixSockets, a_connect_is_refused_where_there_is_no_file) {
  ASSERT_FALSE(reactor_.connect_unix(address(), client_));
  expect_failure(reactor_, client_record_, Errc::connection_refused, ENOENT);
}

TEST_F(UnixSockets, a_connect_is_refused_where_nobody_listens) {
  leave_a_stale_file();
  ASSERT_FALSE(reactor_.connect_unix(address(), client_));
  expect_failure(reactor_, client_record_, Errc::connection_refused, ECONNREFUSED);
}

TEST_F(UnixSockets, a_connect_is_refused_where_there_is_something_else) {
  std::ofstream(path()) << "no socket";
  ASSERT_FALSE(reactor_.connect_unix(address(), client_));
  expect_failure(reactor_, client_record_, Errc::connection_refused, ECONNREFUSED);
}

TEST_F(UnixSockets, a_connect_is_refused_where_datagrams_are_taken) {
  UnixSocket other(SOCK_DGRAM);
  ASSERT_TRUE(other.bind(path()));
  ASSERT_FALSE(reactor_.connect_unix(address(), client_));
  expect_failure(reactor_, client_record_, Errc::connection_refused, EPROTOTYPE);
}

TEST_F(UnixSockets, a_connect_waits_for_room_in_the_other_s_backlog) {
  UnixSocket other;
  ASSERT_TRUE(other.bind(path()));
  ASSERT_EQ(::listen(other.number(), 0), 0);
  UnixSocket first;
  ASSERT_TRUE(first.connect(path()));
  ASSERT_FALSE(reactor_.connect_unix(address(), client_));
  const std::uint32_t before = reactor_.statistics().turns;
  const auto end = std::chrono::steady_clock::now() + milliseconds(200);
  while (std::chrono::steady_clock::now() < end) reactor_.turn(milliseconds(50));
  EXPECT_LE(reactor_.statistics().turns - before, 50U) << "no busy loop";
  EXPECT_EQ(client_.state(), Connector::State::connecting);
  const int accepted = accept(other.number(), nullptr, nullptr);
  EXPECT_TRUE(turn_until(reactor_, [&] { return client_record_.made == 1; }));
  ::close(accepted);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
}

TEST_F(UnixSockets, descriptors_that_are_sent_along_do_not_hold_up_what_is_behind_them) {
  ASSERT_FALSE(listen());
  UnixSocket peer;
  ASSERT_TRUE(peer.connect(path()));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  const std::ptrdiff_t before = open_descriptors();
  std::string expected;
  for (int i = 0; i < 3; ++i) {
    iovec piece{.iov_base = const_cast<char*>("with "), .iov_len = 5};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr& rights = *CMSG_FIRSTHDR(&message);
    rights.cmsg_level = SOL_SOCKET;
    rights.cmsg_type = SCM_RIGHTS;
    rights.cmsg_len = CMSG_LEN(sizeof(int));
    const int sent = peer.number();
    std::memcpy(CMSG_DATA(&rights), &sent, sizeof sent);
    ASSERT_EQ(sendmsg(peer.number(), &message, MSG_NOSIGNAL), 5);
    ASSERT_EQ(send(peer.number(), "behind ", 7, MSG_NOSIGNAL), 7);
    expected += "with behind ";
    EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == expected; }));
    EXPECT_EQ(record_.received, expected);
  }
  EXPECT_EQ(open_descriptors(), before) << "what was sent is ours";
}

TEST_F(UnixSockets, closing_in_order_with_input_unread_does_not_reset) {
  ASSERT_FALSE(listen());
  UnixSocket peer;
  ASSERT_TRUE(peer.connect(path()));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  record_.transport->pause_producing();
  const std::string much(50'000, 'u');
  ASSERT_EQ(send(peer.number(), much.data(), much.size(), MSG_NOSIGNAL), 50'000);
  reactor_.turn(milliseconds(0));
  EXPECT_EQ(record_.transport->write(bytes_of("farewell")), 8U);
  record_.transport->lose_connection();
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
  char bytes[100];
  EXPECT_EQ(recv(peer.number(), bytes, sizeof bytes, 0), 8);
  EXPECT_EQ(recv(peer.number(), bytes, sizeof bytes, 0), 0) << std::strerror(errno);
}

}  // namespace
}  // namespace bobbin::test
