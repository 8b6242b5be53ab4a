// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <utility>

#include "parties.hpp"

namespace bobbin::contract {
namespace {

class Receiving : public Pair<> {};

TEST_F(Receiving, what_is_not_used_is_offered_again_in_front_of_what_follows) {
  std::vector<std::string> offers;
  server_side_.on_data = [&](Party&, Bytes data) {
    offers.emplace_back(text_of(data));
    return offers.back().ends_with('.') ? data.size() : 0;
  };
  connect();
  client().write("one ");
  ASSERT_TRUE(run_until([&] { return !offers.empty() && offers.back() == "one "; }));
  client().write("two.");
  ASSERT_TRUE(run_until([&] { return server_side_.received == "one two."; }));
  EXPECT_EQ(offers.back(), "one two.");
  for (const std::string& offer : offers) EXPECT_TRUE(std::string("one two.").starts_with(offer));
}

TEST_F(Receiving, a_protocol_may_take_one_message_at_a_time) {
  std::string last;
  server_side_.on_data = [&](Party&, Bytes data) {
    last = text_of(data);
    return last.find('\n') + 1;  // npos + 1 is 0
  };
  connect();
  client().write("line\nanother\nrest");
  ASSERT_TRUE(run_until([&] { return server_side_.received == "line\nanother\n"; }));
  ASSERT_TRUE(run_until([&] { return last == "rest"; }));
  client().write(" of it\n");
  ASSERT_TRUE(run_until([&] { return server_side_.received == "line\nanother\nrest of it\n"; }));
}

TEST_F(Receiving, what_was_refused_is_not_offered_again_without_a_reason) {
  int offers = 0;
  server_side_.on_data = [&](Party&, Bytes) {
    ++offers;
    return std::size_t{0};
  };
  connect();
  client().write("x");
  ASSERT_TRUE(run_until([&] { return offers == 1; }));
  settle();
  EXPECT_EQ(offers, 1);
}

TEST_F(Receiving, what_was_refused_is_offered_again_after_resuming) {
  bool ready = false;
  int offers = 0;
  server_side_.on_data = [&](Party&, Bytes data) {
    ++offers;
    return ready ? data.size() : 0;
  };
  connect();
  client().write("x");
  ASSERT_TRUE(run_until([&] { return offers == 1; }));
  ready = true;
  server().transport().pause_producing();
  server().transport().resume_producing();
  EXPECT_EQ(offers, 1) << "never from inside resume_producing";
  ASSERT_TRUE(run_until([&] { return server_side_.received == "x"; }));
}

TEST_F(Receiving, while_paused_nothing_is_offered_and_nothing_is_lost) {
  connect();
  server().transport().pause_producing();
  client().write("later");
  settle();
  EXPECT_EQ(server_side_.received, "");
  server().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received == "later"; }));
}

TEST_F(Receiving, pausing_from_inside_stops_the_next_offer) {
  server_side_.on_data = [](Party& party, Bytes) {
    party.transport().pause_producing();
    return std::size_t{1};
  };
  connect();
  client().write("abc");
  settle();
  EXPECT_EQ(server_side_.received, "a");
  server().transport().resume_producing();
  settle();
  EXPECT_EQ(server_side_.received, "ab");
  server().transport().resume_producing();
  settle();
  EXPECT_EQ(server_side_.received, "abc");
}

// Echo is one line because a refused rest comes back when the ring has drained.
TEST_F(Receiving, an_echo_through_a_ring_smaller_than_the_message_loses_nothing) {
  server_side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
  connect();
  std::string message;
  for (int i = 0; message.size() < 20'000; ++i) message += std::to_string(i) + ' ';
  std::size_t sent = 0;
  ASSERT_TRUE(run_until([&] {
    sent += client().write(std::string_view(message).substr(sent));
    return client_side_.received.size() == message.size();
  }));
  EXPECT_EQ(client_side_.received, message);
}

TEST_F(Receiving, one_who_receives_without_end_sends_all_the_same) {
  world_.reactor().budget().bytes = 16;
  bool answered = false;
  server_side_.on_data = [&](Party& party, Bytes data) {
    if (!std::exchange(answered, true)) party.write("an answer");
    return data.size();
  };
  connect();
  const std::string piece(one_small.send, 'x');
  ASSERT_TRUE(run_until([&] {
    client().write(piece);
    return client_side_.received == "an answer";
  }));
}

TEST_F(Receiving, a_budget_smaller_than_what_was_refused_is_no_reason_to_offer_it_again) {
  world_.reactor().budget().bytes = 8;
  int offers = 0;
  server_side_.on_data = [&](Party&, Bytes) {
    ++offers;
    return std::size_t{0};
  };
  connect();
  client().write("a part of a message");
  settle();
  const int offered = offers;
  EXPECT_LE(offered, 20);
  settle();
  EXPECT_EQ(offers, offered);
}

class BlockedAnswer : public Pair<large_send, one_small> {
 protected:
  // The client has paused: its port's memory fills, then the server's ring, which then stays full.
  void fill_everything_towards_the_client() {
    const std::string piece(large_send.send, '.');
    const auto has_room = [this] { return server().transport().room() > 0; };
    do {
      server().write(piece);
    } while (world_.run_until(has_room, std::chrono::milliseconds(100)));
  }

  void settle() { world_.run_for(std::chrono::milliseconds(100)); }
};

TEST_F(BlockedAnswer, a_full_receive_buffer_that_waits_for_the_ring_is_no_error) {
  bool refuse = true;
  server_side_.on_data = [&](Party& party, Bytes data) {
    return refuse ? 0 : party.transport().write(data);
  };
  connect();
  client().transport().pause_producing();
  fill_everything_towards_the_client();
  client().write(std::string(large_send.receive, 'q'));
  settle();
  EXPECT_EQ(server_side_.trace.back(), "data");
  EXPECT_FALSE(server_side_.lost());
  refuse = false;
  client().transport().resume_producing();
  ASSERT_TRUE(run_until([&] { return server_side_.received.size() == large_send.receive; }));
}

class SmallestBuffers : public Pair<smallest, smallest> {};

// The pattern's period is prime, so that a byte lost, doubled or moved shows.
char pattern(std::size_t position) { return static_cast<char>('!' + position % 89); }

TEST_F(SmallestBuffers, carry_a_lot_unchanged) {
  constexpr std::size_t total = bulk;
  std::size_t checked = 0;
  bool same = true;
  server_side_.on_data = [&](Party&, Bytes data) {
    for (const char c : text_of(data)) same = same && c == pattern(checked++);
    return data.size();
  };
  connect();
  std::size_t sent = 0;
  ASSERT_TRUE(run_until([&] {
    char piece[connection_buffer_min];
    const std::size_t size = std::min(std::size(piece), total - sent);
    for (std::size_t i = 0; i < size; ++i) piece[i] = pattern(sent + i);
    sent += client().write({piece, size});
    return checked == total || !same;
  }));
  EXPECT_TRUE(same);
  server_side_.received.clear();
}

}  // namespace
}  // namespace bobbin::contract
