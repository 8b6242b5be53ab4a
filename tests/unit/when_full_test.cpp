// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "listening.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Listening;
using test::Losses;
using test::Party;
using test::PartyFactory;
using test::Side;
using test::two;

constexpr ListenOptions evicting{.when_full = WhenFull::evict, .evict_after = 10ms};
constexpr ListenOptions refusing{.when_full = WhenFull::refuse};

template <ConnectionSizes sizes>
struct Server {
  Connections<sizes> pool;
  Side side;
  PartyFactory factory{side};
  ListeningPort port{factory, pool};
};

class Evicting : public Listening {
 protected:
  template <class S>
  void listen(S& server, const ListenOptions& options = evicting) {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server.port, options));
  }

  bool connected(std::size_t client) const { return client_sides_[client].connected(); }
  const Losses& losses(std::size_t client) const { return client_sides_[client].losses; }
  void speak(std::size_t client) { EXPECT_EQ(client_sides_[client].party().write("x"), 1U); }
  std::uint32_t evicted() const { return reactor_.statistics().connections_evicted; }
};

constexpr ConnectionSizes five{.connections = 5, .receive = 64, .send = 64};

TEST_F(Evicting, chooses_as_a_list_in_the_order_of_activity_would) {
  test::for_each_seed([this](test::Random& random) {
    Server<five> server;
    server.side.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
    listen(server);
    std::vector<std::size_t> least_active_first;
    for (int step = 0; step < 12; ++step) {
      reactor_.run_for(std::chrono::milliseconds(20 + random.below(100)));
      if (!least_active_first.empty() && !random.one_in(3)) {
        const auto at = least_active_first.begin() + random.below(least_active_first.size());
        speak(*at);
        std::rotate(at, at + 1, least_active_first.end());
      } else {
        least_active_first.push_back(connect(server.port));
      }
      reactor_.run_for(2ms);
      if (least_active_first.size() > 5) {
        EXPECT_EQ(losses(least_active_first.front()), Losses{Errc::connection_done});
        least_active_first.erase(least_active_first.begin());
      }
      for (const std::size_t client : least_active_first) ASSERT_TRUE(connected(client));
    }
  });
}

TEST_F(Evicting, tells_the_protocol_why) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  reactor_.run_for(20ms);
  connect(server.port);
  settle();
  EXPECT_EQ(server.side.losses, Losses{Errc::evicted});
  EXPECT_EQ(evicted(), 1U);
}

TEST_F(Evicting, spares_who_was_active_for_as_long_as_it_was_told) {
  std::optional<Instant> lost;
  Server<two> server;
  listen(server, {.when_full = WhenFull::evict, .evict_after = 500ms});
  server.side.on_lost = [&](Party&, Error) { lost = reactor_.now(); };
  connect(server.port);
  connect(server.port);
  reactor_.run_for(100ms);
  const Instant spoke = reactor_.now();
  speak(0);
  speak(1);
  connect(server.port);
  ASSERT_TRUE(reactor_.run_until([&] { return lost.has_value(); }));
  EXPECT_GE(*lost - spoke, 499ms);
  EXPECT_LE(*lost - spoke, 503ms);
  settle();
  EXPECT_TRUE(connected(2));
}

// The wait for one to become idle must not be a loop.
TEST_F(Evicting, sleeps_until_somebody_may_have_become_idle) {
  Server<two> server;
  listen(server, {.when_full = WhenFull::evict, .evict_after = 500ms});
  connect(server.port);
  connect(server.port);
  connect(server.port);
  reactor_.run_for(1ms);
  const std::uint32_t turns = reactor_.statistics().turns;
  reactor_.run_for(490ms);
  EXPECT_LE(reactor_.statistics().turns - turns, 2U);
  reactor_.run_for(20ms);
  EXPECT_EQ(evicted(), 1U);
}

TEST_F(Evicting, ends_nobody_while_nobody_waits) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  reactor_.run_for(10s);
  EXPECT_TRUE(connected(0));
  EXPECT_TRUE(connected(1));
  EXPECT_EQ(evicted(), 0U);
}

