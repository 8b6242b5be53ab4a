// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "contract/correspondents.hpp"

// These take the C library's place for the whole test program, to bring about on demand what else
// happens by chance.
namespace {
int sendto_error = 0;    // of the next call
int recvmsg_error = 0;   // of the next call
int unknown_option = 0;  // to the system
}  // namespace
extern "C" int setsockopt(int socket, int level, int name, const void* value,
                          socklen_t length) noexcept {
  if (name == unknown_option) {
    errno = ENOPROTOOPT;
    return -1;
  }
  return static_cast<int>(syscall(SYS_setsockopt, socket, level, name, value, length));
}
extern "C" ssize_t sendto(int socket, const void* bytes, size_t count, int flags,
                          const sockaddr* to, socklen_t length) {
  if (const int error = std::exchange(sendto_error, 0)) {
    errno = error;
    return -1;
  }
  return syscall(SYS_sendto, socket, bytes, count, flags, to, length);
}
extern "C" ssize_t recvmsg(int socket, msghdr* message, int flags) {
  if (const int error = std::exchange(recvmsg_error, 0)) {
    errno = error;
    return -1;
  }
  return syscall(SYS_recvmsg, socket, message, flags);
}

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using contract::Correspondent;
using contract::Texts;
using contract::Trace;

#ifdef BOBBIN_POLL
using TestedReactor = PollReactor<>;
#else
using TestedReactor = EpollReactor<>;
#endif

class Sockets : public testing::Test {
 protected:
  ~Sockets() override {
    ann_.improvise();
    bob_.improvise();
    sendto_error = recvmsg_error = unknown_option = 0;
  }

  void listen() {
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), ann_port_));
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), bob_port_));
  }
  Error write(std::string_view text) { return ann_port_.write(bytes_of(text), bob_port_.host()); }
  template <class Done>
  bool run_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!done() && std::chrono::steady_clock::now() < end) reactor_.turn(20ms);
    return done();
  }

  TestedReactor reactor_;
  Correspondent ann_;
  Correspondent bob_;
  UdpPort<64> ann_port_{ann_};
  UdpPort<64> bob_port_{bob_};
};

TEST_F(Sockets, that_have_no_room_for_a_datagram_say_so_and_send_nothing) {
  listen();
  for (const int error : {EAGAIN, ENOBUFS, ENOMEM}) {
    sendto_error = error;
    const Error refused = write("not now");
    EXPECT_EQ(refused, Errc::would_block);
    EXPECT_EQ(refused.native, error);
  }
  EXPECT_EQ(ann_port_.statistics().sent, 0U);
  ASSERT_FALSE(write("now"));
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.received, Texts{"now"});
}

TEST_F(Sockets, whose_calls_are_interrupted_make_them_again) {
  listen();
  sendto_error = recvmsg_error = EINTR;
  ASSERT_FALSE(write("again"));
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.received, Texts{"again"});
  EXPECT_EQ(recvmsg_error, 0);
}

TEST_F(Sockets, translate_what_else_a_send_may_say) {
  listen();
  const std::pair<int, Errc> expected[] = {
      {EMSGSIZE, Errc::message_too_long}, {ENETUNREACH, Errc::unreachable},
      {EHOSTUNREACH, Errc::unreachable},  {EPERM, Errc::permission_denied},
      {EINVAL, Errc::invalid_argument},   {EIO, Errc::system_error}};
  for (const auto& [number, code] : expected) {
    sendto_error = number;
    EXPECT_EQ(write("x"), code) << number;
  }
}

// The error is that of an earlier datagram.
TEST_F(Sockets, send_what_stumbles_over_a_refusal_and_tell_of_it_later) {
  listen();
  ASSERT_FALSE(ann_port_.connect(bob_port_.host()));
  ASSERT_TRUE(run_until([&] { return !ann_.trace.empty(); }));
  sendto_error = ECONNREFUSED;
  EXPECT_FALSE(ann_port_.write(bytes_of("sent all the same")));
  EXPECT_EQ(ann_.trace, Trace{"start"}) << "not from inside write";
  ASSERT_TRUE(run_until([&] { return ann_.trace == Trace({"start", "refused"}); }));
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.received, Texts{"sent all the same"});
}

TEST_F(Sockets, are_read_again_after_passing_trouble) {
  listen();
  ASSERT_TRUE(run_until([&] { return !bob_.trace.empty(); }));
  for (const int error : {EINTR, EHOSTUNREACH, EPROTO, ENOBUFS, ENOMEM}) {
    bob_.received.clear();
    recvmsg_error = error;
    ASSERT_FALSE(write("behind it"));
    ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); })) << error;
    EXPECT_EQ(bob_.received, Texts{"behind it"});
    EXPECT_EQ(recvmsg_error, 0);
  }
}

TEST_F(Sockets, without_a_peer_are_not_told_of_refusals) {
  listen();
  ASSERT_TRUE(run_until([&] { return !bob_.trace.empty(); }));
  recvmsg_error = ECONNREFUSED;
  ASSERT_FALSE(write("behind it"));
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  EXPECT_EQ(bob_.trace, (Trace{"start", "datagram"}));
}

