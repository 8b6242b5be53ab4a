// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "memory_party.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Losses;
using test::narrow;
using test::Party;
using test::text_of_length;

// Writes nothing on its own account; remembers at which fill it was paused and resumed.
class Recorder final : public PushProducer {
 public:
  explicit Recorder(Transport& transport) : transport_(transport) {}

  void resume_producing() override {
    resumed_at.push_back(transport_.unsent());
    if (on_resume) on_resume();
  }
  void pause_producing() override {
    paused_at.push_back(transport_.unsent());
    if (on_pause) on_pause();
  }
  void stop_producing() override {
    ++stops;
    if (on_stop) on_stop();
  }

  std::vector<std::size_t> paused_at;
  std::vector<std::size_t> resumed_at;
  int stops = 0;
  std::function<void()> on_resume;
  std::function<void()> on_pause;
  std::function<void()> on_stop;

 private:
  Transport& transport_;
};

using Sizes = std::vector<std::size_t>;

// Watermarks.

constexpr ConnectionSizes marked{
    .connections = 1, .receive = 64, .send = 64, .high_water = 32, .low_water = 8};

class Watermarks : public test::MemoryPair<contract::one_small, marked, narrow> {
 protected:
  void connect() {
    test::MemoryPair<contract::one_small, marked, narrow>::connect();
    server().transport().pause_producing();
  }
};

TEST_F(Watermarks, say_from_which_fill_on_a_producer_is_paused) {
  connect();
  Recorder producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  client().write(text_of_length(31));
  EXPECT_EQ(producer.paused_at, Sizes{});
  client().write("x");
  EXPECT_EQ(producer.paused_at, Sizes{32});
  client().write("more");
  EXPECT_EQ(producer.paused_at, Sizes{32}) << "once for each crossing";
  client().transport().unregister_producer();
}

TEST_F(Watermarks, say_at_which_fill_a_producer_is_resumed) {
  connect();
  Recorder producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  client().write(text_of_length(40));
  settle();  // eight of them fill the network's window
  EXPECT_EQ(client().transport().unsent(), 32U);
  EXPECT_EQ(producer.resumed_at, Sizes{});
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 40; }));
  EXPECT_EQ(producer.resumed_at, Sizes{8});
  client().transport().unregister_producer();
}

TEST_F(Watermarks, are_counted_when_crossed) {
  connect();
  Recorder producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  server().transport().resume_producing();
  for (int i = 1; i <= 3; ++i) {
    client().write(text_of_length(32));
    ASSERT_TRUE(run_until([&] { return producer.resumed_at.size() == std::size_t(i); }));
  }
  EXPECT_EQ(reactor_.statistics().pauses, 3U);
  EXPECT_EQ(reactor_.statistics().resumes, 3U);
  client().transport().unregister_producer();
}

TEST_F(Watermarks, hold_for_a_producer_that_comes_later) {
  connect();
  client().write(text_of_length(31));
  Recorder below(client().transport());
  ASSERT_FALSE(client().transport().register_producer(below));
  EXPECT_EQ(below.paused_at, Sizes{});
  client().transport().unregister_producer();
  client().write("x");
  EXPECT_EQ(below.paused_at, Sizes{}) << "not once it is unregistered";
  Recorder above(client().transport());
  ASSERT_FALSE(client().transport().register_producer(above));
  EXPECT_EQ(above.paused_at, Sizes{32});
  client().transport().unregister_producer();
}

TEST_F(Watermarks, do_not_resume_a_producer_that_was_unregistered_while_paused) {
  connect();
  Recorder producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  client().write(text_of_length(40));
  client().transport().unregister_producer();
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 40; }));
  EXPECT_EQ(producer.resumed_at, Sizes{});
}

TEST(Limits, are_three_quarters_and_one_quarter_of_what_ordinary_writes_may_use) {
  constexpr ConnectionLimits limits = limits_of({.send = 1064, .control = 64});
  EXPECT_EQ(limits.high_water, 750U);
  EXPECT_EQ(limits.low_water, 250U);
}

TEST(Limits, are_what_is_asked_for) {
  constexpr ConnectionLimits limits =
      limits_of({.receive = 100, .send = 200, .high_water = 150, .low_water = 3, .control = 40});
  EXPECT_EQ(limits.receive, 100U);
  EXPECT_EQ(limits.send, 200U);
  EXPECT_EQ(limits.high_water, 150U);
  EXPECT_EQ(limits.low_water, 3U);
  EXPECT_EQ(limits.control, 40U);
}

TEST(Limits, tell_sizes_that_can_work_from_those_that_cannot) {
  const auto suit = [](const ConnectionSizes& sizes) { return valid(sizes); };
  EXPECT_TRUE(suit({}));
  EXPECT_TRUE(suit({.receive = 16, .send = 16}));
  EXPECT_FALSE(suit({.connections = 0}));
  EXPECT_FALSE(suit({.receive = 15}));
  EXPECT_FALSE(suit({.send = 15}));
  EXPECT_FALSE(suit({.send = 64, .control = 49}));
  EXPECT_TRUE(suit({.send = 64, .control = 48}));
  EXPECT_FALSE(suit({.send = 64, .high_water = 65}));
  EXPECT_FALSE(suit({.send = 64, .high_water = 64, .control = 8}));
  EXPECT_FALSE(suit({.send = 64, .high_water = 20, .low_water = 20}));
  EXPECT_FALSE(suit({.send = std::size_t{1} << 31}));
}

