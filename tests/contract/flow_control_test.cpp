// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

// Writes whenever it may, as much as is taken, and checks that it is paused and resumed in turn.
class Pusher final : public PushProducer {
 public:
  explicit Pusher(Transport& transport) : transport_(&transport) {}

  void produce() {
    while (producing_) {
      const std::size_t taken = transport_->write(bytes_of("0123456789abcdef"));
      written += taken;
      if (taken == 0) break;
    }
  }

  void resume_producing() override {
    EXPECT_FALSE(producing_) << "resumed twice";
    producing_ = true;
    ++resumes;
    if (eager) produce();
  }
  void pause_producing() override {
    EXPECT_TRUE(producing_) << "paused twice";
    producing_ = false;
    ++pauses;
  }
  void stop_producing() override {
    producing_ = false;
    ++stops;
  }

  bool eager = false;  // produces whenever it is resumed
  std::size_t written = 0;
  int pauses = 0;
  int resumes = 0;
  int stops = 0;

 private:
  Transport* transport_;
  bool producing_ = true;
};

// Writes one piece each time it is asked, and unregisters after the last.
class Puller final : public PullProducer {
 public:
  Puller(Transport& transport, int pieces) : transport_(&transport), pieces_(pieces) {}

  void resume_producing() override {
    ++asked;
    EXPECT_TRUE(transport_->write_all(bytes_of("piece."))) << "asked without room";
    if (--pieces_ == 0) transport_->unregister_producer();
  }
  void stop_producing() override { ++stops; }

  int asked = 0;
  int stops = 0;

 private:
  Transport* transport_;
  int pieces_;
};

class FlowControl : public Pair<> {};

TEST_F(FlowControl, a_push_producer_is_paused_and_resumed_once_each_in_turn_and_nothing_is_lost) {
  connect();
  Pusher pusher(client().transport());
  ASSERT_FALSE(client().transport().register_producer(pusher));
  EXPECT_EQ(pusher.resumes, 0) << "registering starts nothing";
  pusher.eager = true;
  server().transport().pause_producing();
  pusher.produce();
  ASSERT_TRUE(run_until([&] { return pusher.pauses > 0; }));
  settle();
  const int pauses = pusher.pauses;
  EXPECT_EQ(pusher.resumes, pauses - 1) << "paused for as long as the peer does not read";
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return pusher.resumes >= pauses + 5; }));
  EXPECT_LE(pusher.pauses - pusher.resumes, 1);
  client().transport().unregister_producer();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == pusher.written; }));
  EXPECT_EQ(pusher.stops, 0);
}

TEST_F(FlowControl, a_producer_is_resumed_when_the_write_that_paused_it_leaves_at_once) {
  connect();
  Pusher pusher(client().transport());
  ASSERT_FALSE(client().transport().register_producer(pusher));
  const std::string burst(one_small.send, 'b');
  ASSERT_TRUE(client().transport().write_all(bytes_of(burst)));
  EXPECT_EQ(pusher.pauses, 1);
  EXPECT_EQ(pusher.resumes, 0) << "never from inside the write";
  ASSERT_TRUE(run_until([&] { return pusher.resumes == 1; }));
  client().transport().unregister_producer();
}

TEST_F(FlowControl, a_producer_that_finds_the_ring_full_is_paused_at_once) {
  connect();
  ASSERT_TRUE(client().transport().write_all(bytes_of(std::string(one_small.send, 'b'))));
  Pusher pusher(client().transport());
  ASSERT_FALSE(client().transport().register_producer(pusher));
  EXPECT_EQ(pusher.pauses, 1);
  ASSERT_TRUE(run_until([&] { return pusher.resumes == 1; }));
  client().transport().unregister_producer();
}

TEST_F(FlowControl, a_second_producer_is_refused_and_the_first_stays) {
  connect();
  Pusher first(client().transport());
  Pusher second(client().transport());
  Puller third(client().transport(), 1);
  ASSERT_FALSE(client().transport().register_producer(first));
  EXPECT_EQ(client().transport().register_producer(second), Errc::already_registered);
  EXPECT_EQ(client().transport().register_producer(third), Errc::already_registered);
  client().transport().unregister_producer();
  EXPECT_FALSE(client().transport().register_producer(second));
  client().transport().unregister_producer();
}

