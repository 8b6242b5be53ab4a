// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "reverser.hpp"

#include <bobbin/testing.hpp>

using namespace std::chrono_literals;

struct ReverserTest : bobbin::TestCase<> {
  void SetUp() override { ASSERT_FALSE(transport.make_connection(reverser)); }

  Reverser reverser;
  bobbin::StringTransport<> transport{reactor};
};

TEST_F(ReverserTest, answers_backwards) {
  transport.receive_bytewise("stressed\r\n");
  EXPECT_EQ(transport.value(), "desserts\r\n");
  transport.lose();
}

TEST_F(ReverserTest, shows_out_who_says_nothing) {
  reactor.run_for(59s);
  transport.receive("\r\n");
  reactor.run_for(59s);
  EXPECT_FALSE(transport.disconnecting());
  reactor.run_for(2s);
  EXPECT_TRUE(transport.disconnecting());
  EXPECT_EQ(transport.value(), "\r\nstill there?\r\n");
}

struct AskingTest : bobbin::TestCase<> {
  Question question{"drawer", {}};
  bobbin::TcpServer<Reverser, one> server;
  AskingClient client{question};
};

TEST_F(AskingTest, gets_its_answer_over_a_slow_network) {
  network.behaviour.latency = 300ms;
  ASSERT_FALSE(reactor.listen_tcp(bobbin::Address::loopback(7777), server));
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  EXPECT_TRUE(bobbin::no_result(question.answered));
  EXPECT_EQ(success_result_of(run(question.answered)), 6U);
  reactor.run_for(2s);
}

TEST_F(AskingTest, hears_that_nobody_is_there) {
  ASSERT_FALSE(reactor.connect_tcp(bobbin::Address::loopback(7777), client));
  EXPECT_EQ(failure_result_of(run(question.answered)), bobbin::Errc::connection_refused);
}

bobbin::Task<bobbin::Error> rests(bobbin::Frame<128>&, bobbin::Clock& clock) {
  co_return co_await bobbin::sleep(clock, 90s);
}

TEST_F(AskingTest, may_be_a_task) {
  bobbin::Frame<128> frame;
  EXPECT_FALSE(run(rests(frame, reactor)));
}