TEST_F(Evicting, does_not_end_one_more_while_another_is_about_to_end) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  reactor_.run_for(20ms);
  Party* const leaving = server.side.open.front();
  ASSERT_TRUE(reactor_.call_later(0s, [this, &server, leaving] {
    leaving->transport().abort_connection();
    connect(server.port);
  }));
  settle();
  EXPECT_EQ(server.side.losses, Losses{Errc::connection_aborted});
  EXPECT_EQ(evicted(), 0U);
  EXPECT_TRUE(connected(2));
}

TEST_F(Evicting, serves_a_flood_one_after_the_other_and_never_whom_it_has_just_accepted) {
  Server<two> server;
  listen(server);
  for (int i = 0; i < 12; ++i) connect(server.port);
  reactor_.run_for(5ms);
  EXPECT_TRUE(server.side.losses.empty()) << "those who came first were active just now";
  reactor_.run_for(200ms);
  EXPECT_EQ(server.side.losses, Losses(10, Errc::evicted));
  EXPECT_TRUE(connected(10));
  EXPECT_TRUE(connected(11));
}

TEST_F(Evicting, resets_one_that_has_not_taken_what_was_written_to_it) {
  Server<two> server;
  server.side.on_made = [](Party& party) { EXPECT_EQ(party.write(std::string(64, 'x')), 64U); };
  listen(server);
  const std::size_t deaf = connect(server.port);
  client_sides_[deaf].on_made = [](Party& party) { party.transport().pause_producing(); };
  network_.behaviour.latency = 1ms;
  reactor_.run_for(5ms);
  for (int i = 0; i < 100; ++i) {
    (void)server.side.open.front()->write(std::string(64, 'x'));
    reactor_.run_for(5ms);
  }
  EXPECT_GT(server.side.open.front()->transport().unsent(), 0U);
  connect(server.port);
  reactor_.run_for(10ms);
  connect(server.port);
  reactor_.run_for(20ms);
  ASSERT_EQ(server.side.losses, Losses{Errc::evicted});
  EXPECT_EQ(losses(deaf), Losses{Errc::connection_lost});
}

TEST_F(Evicting, takes_what_the_peer_took_for_activity) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  reactor_.run_for(20ms);
  EXPECT_EQ(server.side.open.front()->write("x"), 1U);
  settle();
  connect(server.port);
  settle();
  EXPECT_TRUE(connected(0));
  EXPECT_EQ(losses(1), Losses{Errc::connection_done});
}

TEST_F(Evicting, may_end_one_that_is_closing_but_does_not_get_there) {
  Server<two> server;
  struct Never final : PushProducer {
    void pause_producing() override {}
    void resume_producing() override {}
    void stop_producing() override { stopped = true; }
    bool stopped = false;
  } producer;
  listen(server);
  connect(server.port);
  settle();
  Transport& transport = server.side.open.front()->transport();
  ASSERT_FALSE(transport.register_producer(producer));
  transport.lose_connection();
  connect(server.port);
  reactor_.run_for(20ms);
  connect(server.port);
  settle();
  EXPECT_EQ(server.side.losses, Losses{Errc::evicted});
  EXPECT_TRUE(producer.stopped);
}

// Another port takes its connections from the same pool.
class SharedPool : public Evicting {
 protected:
  void listen_at_both(const ListenOptions& others) {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), other_, others));
    listen(server_);
  }

  Server<two> server_;
  Side other_side_;
  PartyFactory other_factory_{other_side_};
  ListeningPort other_{other_factory_, server_.pool};
};

TEST_F(SharedPool, keeps_the_connections_of_another_port_from_being_evicted) {
  listen_at_both({});
  connect(other_);
  reactor_.run_for(50ms);
  const std::size_t own = connect(server_.port);
  reactor_.run_for(20ms);
  connect(server_.port);
  settle();
  EXPECT_TRUE(other_side_.connected());
  EXPECT_EQ(losses(own), Losses{Errc::connection_done});
}

TEST_F(SharedPool, of_which_another_port_has_all_makes_this_one_wait) {
  listen_at_both({});
  const std::size_t first = connect(other_);
  connect(other_);
  settle();
  connect(server_.port);
  reactor_.run_for(1s);
  EXPECT_EQ(evicted(), 0U);
  disconnect(first);
  settle();
  EXPECT_TRUE(server_.side.connected());
}