TEST_F(FlowControl, a_pull_producer_is_asked_for_one_piece_at_a_time_until_it_unregisters) {
  connect();
  Puller puller(client().transport(), 100);
  ASSERT_FALSE(client().transport().register_producer(puller));
  EXPECT_EQ(puller.asked, 0) << "asked by the reactor only";
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 600; }));
  EXPECT_EQ(puller.asked, 100);
  settle();
  EXPECT_EQ(puller.asked, 100);
}

TEST_F(FlowControl, a_producer_is_stopped_once_when_the_connection_is_lost) {
  connect();
  Pusher pusher(client().transport());
  ASSERT_FALSE(client().transport().register_producer(pusher));
  client().transport().abort_connection();
  EXPECT_EQ(pusher.stops, 0) << "never from inside the abort";
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(pusher.stops, 1);
}

TEST_F(FlowControl, a_producer_is_stopped_also_while_paused) {
  connect();
  Pusher pusher(client().transport());
  ASSERT_FALSE(client().transport().register_producer(pusher));
  server().transport().pause_producing();
  pusher.produce();
  settle();
  server().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(pusher.stops, 1);
}

TEST_F(FlowControl, closing_waits_for_the_producer) {
  connect();
  Puller puller(client().transport(), 20);
  ASSERT_FALSE(client().transport().register_producer(puller));
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received.size(), 120U);
  EXPECT_EQ(puller.stops, 0);
}

TEST_F(FlowControl, a_peer_that_ends_ends_the_connection_although_a_producer_has_nothing_to_say) {
  connect();
  Pusher quiet(server().transport());
  ASSERT_FALSE(server().transport().register_producer(quiet));
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(quiet.stops, 1);
}

TEST_F(FlowControl, ending_our_side_stops_the_producer) {
  connect();
  Pusher quiet(client().transport());
  ASSERT_FALSE(client().transport().register_producer(quiet));
  client().transport().lose_write_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(quiet.stops, 1);
}

TEST_F(FlowControl, registering_with_a_lost_connection_is_an_error) {
  Errc error = Errc::ok;
  client_side_.on_lost = [&](Party& party, Error) {
    Pusher pusher(party.transport());
    error = party.transport().register_producer(pusher).code;
  };
  connect();
  client().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(error, Errc::connection_lost);
}

TEST_F(FlowControl, write_takes_what_fits_and_write_all_takes_all_or_nothing) {
  connect();
  EXPECT_EQ(client().transport().room(), one_small.send);
  EXPECT_FALSE(client().transport().write_all(bytes_of(std::string(one_small.send + 1, 'x'))));
  EXPECT_EQ(client().transport().room(), one_small.send);
  EXPECT_EQ(client().write(std::string(one_small.send + 1, 'x')), one_small.send);
  EXPECT_EQ(client().transport().room(), 0U);
  EXPECT_EQ(client().write("x"), 0U);
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == one_small.send; }));
}

TEST_F(FlowControl, room_is_what_a_write_takes_however_full_the_port_is) {
  connect();
  server().transport().pause_producing();
  const std::string piece(one_small.send - 1, 'x');
  std::size_t written = 0;
  const auto write = [&] {
    const std::size_t room = client().transport().room();
    const std::size_t taken = client().write(piece);
    EXPECT_EQ(taken, std::min(room, piece.size()));
    written += taken;
    return taken;
  };
  do {
    while (write() > 0) world_.reactor().turn({});
    settle();
  } while (client().transport().room() > 0);
  EXPECT_EQ(write(), 0U);
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == written; }));
  ASSERT_TRUE(run_until([&] { return client().transport().room() == one_small.send; }));
}

TEST_F(FlowControl, what_is_built_in_the_ring_is_sent) {
  connect();
  const MutableBytes space = client().transport().reserve();
  ASSERT_GE(space.size(), 3U);
  std::ranges::copy(bytes_of("abc"), space.begin());
  client().transport().commit(3);
  ASSERT_TRUE(run_until([&] { return server_side_.received == "abc"; }));
}

