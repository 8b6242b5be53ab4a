// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdint>
#include <string>

#include "posix_support.hpp"

// A PollReactor with fewer places than its server has connections.
namespace bobbin::test {
namespace {

class PollPlaces : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
    for (RawSocket* client : {&first_, &second_}) {
      ASSERT_TRUE(client->connect(server_.host().port()));
    }
    ASSERT_TRUE(turn_until(reactor_, [&] { return opened() == 2; }));
    reactor_.turn(milliseconds(0));  // takes the events of new sockets, which have room
  }

  std::uint32_t opened() const { return reactor_.statistics().connections_opened; }

  bool echoes(RawSocket& client) {
    std::string received;
    bool ended = false;
    return client.send("hello") &&
           turn_until(reactor_,
                      [&] {
                        received += client.receive_all(ended);
                        return ended || received == "hello";
                      }) &&
           !ended;
  }

  PollReactor<ReactorSizes{}, 4> reactor_;  // of which it takes one, and the port another
  TcpServer<Echo, small> server_;
  RawSocket first_, second_, third_, fourth_;
};

TEST_F(PollPlaces, when_all_are_taken_who_comes_waits_and_is_served_later) {
  for (RawSocket* client : {&third_, &fourth_}) {
    ASSERT_TRUE(client->connect(server_.host().port()));
  }
  ASSERT_TRUE(turn_until(reactor_, [&] { return reactor_.statistics().accept_errors == 2; }));
  EXPECT_TRUE(echoes(first_));
  for (RawSocket* client : {&third_, &fourth_}) {
    bool ended = false;
    client->receive_all(ended);
    ASSERT_FALSE(ended);
  }
  EXPECT_EQ(opened(), 2U);
  for (const RawSocket* client : {&first_, &second_}) shutdown(client->number(), SHUT_WR);
  EXPECT_TRUE(turn_until(reactor_, [&] { return opened() == 4; }));
  EXPECT_TRUE(echoes(third_));
  EXPECT_TRUE(echoes(fourth_));
}

TEST_F(PollPlaces, may_all_be_taken_and_nothing_is_tried_while_nobody_comes) {
  EXPECT_EQ(reactor_.statistics().accept_errors, 0U);
  EXPECT_EQ(reactor_.longest_wait(), forever);
  ASSERT_TRUE(third_.connect(server_.host().port()));
  EXPECT_TRUE(turn_until(reactor_, [&] { return reactor_.statistics().accept_errors == 1; }));
}

}  // namespace
}  // namespace bobbin::test
