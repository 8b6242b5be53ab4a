// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "parties.hpp"

namespace bobbin::contract {
namespace {

class Closing : public Pair<> {};

TEST_F(Closing, what_was_written_before_is_sent) {
  connect();
  client().write("last words");
  client().transport().lose_connection();
  EXPECT_FALSE(client_side_.lost()) << "never from inside lose_connection";
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "last words");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Closing, what_is_written_after_it_while_earlier_bytes_flush_is_sent_too) {
  connect();
  client().write("first ");
  client().transport().lose_connection();
  EXPECT_EQ(client().write("second"), 6U);
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "first second");
}

TEST_F(Closing, a_full_ring_is_flushed_to_a_slow_reader) {
  connect();
  server().transport().pause_producing();
  std::size_t written = 0;
  while (const std::size_t taken = client().write("0123456789")) {
    written += taken;
    world_.reactor().turn({});
  }
  client().transport().lose_connection();
  settle();
  server().transport().resume_producing();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received.size(), written);
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Closing, nothing_more_is_received) {
  connect();
  server().transport().lose_connection();
  client().write("too late");
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "");
}

TEST_F(Closing, bytes_flush_although_the_peer_sent_something_nobody_read) {
  server_side_.on_data = [](Party& party, Bytes) {
    party.write("goodbye");
    party.transport().lose_connection();
    return std::size_t{0};
  };
  connect();
  client().write("a question that is not read to its end");
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.received, "goodbye");
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Closing, an_abort_drops_what_was_written_and_resets) {
  connect();
  client().write("never sent");
  client().transport().abort_connection();
  EXPECT_FALSE(client_side_.lost()) << "never from inside abort_connection";
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_aborted});
  EXPECT_EQ(server_side_.losses, Losses{peer_aborted});
}

TEST_F(Closing, a_reset_is_heard_of_while_paused) {
  connect();
  server().transport().pause_producing();
  client().transport().abort_connection();
  // An orderly end waits behind what is not read.
  if (!tells_resets<World>()) server().transport().resume_producing();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.losses, Losses{peer_aborted});
}

TEST_F(Closing, what_arrived_before_a_reset_is_received_also_by_who_has_something_to_write) {
  connect();
  // Both turns of the client are its own: first nothing is read, then everything is there at once.
  client().transport().pause_producing();
  server().write("the last data");
  settle();
  server().transport().abort_connection();
  client().write("an answer nobody gets");
  client().transport().resume_producing();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.received, "the last data");
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
}

TEST_F(Closing, a_reset_behind_a_part_of_a_message_is_heard_of) {
  server_side_.on_data = [](Party&, Bytes) { return std::size_t{0}; };
  connect();
  client().write("half a line");
  ASSERT_TRUE(run_until([&] { return server_side_.trace.back() == "data"; }));
  settle();
  client().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.losses, Losses{peer_aborted});
}

TEST_F(Closing, after_the_loss_calls_do_nothing) {
  client_side_.on_lost = [](Party& party, Error) {
    EXPECT_EQ(party.write("x"), 0U);
    EXPECT_FALSE(party.transport().write_all(bytes_of("x")));
    EXPECT_TRUE(party.transport().reserve().empty());
    party.transport().lose_connection();
    party.transport().abort_connection();
    party.transport().lose_write_connection();
    party.transport().pause_producing();
    party.transport().resume_producing();
    EXPECT_EQ(party.transport().peer(), Address());
  };
  connect();
  client().transport().abort_connection();
  EXPECT_TRUE(run_until_both_lost());
}

TEST_F(Closing, half_closed_one_side_goes_on_while_the_other_has_ended) {
  server_side_.on_end = [](Party& party) { party.write("answer after the end"); };
  connect();
  client().write("question");
  client().transport().lose_write_connection();
  EXPECT_EQ(client().write("nothing more"), 0U);
  ASSERT_TRUE(run_until([&] { return client_side_.received == "answer after the end"; }));
  EXPECT_EQ(server_side_.received, "question");
  EXPECT_FALSE(client_side_.lost());
  server().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Closing, half_closed_on_both_sides_the_connection_is_done) {
  server_side_.on_end = [](Party& party) { party.transport().lose_write_connection(); };
  client_side_.on_end = [](Party&) {};
  connect();
  client().transport().lose_write_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(server_side_.losses, Losses{Errc::connection_done});
}