TEST_F(Sockets, are_told_of_one_refusal_after_the_other_and_are_read_afterwards) {
  listen();
  const Address gone = bob_port_.host();
  bob_port_.stop_listening();
  ASSERT_FALSE(ann_port_.connect(gone));
  ASSERT_TRUE(run_until([&] { return !ann_.trace.empty(); }));
  for (int i = 0; i < 3; ++i) {
    ann_.trace.clear();
    ASSERT_FALSE(ann_port_.write(bytes_of("anybody there?")));
    ASSERT_TRUE(run_until([&] { return ann_.trace == Trace{"refused"}; })) << i;
  }
  ASSERT_FALSE(reactor_.listen_udp(gone, bob_port_));
  ASSERT_FALSE(bob_port_.write(bytes_of("now I am"), ann_port_.host()));
  ASSERT_TRUE(run_until([&] { return !ann_.received.empty(); }));
  EXPECT_EQ(ann_.received, Texts{"now I am"});
}

TEST_F(Sockets, that_are_paused_let_the_reactor_sleep) {
  listen();
  ASSERT_TRUE(run_until([&] { return !bob_.trace.empty(); }));
  bob_port_.pause_producing();
  ASSERT_FALSE(write("waits"));
  // It hears of it once.
  reactor_.turn(20ms);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) reactor_.turn(20ms);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
  EXPECT_EQ(bob_.received, Texts{});
  bob_port_.resume_producing();
  ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); }));
  ASSERT_FALSE(write("comes"));
  ASSERT_TRUE(run_until([&] { return bob_.received == Texts({"waits", "comes"}); }));
}

TEST_F(Sockets, know_their_own_address_once_connected) {
  ASSERT_FALSE(reactor_.listen_udp(Address::any(0), ann_port_));
  ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), bob_port_));
  const Address before = ann_port_.host();
  EXPECT_EQ(before.with_port(0), Address::any(0));
  ASSERT_FALSE(ann_port_.connect(bob_port_.host()));
  EXPECT_EQ(ann_port_.host(), Address::loopback(before.port()));
}

TEST_F(Sockets, are_refused_addresses_and_interfaces_of_others) {
  const Address foreign = Address::ip4({192, 0, 2, 1}, 0);
  EXPECT_EQ(reactor_.listen_udp(foreign, ann_port_), Errc::address_not_available);
  UdpOptions options;
  options.multicast_interface = foreign;
  EXPECT_EQ(reactor_.listen_udp(Address::any(0), ann_port_, options), Errc::address_not_available);
  options.multicast_interface = Address::ip6({1}, 0);
  EXPECT_EQ(reactor_.listen_udp(Address::any(0), ann_port_, options), Errc::invalid_argument);
  EXPECT_FALSE(ann_port_.listening());
  ASSERT_FALSE(reactor_.listen_udp(Address::any(0), ann_port_));
  EXPECT_EQ(ann_port_.join_group(Address::ip4({239, 1, 1, 1}, 0), foreign),
            Errc::address_not_available);
}

TEST_F(Sockets, are_had_without_the_options_that_old_kernels_do_not_know) {
  for (const int option : {SO_RXQ_OVFL, IP_MULTICAST_ALL}) {
    unknown_option = option;
    listen();
    ASSERT_FALSE(write("all the same"));
    ASSERT_TRUE(run_until([&] { return !bob_.received.empty(); })) << option;
    EXPECT_EQ(bob_.received, Texts{"all the same"});
    for (DatagramPort* port : {&ann_port_, &bob_port_}) port->stop_listening();
    ASSERT_TRUE(
        run_until([&] { return bob_.trace.back() == "stop" && ann_.trace.back() == "stop"; }));
    bob_.received.clear();
  }
  unknown_option = IP_MULTICAST_TTL;
  EXPECT_EQ(reactor_.listen_udp(Address::loopback(0), ann_port_), Errc::system_error);
}

TEST_F(Sockets, cannot_be_had_for_paths) {
  const auto path = Address::unix_path("/tmp/nothing");
  ASSERT_TRUE(path);
  EXPECT_EQ(reactor_.listen_udp(*path, ann_port_), Errc::not_supported);
}

#ifdef BOBBIN_CHECK_CONTEXT

TEST_F(Sockets, called_from_another_thread_are_an_assertion_where_it_is_checked) {
  listen();
  ASSERT_TRUE(run_until([&] { return !bob_.trace.empty(); }));
  const Address to = bob_port_.host();
  const Address group = Address::ip4({239, 1, 1, 1}, 0);
  ASSERT_FALSE(ann_port_.connect(to));
  const auto dies = [](auto call) {
    EXPECT_DEATH(std::thread(call).join(), "in_own_context") << "nothing was checked";
  };
  dies([&] { std::ignore = ann_port_.write(bytes_of("x"), to); });
  dies([&] { std::ignore = ann_port_.write(bytes_of("x")); });
  dies([&] { std::ignore = ann_port_.connect(to); });
  dies([&] { std::ignore = ann_port_.join_group(group); });
  dies([&] { std::ignore = ann_port_.leave_group(group); });
  dies([&] { ann_port_.pause_producing(); });
  dies([&] { ann_port_.resume_producing(); });
  dies([&] { ann_port_.stop_listening(); });
  dies([&] { std::ignore = reactor_.listen_udp(to, ann_port_); });
}

TEST(ASocket, may_be_destroyed_by_another_thread_than_the_one_that_ran_it) {
  TestedReactor reactor;
  Correspondent ann;
  auto port = std::make_unique<UdpPort<64>>(ann);
  ASSERT_FALSE(reactor.listen_udp(Address::loopback(0), *port));
  for (int i = 0; i < 3; ++i) reactor.turn(Duration::zero());
  std::thread([&] { port.reset(); }).join();
  EXPECT_EQ(ann.trace, (Trace{"start", "stop"}));
}

#endif

}  // namespace
}  // namespace bobbin
