// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/reconnecting_client.hpp>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;
using Event = Reconnector::Event;
using Report = Reconnector::Report;
using State = Reconnector::State;

class Reconnecting : public testing::Test {
 protected:
  Reconnecting() {
    client_.on_event([this](const Report& report) {
      ++told_[static_cast<std::size_t>(report.event)];
      reason_ = report.reason.code;
    });
  }
  ~Reconnecting() override {
    server_side_.improvise();
    client_side_.improvise();
    client_.stop();
    cut();
    server_.stop_listening();
    EXPECT_TRUE(world_.run_until([this] { return everything_given_back(); }, 5s));
    EXPECT_EQ(client_.state(), State::stopped);
  }

  bool everything_given_back() {
    return client_.connections().use().in_use == 0 && server_.connections().use().in_use == 0 &&
           world_.reactor().timer_use().in_use == 0;
  }
  void cut() {
    for (Party* party : std::vector(server_side_.open)) party->transport().abort_connection();
  }
  int told(Event event) const { return told_[static_cast<std::size_t>(event)]; }

  static constexpr BackoffOptions quick{.initial = 5ms, .max = 20ms};

  World world_;
  Side server_side_;
  Side client_side_;
  Random random_{1};
  PartyServer<four_small> server_{server_side_};
  ReconnectingClient<Party, one_small, Side> client_{random_, client_side_};
  int told_[6] = {};
  Errc reason_ = Errc::ok;
};

TEST_F(Reconnecting, comes_back_each_time_it_was_cut) {
  ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_));
  ASSERT_FALSE(client_.start(world_.reactor(), server_.host(), {.backoff = quick}));
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(world_.run_until(
        [&] { return told(Event::connected) == i && server_side_.open.size() == 1; }));
    EXPECT_EQ(told(Event::lost), i - 1);
    cut();
    ASSERT_TRUE(world_.run_until([&] { return told(Event::lost) == i; }));
    EXPECT_EQ(reason_, peer_aborted);
  }
  EXPECT_EQ(told(Event::failed), 0);
  ASSERT_TRUE(world_.run_until([this] { return client_.state() == State::connected; }));
  client_.stop();
  ASSERT_TRUE(world_.run_until([this] { return told(Event::stopped) == 1; }));
  EXPECT_EQ(reason_, Errc::connection_done);
}

TEST_F(Reconnecting, gives_up_on_one_who_never_answers) {
  ASSERT_FALSE(client_.start(world_.reactor(), world_.silent(),
                             {.backoff = quick, .retries_max = 2, .connect = {.timeout = 20ms}}));
  ASSERT_TRUE(world_.run_until([this] { return told(Event::gave_up) == 1; }));
  EXPECT_EQ(told(Event::failed), 2);
  EXPECT_EQ(told(Event::connecting), 2);
  EXPECT_EQ(client_.state(), State::stopped);
}

}  // namespace
}  // namespace bobbin::contract
