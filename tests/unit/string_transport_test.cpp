// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/testing/string_transport.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/net/line_receiver.hpp>
#include <bobbin/testing.hpp>

namespace bobbin {
namespace {

// Answers each line with itself, and `bye` by going.
class Parrot final : public LineReceiver<LineFormat{.length_max = 64}> {
 public:
  int made = 0;
  int input_ended = 0;
  std::vector<Error> losses;

  void connection_made() override { ++made; }
  Taken line_received(Bytes line) override {
    if (text_of(line) == "bye") {
      transport().lose_connection();
      return Taken::last;
    }
    return send_line(line) ? Taken::yes : Taken::not_now;
  }
  void read_connection_lost() override {
    ++input_ended;
    transport().lose_connection();
  }
  void connection_lost(Error reason) override { losses.push_back(reason); }
};

constexpr ConnectionSizes small{.connections = 1, .receive = 80, .send = 80};

struct StringTransportTest : TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(parrot)); }

  Parrot parrot;
  StringTransport<small, 256> transport{reactor};
};

TEST_F(StringTransportTest, makes_a_connection) {
  EXPECT_EQ(parrot.made, 1);
  EXPECT_TRUE(transport.connected());
  EXPECT_FALSE(transport.disconnecting());
  EXPECT_EQ(parrot.transport().peer(), Address::ip4({192, 168, 1, 1}, 54321));
  EXPECT_EQ(transport.make_connection(parrot), Errc::already_running);
}

TEST_F(StringTransportTest, carries_what_the_test_says_and_gathers_the_answer) {
  transport.receive("hello\r\nwor");
  EXPECT_EQ(transport.value(), "hello\r\n");
  transport.receive("ld\r\n");
  EXPECT_EQ(transport.value(), "hello\r\nworld\r\n");
  transport.clear();
  EXPECT_EQ(transport.value(), "");
  transport.receive_bytewise("again\r\n");
  EXPECT_EQ(transport.value(), "again\r\n");
}

TEST_F(StringTransportTest, shows_that_the_protocol_ends) {
  transport.receive("one\r\nbye\r\ntwo\r\n");
  EXPECT_EQ(transport.value(), "one\r\n");
  EXPECT_TRUE(transport.disconnecting());
  EXPECT_FALSE(transport.connected());
  ASSERT_EQ(parrot.losses.size(), 1U);
  EXPECT_EQ(parrot.losses[0], Errc::connection_done);
  EXPECT_EQ(transport.reason(), Errc::connection_done);
}

TEST_F(StringTransportTest, shows_that_the_protocol_is_about_to_end) {
  transport.hold();
  transport.receive("one\r\nbye\r\n");
  EXPECT_TRUE(transport.connected());
  EXPECT_TRUE(transport.disconnecting());
  EXPECT_EQ(transport.value(), "");
  transport.release();
  EXPECT_FALSE(transport.connected());
  EXPECT_EQ(transport.value(), "one\r\n");
}

TEST_F(StringTransportTest, has_flow_control_as_all_connections) {
  transport.hold();
  const std::string line = std::string(28, '.') + "\r\n";
  for (int i = 0; i < 4; ++i) transport.receive(line);
  EXPECT_EQ(parrot.transport().unsent(), 60U);
  transport.take(10);
  EXPECT_EQ(transport.value().size(), 10U);
  transport.release();
  EXPECT_EQ(transport.value().size(), 120U);
}

TEST_F(StringTransportTest, keeps_the_rest_in_the_ring_when_it_is_full) {
  const std::string line = std::string(48, '.') + "\r\n";
  for (int i = 0; i < 6; ++i) transport.receive(line);
  EXPECT_EQ(transport.value().size(), 256U);
  EXPECT_EQ(parrot.transport().unsent(), 44U);
  transport.clear();
  EXPECT_EQ(transport.value().size(), 44U);
}

TEST_F(StringTransportTest, is_not_read_while_it_is_paused) {
  parrot.transport().pause_producing();
  transport.receive("hello\r\n");
  EXPECT_EQ(transport.unread(), 7U);
  EXPECT_EQ(transport.value(), "");
  parrot.transport().resume_producing();
  transport.settle();
  EXPECT_EQ(transport.unread(), 0U);
  EXPECT_EQ(transport.value(), "hello\r\n");
}

TEST_F(StringTransportTest, tells_the_protocol_that_the_peer_has_ended) {
  transport.receive("last\r\n");
  transport.receive_end();
  EXPECT_EQ(parrot.input_ended, 1);
  EXPECT_EQ(transport.reason(), Errc::connection_done);
}

TEST_F(StringTransportTest, breaks_when_the_test_says_so) {
  transport.lose(Errc::timed_out);
  ASSERT_EQ(parrot.losses.size(), 1U);
  EXPECT_EQ(parrot.losses[0], Errc::timed_out);
  EXPECT_FALSE(transport.disconnecting());
  EXPECT_FALSE(transport.aborted());
}

TEST_F(StringTransportTest, shows_a_half_closed_and_an_aborted_connection) {
  parrot.transport().lose_write_connection();
  transport.settle();
  EXPECT_TRUE(transport.write_ended());
  parrot.transport().abort_connection();
  EXPECT_TRUE(transport.aborted());
  transport.settle();
  EXPECT_EQ(transport.reason(), Errc::connection_aborted);
}

TEST_F(StringTransportTest, may_be_used_again) {
  transport.receive("hello\r\n");
  transport.lose();
  ASSERT_FALSE(transport.make_connection(parrot, {.peer = Address::ip4({10, 9, 8, 7}, 6)}));
  EXPECT_EQ(parrot.made, 2);
  EXPECT_EQ(parrot.transport().peer(), Address::ip4({10, 9, 8, 7}, 6));
  EXPECT_EQ(transport.value(), "");
  EXPECT_EQ(transport.reason(), Errc::ok);
}

TEST_F(StringTransportTest, refuses_more_than_it_has_room_for) {
  parrot.transport().pause_producing();
  transport.receive(std::string(256, '.'));
  EXPECT_DEATH(transport.receive("."), "assertion failed: fits");
}

TEST(StringTransportLife, ends_with_its_connection_aborted) {
  MemoryNetwork<> network;
  MemoryReactor<> reactor(network);
  Parrot parrot;
  {
    StringTransport<small> transport(reactor);
    ASSERT_FALSE(transport.make_connection(parrot));
  }
  ASSERT_EQ(parrot.losses.size(), 1U);
  EXPECT_EQ(parrot.losses[0], Errc::connection_aborted);
}

}  // namespace
}  // namespace bobbin