inline constexpr ConnectionSizes with_control{.receive = 64, .send = 64, .control = 8};

class ControlReserve : public Pair<with_control, with_control> {};

TEST_F(ControlReserve, is_left_for_control_frames_when_the_ring_is_full) {
  connect();
  EXPECT_EQ(client().write(std::string(100, 'x')), 56U);
  EXPECT_EQ(client().write("x"), 0U);
  EXPECT_TRUE(client().transport().write_control(bytes_of("pong")));
  EXPECT_FALSE(client().transport().write_control(bytes_of("too long")));
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == 60; }));
  EXPECT_TRUE(server_side_.received.ends_with("xpong"));
}

// Two connections joined by registering each transport with the other: what one end sends comes out
// at the other, and a reader that stops stops the sender, with the memory of two connections.
class Proxy : public testing::Test {
 protected:
  World world_;
  Side near_side_;
  Side far_side_;
  Side source_side_;
  Side sink_side_;
  PartyServer<one_small> near_{near_side_};
  PartyServer<one_small> sink_server_{sink_side_};
  PartyClient<one_small> far_{far_side_};
  PartyClient<one_small> source_{source_side_};

  Party& near() { return near_side_.party(); }
  Party& far() { return far_side_.party(); }

  static void join(Side& side, Side& other) {
    side.on_data = [&other](Party&, Bytes data) { return other.party().transport().write(data); };
    side.on_end = [&other](Party&) { other.party().transport().lose_write_connection(); };
  }

  void connect() {
    join(near_side_, far_side_);
    join(far_side_, near_side_);
    auto& reactor = world_.reactor();
    ASSERT_FALSE(reactor.listen_tcp(world_.anywhere(), sink_server_));
    ASSERT_FALSE(reactor.connect_tcp(sink_server_.host(), far_));
    ASSERT_TRUE(world_.run_until([&] { return far_side_.connected() && sink_side_.connected(); }));
    ASSERT_FALSE(reactor.listen_tcp(world_.anywhere(), near_));
    ASSERT_FALSE(reactor.connect_tcp(near_.host(), source_));
    ASSERT_TRUE(
        world_.run_until([&] { return near_side_.connected() && source_side_.connected(); }));
    ASSERT_FALSE(far().transport().register_producer(near().transport()));
    ASSERT_FALSE(near().transport().register_producer(far().transport()));
  }
};

TEST_F(Proxy, carries_everything_in_order_in_constant_memory) {
  connect();
  constexpr std::size_t total = std::min<std::size_t>(100'000, bulk);
  std::size_t sent = 0;
  // A reader that stops every other millisecond.
  Transport& sink = sink_side_.party().transport();
  bool reads = true;
  LoopingCall toggle(world_.reactor(), [&sink, &reads] {
    reads = !reads;
    reads ? sink.resume_producing() : sink.pause_producing();
  });
  ASSERT_FALSE(toggle.start(std::chrono::milliseconds(1)));
  ASSERT_TRUE(world_.run_until([&] {
    const std::string piece(std::min<std::size_t>(40, total - sent),
                            static_cast<char>('a' + sent % 26));
    sent += source_side_.party().write(piece);
    return sink_side_.received.size() == total;
  }));
  EXPECT_EQ(near_side_.received, sink_side_.received);
  toggle.stop();
  far().transport().unregister_producer();
  near().transport().unregister_producer();
}

// What was registered with the other is gone: nothing must wait for it, and nothing call it.
TEST_F(Proxy, ends_when_one_of_its_ends_is_reset) {
  connect();
  source_side_.party().write("on its way");
  ASSERT_TRUE(world_.run_until([&] { return sink_side_.received == "on its way"; }));
  source_side_.party().transport().abort_connection();
  ASSERT_TRUE(world_.run_until([&] { return near_side_.lost() && far_side_.lost(); }));
  EXPECT_EQ(far_side_.losses, Losses{Errc::connection_done});
  EXPECT_TRUE(world_.run_until([&] { return sink_side_.lost(); }));
}

}  // namespace
}  // namespace bobbin::contract