TEST_F(Closing, the_end_is_told_after_the_last_byte_was_used) {
  bool ready = false;
  server_side_.on_data = [&](Party&, Bytes data) { return ready ? data.size() : 0; };
  connect();
  client().write("waits");
  client().transport().lose_connection();
  server().transport().pause_producing();
  settle();
  EXPECT_EQ(server_side_.trace.back(), "made");
  ready = true;
  server().transport().resume_producing();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.received, "waits");
  EXPECT_EQ(server_side_.trace, (Trace{"made", "data", "end", "lost"}));
}

TEST_F(Closing, the_end_is_told_when_the_last_bytes_can_never_be_used) {
  server_side_.on_data = [](Party&, Bytes) { return std::size_t{0}; };
  connect();
  client().write("half a mess");
  client().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(server_side_.trace, (Trace{"made", "data", "end", "lost"}));
}

TEST_F(Closing, a_message_longer_than_the_buffer_ends_the_connection) {
  server_side_.on_data = [](Party&, Bytes) { return std::size_t{0}; };
  client_side_.on_made = [](Party& party) { party.write(std::string(one_small.receive, 'x')); };
  connect();
  EXPECT_TRUE(run_until([&] { return server_side_.lost(); }));
  EXPECT_EQ(server_side_.losses, Losses{Errc::message_too_long});
}

TEST_F(Closing, both_sides_may_close_at_once) {
  connect();
  client().write("from the client");
  server().write("from the server");
  client().transport().lose_connection();
  server().transport().lose_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.losses.size(), 1U);
  EXPECT_EQ(server_side_.losses.size(), 1U);
}

// More than a port takes all at once when it has said that it is full.
class AFlush : public Pair<one_small, large_send> {
 protected:
  // The server has paused: its port's memory fills, then the client's, then the ring, which then
  // stays full.
  void fill_everything_towards_the_server() {
    const std::string piece(large_send.send, '.');
    do {
      while (client().write(piece) != 0) world_.reactor().turn({});
      settle();
      ask_the_port_for_room();
    } while (client().transport().room() > 0);
  }

  // A kernel tells of room only when there is much of it, but takes what it is given into a little.
  void ask_the_port_for_room() {
    struct : PullProducer {
      void resume_producing() override {}
      void stop_producing() override {}
    } nothing;
    ASSERT_FALSE(client().transport().register_producer(nothing));
    world_.reactor().turn({});
    client().transport().unregister_producer();
  }
};

TEST_F(AFlush, that_nobody_reads_ends_with_the_peer_s_reset) {
  connect();
  server().transport().pause_producing();
  fill_everything_towards_the_server();
  client().transport().lose_connection();
  settle();
  ASSERT_FALSE(client_side_.lost()) << "what it wrote is not sent";
  server().transport().abort_connection();
  ASSERT_TRUE(run_until_both_lost());
  EXPECT_EQ(client_side_.losses, Losses{Errc::connection_lost});
}

// Every way to end a connection, from inside every callback.
using End = void (Transport::*)();

class EndingInside : public Pair<>, public testing::WithParamInterface<End> {
 protected:
  void end(Party& party) { (party.transport().*GetParam())(); }

  void expect_one_loss_each() {
    ASSERT_TRUE(run_until_both_lost());
    settle();
    EXPECT_EQ(server_side_.losses.size(), 1U);
    EXPECT_EQ(client_side_.losses.size(), 1U);
  }
};