TEST_F(Watermarks, are_no_reason_to_come_by_while_the_port_takes_nothing) {
  connect();
  client().write(text_of_length(20));
  settle();
  ASSERT_EQ(client().transport().unsent(), 12U);
  client().write("more");
  EXPECT_NE(reactor_.next_deadline(), reactor_.now()) << "the port will say when it has room";
}

// A producer that does something about it.

class Producers : public Watermarks {};

TEST_F(Producers, may_unregister_from_inside_being_paused) {
  connect();
  Recorder producer(client().transport());
  producer.on_pause = [this] { client().transport().unregister_producer(); };
  ASSERT_FALSE(client().transport().register_producer(producer));
  EXPECT_EQ(client().write(text_of_length(40)), 40U);
  EXPECT_EQ(client().write("more"), 4U);
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 44; }));
  EXPECT_EQ(producer.paused_at.size(), 1U);
  EXPECT_EQ(producer.resumed_at, Sizes{});
}

TEST_F(Producers, may_hand_over_to_the_next_from_inside_being_resumed) {
  connect();
  Recorder first(client().transport());
  Recorder second(client().transport());
  first.on_resume = [&] {
    client().transport().unregister_producer();
    EXPECT_FALSE(client().transport().register_producer(second));
    client().write(text_of_length(32));
  };
  ASSERT_FALSE(client().transport().register_producer(first));
  client().write(text_of_length(32));
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return second.resumed_at.size() == 1; }));
  EXPECT_EQ(first.paused_at.size(), 1U);
  EXPECT_EQ(second.paused_at.size(), 1U);
  client().transport().unregister_producer();
}

TEST_F(Producers, may_abort_from_inside_being_paused_and_from_inside_being_resumed) {
  for (const bool when_paused : {true, false}) {
    server_side_.losses.clear();
    client_side_.losses.clear();
    if (!server_.listening()) listen();
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    ASSERT_TRUE(run_until([this] { return server_side_.connected() && client_side_.connected(); }));
    Recorder producer(client().transport());
    Transport& transport = client().transport();
    (when_paused ? producer.on_pause : producer.on_resume) = [&transport] {
      transport.abort_connection();
    };
    ASSERT_FALSE(transport.register_producer(producer));
    client().write(text_of_length(40));
    ASSERT_TRUE(run_until_both_lost());
    EXPECT_EQ(producer.stops, 1);
    EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
  }
}

TEST_F(Producers, cannot_be_registered_from_inside_being_stopped) {
  connect();
  Recorder producer(client().transport());
  Transport& transport = client().transport();
  Errc error = Errc::ok;
  producer.on_stop = [&] {
    error = transport.register_producer(producer).code;
    EXPECT_EQ(transport.write(bytes_of("x")), 0U);
  };
  ASSERT_FALSE(transport.register_producer(producer));
  transport.abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(error, Errc::connection_lost);
  EXPECT_EQ(producer.stops, 1);
}

TEST_F(Producers, are_stopped_before_the_protocol_hears_of_the_loss) {
  connect();
  Recorder producer(client().transport());
  int stops_before_loss = -1;
  client_side_.on_lost = [&](Party&, Error) { stops_before_loss = producer.stops; };
  ASSERT_FALSE(client().transport().register_producer(producer));
  server().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(stops_before_loss, 1);
}

TEST_F(Producers, are_told_to_stop_when_our_side_has_ended) {
  connect();
  Recorder producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  client().write("last");
  client().transport().lose_write_connection();
  server().transport().resume_producing();
  settle();
  EXPECT_EQ(server_side_.received, "last");
  EXPECT_EQ(producer.stops, 1);
  EXPECT_TRUE(run_until_both_lost());
}

TEST_F(Producers, cannot_be_registered_after_the_end_of_our_side) {
  connect();
  client().transport().lose_write_connection();
  Recorder producer(client().transport());
  EXPECT_EQ(client().transport().register_producer(producer), Errc::connection_lost);
}

// Writes nothing the first time it is asked.
class Hesitating final : public PullProducer {
 public:
  explicit Hesitating(Transport& transport) : transport_(transport) {}
  void resume_producing() override {
    if (++asked > 1) transport_.unregister_producer();
  }
  void stop_producing() override {}
  int asked = 0;

 private:
  Transport& transport_;
};

TEST_F(Producers, of_the_pull_kind_that_write_nothing_are_asked_again_after_bytes_drained) {
  connect();
  server().transport().resume_producing();
  Hesitating producer(client().transport());
  ASSERT_FALSE(client().transport().register_producer(producer));
  settle();
  EXPECT_EQ(producer.asked, 1);
  client().write("something of somebody else's");
  settle();
  EXPECT_EQ(producer.asked, 2);
}

}  // namespace
}  // namespace bobbin
