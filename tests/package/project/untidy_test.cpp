// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "reverser.hpp"

#include <bobbin/testing.hpp>

using namespace std::chrono_literals;

struct Untidy : bobbin::TestCase<> {
  Question question{"drawer", {}};
  bobbin::TcpServer<Reverser, one> server;
  AskingClient client{question};
};

TEST_F(Untidy, leaves_a_connection_and_its_timer) {
  question.word = "";
  ASSERT_FALSE(reactor.listen_tcp(bobbin::Address::loopback(7777), server));
  network.behaviour.latency = 1s;
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  reactor.run_for(3s);
}

TEST_F(Untidy, leaves_a_failure) {
  ASSERT_FALSE(reactor.connect_tcp(bobbin::Address::loopback(7777), client));
  run(question.answered);
}

TEST_F(Untidy, leaves_a_logged_error) {
  bobbin::Logger(log, "untidy").failure(bobbin::Errc::timed_out, "no answer");
}

TEST_F(Untidy, waits_for_ever) { run(question.answered); }