TEST_F(Evicting, makes_room_for_protocols_as_well) {
  Server<two> server;
  server.factory.capacity = 1;
  listen(server);
  const std::size_t first = connect(server.port);
  reactor_.run_for(20ms);
  const std::size_t second = connect(server.port);
  settle();
  EXPECT_EQ(losses(first), Losses{Errc::connection_done});
  EXPECT_TRUE(connected(second));
}

TEST_F(Evicting, without_a_timer_tries_again_when_somebody_else_comes) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  settle();
  std::vector<DelayedCall> calls;
  while (const Result<DelayedCall> call = reactor_.call_later(1h, [] {})) calls.push_back(*call);
  calls.back().cancel();  // for the connector, which needs one until it is connected
  const std::size_t third = connect(server.port);
  client_sides_[third].on_made = [&](Party&) { calls.push_back(*reactor_.call_later(1h, [] {})); };
  reactor_.run_for(1s);
  EXPECT_EQ(evicted(), 0U);
  for (DelayedCall& call : calls) call.cancel();
  connect(server.port);
  reactor_.run_for(50ms);
  EXPECT_EQ(evicted(), 2U);
}

TEST_F(Evicting, goes_on_from_inside_the_loss_of_the_evicted) {
  Server<two> server;
  listen(server);
  server.side.on_lost = [&](Party&, Error) { server.port.stop_listening(); };
  connect(server.port);
  connect(server.port);
  reactor_.run_for(20ms);
  const std::size_t third = connect(server.port);
  settle();
  EXPECT_EQ(server.side.losses, Losses{Errc::evicted});
  EXPECT_EQ(losses(third), Losses{Errc::connection_lost});
  server.side.improvise();
}

TEST_F(SharedPool, gives_what_a_port_evicted_to_that_port_though_another_waited_before) {
  listen_at_both({});
  connect(server_.port);
  connect(server_.port);
  settle();
  connect(other_);
  connect(other_);
  reactor_.run_for(50ms);
  EXPECT_EQ(evicted(), 0U);
  const std::size_t third = connect(server_.port);
  reactor_.run_for(500ms);
  EXPECT_EQ(evicted(), 1U);
  EXPECT_TRUE(connected(third));
  EXPECT_TRUE(other_side_.open.empty());
}

TEST_F(SharedPool, gives_each_of_two_ports_that_evict_a_connection) {
  listen_at_both(evicting);
  connect(server_.port);
  connect(other_);
  reactor_.run_for(50ms);
  connect(server_.port);
  connect(other_);
  reactor_.run_for(5ms);
  EXPECT_EQ(evicted(), 2U);
  EXPECT_EQ(server_.side.open.size(), 1U);
  EXPECT_EQ(other_side_.open.size(), 1U);
}

TEST_F(Evicting, some_day_does_not_put_off_accepting_after_trouble) {
  Server<two> server;
  listen(server, {.when_full = WhenFull::evict, .evict_after = 1h});
  connect(server.port);
  connect(server.port);
  settle();
  connect(server.port);
  settle();
  network_.fail.fail(memory::PortCall::accept, 1);
  disconnect(0);
  reactor_.run_for(1s);
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
  EXPECT_EQ(server.side.open.size(), 2U);
}

TEST_F(Evicting, begins_to_count_when_the_port_is_told_to_evict) {
  Server<two> server;
  listen(server, {});
  connect(server.port);
  connect(server.port);
  reactor_.run_for(10s);
  server.port.stop_listening();
  listen(server, {.when_full = WhenFull::evict, .evict_after = 1s});
  connect(server.port);
  reactor_.run_for(900ms);
  EXPECT_EQ(evicted(), 0U);
  reactor_.run_for(200ms);
  EXPECT_EQ(evicted(), 1U);
}

TEST_F(Evicting, finds_one_that_has_been_idle_for_weeks) {
  Server<two> server;
  listen(server);
  connect(server.port);
  connect(server.port);
  settle();
  constexpr Duration nearly_a_lap{(std::int64_t{1} << 42) - 1500};  // 2^32 units of 1,024 us
  reactor_.run_for(nearly_a_lap);
  connect(server.port);
  reactor_.run_for(50ms);
  EXPECT_EQ(evicted(), 1U);
}

// Within a turn: the port's event may come before those that show that nobody need go.

