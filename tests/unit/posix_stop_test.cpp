// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "posix_support.hpp"

// A signal that comes in the same wait as other events, and whose function ends what those are for.
namespace bobbin::test {
namespace {

struct Server final : TcpServer<Recorder, small, Record> {
  using TcpServer::TcpServer;
};

// Of what happens before one wait, epoll tells in the order in which it happened, and poll(2) in
// that of places: the port is watched before the signals here, or after them.
enum class First { signal, client };

class SignalAmongEvents : public testing::TestWithParam<First> {
 protected:
  using Step = std::function<void()>;

  static void in_order(const Step& of_signal, const Step& of_client) {
    if (GetParam() == First::signal) of_signal();
    of_client();
    if (GetParam() == First::client) of_signal();
  }

  void prepare(StopSignals::Observer instead) {
    in_order([&] { ASSERT_FALSE(reactor_.stop_on_signals(instead)); },
             [&] { ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), *server_)); });
  }

  TestedReactor<> reactor_;
  Record record_;
  std::optional<Server> server_{std::in_place, record_};
  RawSocket client_;
  int heard_ = 0;
};

TEST_P(SignalAmongEvents, may_stop_the_port_that_somebody_comes_to) {
  prepare([this](int signal) {
    heard_ = signal;
    server_->stop_listening();
  });
  const std::uint16_t port = server_->host().port();
  in_order([] { raise(SIGTERM); }, [&] { ASSERT_TRUE(client_.connect(port)); });
  reactor_.turn(milliseconds(0));
  EXPECT_EQ(heard_, SIGTERM);
  EXPECT_FALSE(server_->listening());
  EXPECT_EQ(record_.made, GetParam() == First::client ? 1 : 0);
}

TEST_P(SignalAmongEvents, may_destroy_whose_connection_has_input) {
  prepare([this](int signal) {
    heard_ = signal;
    server_.reset();
  });
  ASSERT_TRUE(client_.connect(server_->host().port()));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  in_order([] { raise(SIGTERM); }, [&] { ASSERT_TRUE(client_.send("for whom?")); });
  reactor_.turn(milliseconds(0));
  EXPECT_EQ(heard_, SIGTERM);
  EXPECT_EQ(record_.lost, 1);
}

INSTANTIATE_TEST_SUITE_P(Posix, SignalAmongEvents, testing::Values(First::signal, First::client),
                         [](const auto& name) {
                           return name.param == First::signal ? "which_is_first" : "which_is_last";
                         });

TEST(Posix, who_is_told_of_a_signal_may_ask_for_the_next_one) {
  struct {
    TestedReactor<> reactor;
    std::string heard;
  } all;
  ASSERT_FALSE(all.reactor.stop_on_signals([&all, name = 'a'](int) {
    EXPECT_FALSE(all.reactor.stop_on_signals([&all, name = 'b'](int) { all.heard += name; }));
    all.heard += name;
  }));
  raise(SIGINT);
  all.reactor.turn(milliseconds(0));
  EXPECT_EQ(all.heard, "a");
  raise(SIGTERM);
  all.reactor.turn(milliseconds(0));
  EXPECT_EQ(all.heard, "ab");
}

}  // namespace
}  // namespace bobbin::test