TEST_P(EndingInside, connection_made) {
  server_side_.on_made = [this](Party& party) { end(party); };
  listen();
  ASSERT_FALSE(world_.reactor().connect_tcp(server_.host(), client_));
  ASSERT_TRUE(run_until([&] {
    return server_side_.lost() && (client_side_.lost() || !client_side_.failures.empty());
  }));
  EXPECT_EQ(server_side_.losses.size(), 1U);
}

TEST_P(EndingInside, data_received) {
  server_side_.on_data = [this](Party& party, Bytes data) {
    end(party);
    return data.size();
  };
  connect();
  client().write("go away");
  expect_one_loss_each();
}

TEST_P(EndingInside, read_connection_lost) {
  server_side_.on_end = [this](Party& party) { end(party); };
  connect();
  client().transport().lose_write_connection();
  expect_one_loss_each();
}

TEST_P(EndingInside, connection_lost) {
  server_side_.on_lost = [this](Party& party, Error) { end(party); };
  connect();
  client().transport().lose_connection();
  expect_one_loss_each();
}

TEST_P(EndingInside, a_timer) {
  connect();
  Party& party = server();
  ASSERT_TRUE(bool(
      world_.reactor().call_later(std::chrono::milliseconds(1), [this, &party] { end(party); })));
  expect_one_loss_each();
}

TEST_P(EndingInside, the_other_connections_callback) {
  server_side_.on_data = [this](Party&, Bytes data) {
    end(client());
    return data.size();
  };
  connect();
  client().write("do it for me");
  expect_one_loss_each();
}

// Calls back from one of a producer's callbacks.
struct Producing final : PushProducer {
  void resume_producing() override { call(on_resume); }
  void pause_producing() override { call(on_pause); }
  void stop_producing() override { call(on_stop); }
  static void call(const std::function<void()>& callback) {
    if (callback) callback();
  }

  std::function<void()> on_resume;
  std::function<void()> on_pause;
  std::function<void()> on_stop;
};

class EndingInsideProducer : public EndingInside {
 protected:
  void connect_and_register() {
    connect();
    party_ = &server();
    ASSERT_FALSE(party_->transport().register_producer(producer_));
  }

  // A connection that is to close waits for its producer.
  void end_and_unregister() {
    end(*party_);
    party_->transport().unregister_producer();
  }

  Party* party_ = nullptr;
  Producing producer_;
};

TEST_P(EndingInsideProducer, pause_producing) {
  producer_.on_pause = [this] { end_and_unregister(); };
  connect_and_register();
  party_->write(std::string(one_small.send, 'x'));
  expect_one_loss_each();
}

TEST_P(EndingInsideProducer, resume_producing) {
  producer_.on_resume = [this] { end_and_unregister(); };
  connect_and_register();
  party_->write(std::string(one_small.send, 'x'));
  expect_one_loss_each();
}

TEST_P(EndingInsideProducer, stop_producing) {
  int stops = 0;
  producer_.on_stop = [&] {
    ++stops;
    end(*party_);
  };
  connect_and_register();
  client().transport().abort_connection();
  expect_one_loss_each();
  EXPECT_EQ(stops, 1);
}

TEST_P(EndingInside, a_posted_call) {
  connect();
  Party& party = server();
  ASSERT_TRUE(world_.reactor().call_from_thread([this, &party] { end(party); }));
  expect_one_loss_each();
}

TEST_P(EndingInside, client_connection_lost) {
  connect();
  client_.on_lost = [this] {
    if (server_side_.connected()) end(server());
  };
  client().transport().lose_connection();
  expect_one_loss_each();
}

std::string name_of_ending(const testing::TestParamInfo<End>& ending) {
  return ending.index == 0 ? "lose_connection" : "abort_connection";
}

INSTANTIATE_TEST_SUITE_P(By, EndingInside,
                         testing::Values(&Transport::lose_connection, &Transport::abort_connection),
                         name_of_ending);
INSTANTIATE_TEST_SUITE_P(By, EndingInsideProducer,
                         testing::Values(&Transport::lose_connection, &Transport::abort_connection),
                         name_of_ending);

}  // namespace
}  // namespace bobbin::contract