class InOneTurn : public Evicting {
 protected:
  // Two connections that have been idle, the first the longest, and one who arrives in 2 ms.
  void let_one_come() {
    network_.behaviour.latency = 1ms;
    connect(server_.port);
    reactor_.run_for(5ms);
    connect(server_.port);
    reactor_.run_for(20ms);
    connect(server_.port);
  }

  Server<two> server_;
};

TEST_F(InOneTurn, one_whose_bytes_have_come_is_spared) {
  listen(server_);
  let_one_come();
  reactor_.run_for(1ms);
  speak(0);
  reactor_.run_for(5ms);
  EXPECT_EQ(evicted(), 1U);
  EXPECT_EQ(server_.side.received, "x");
  EXPECT_TRUE(connected(0));
}

TEST_F(InOneTurn, one_who_took_bytes_is_spared) {
  network_.behaviour.lends = true;
  listen(server_);
  let_one_come();
  reactor_.run_for(1ms);
  EXPECT_EQ(server_.side.open.front()->write("x"), 1U);
  reactor_.run_for(5ms);
  EXPECT_EQ(client_sides_[0].received, "x");
  EXPECT_TRUE(connected(0));
}

TEST_F(InOneTurn, another_that_closes_is_enough) {
  listen(server_);
  connect(server_.port);
  connect(server_.port);
  reactor_.run_for(20ms);
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    server_.side.open.back()->transport().lose_connection();
    connect(server_.port);
  }));
  settle();
  EXPECT_EQ(server_.side.losses, Losses{Errc::connection_done});
  EXPECT_EQ(evicted(), 0U);
}

TEST_F(InOneTurn, another_that_is_reset_is_enough) {
  listen(server_);
  let_one_come();
  reactor_.run_for(1ms);
  disconnect(1);
  reactor_.run_for(5ms);
  EXPECT_EQ(evicted(), 0U);
  EXPECT_TRUE(connected(0));
}

TEST_F(InOneTurn, nobody_is_refused_if_a_place_comes_free) {
  listen(server_, refusing);
  connect(server_.port);
  connect(server_.port);
  settle();
  ASSERT_TRUE(reactor_.call_later(0s, [this] {
    server_.side.open.back()->transport().abort_connection();
    connect(server_.port);
  }));
  settle();
  EXPECT_EQ(reactor_.statistics().connections_refused, 0U);
  EXPECT_TRUE(connected(2));
}

// Refusing.

TEST_F(Evicting, or_refusing_is_up_to_the_port) {
  Server<two> server;
  listen(server, refusing);
  for (int i = 0; i < 5; ++i) connect(server.port);
  settle();
  EXPECT_EQ(server.side.open.size(), 2U);
  EXPECT_EQ(reactor_.statistics().connections_refused, 3U);
  EXPECT_EQ(server.pool.use().high_water, 2U);
  for (const std::size_t client : {2, 3, 4}) {
    EXPECT_EQ(losses(client), Losses{Errc::connection_lost});
  }
  disconnect(0);
  settle();
  const std::size_t late = connect(server.port);
  settle();
  EXPECT_TRUE(connected(late));
}

TEST_F(Evicting, or_refusing_many_takes_several_turns) {
  Server<two> server;
  listen(server, refusing);
  connect(server.port);
  connect(server.port);
  settle();
  for (int i = 0; i < 30; ++i) connect(server.port);
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().connections_refused, 16U);
  const std::uint32_t sleeps = reactor_.statistics().sleeps;
  reactor_.turn(1h);
  EXPECT_EQ(reactor_.statistics().connections_refused, 30U);
  EXPECT_EQ(reactor_.statistics().sleeps, sleeps);
}

TEST_F(Evicting, or_refusing_goes_on_after_trouble_with_accepting) {
  Server<two> server;
  listen(server, refusing);
  connect(server.port);
  connect(server.port);
  settle();
  network_.fail.fail(memory::PortCall::accept, 1);
  const std::size_t third = connect(server.port);
  settle();
  EXPECT_EQ(reactor_.statistics().accept_errors, 1U);
  EXPECT_TRUE(connected(third));
  reactor_.run_for(200ms);
  EXPECT_EQ(losses(third), Losses{Errc::connection_lost});
}

}  // namespace
}  // namespace bobbin
