// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Boxes that are not whole in time.

#include <string>
#include <vector>

#include "amp_fixture.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;

TEST_F(AmpPeer, a_box_has_so_much_time_and_no_more) {
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"});
  const std::string answer = box({"_answer", "1", "total", "3"});
  // However it comes: boxes that are whole in time may follow each other for ever.
  for (int i = 0; i < 5; ++i) {
    transport.receive(question.substr(0, 9));
    reactor.run_for(20s);
    transport.receive(question.substr(9, 5));
    reactor.run_for(9s);
    transport.receive(question.substr(14) + question.substr(0, 1));
    reactor.run_for(20s);
    EXPECT_EQ(answer_to(question.substr(1)), answer);
    reactor.run_for(1h);
    EXPECT_TRUE(transport.connected());
  }
  amp::Question<Sum> waiting;
  ASSERT_FALSE(peer.ask(waiting, {.a = 1, .b = 2}));
  transport.hold();
  for (int second = 0; second < 30; ++second) {
    transport.receive(question.substr(static_cast<std::size_t>(second), 1));
    EXPECT_TRUE(transport.connected());
    reactor.run_for(1s);
  }
  reactor.run_for(1ms);
  EXPECT_FALSE(transport.connected());
  EXPECT_TRUE(transport.aborted()) << "and does not wait for who reads nothing";
  EXPECT_EQ(failure_result_of(waiting), Errc::timed_out);
  EXPECT_EQ(peer.lost, Errc::timed_out);
}

TEST_F(AmpPeer, a_box_that_waits_for_us_has_all_the_time_it_needs) {
  for (const std::string_view tag : {"a", "b", "c"}) {
    transport.receive(box({"_ask", tag, "_command", "Wait", "seconds", "100"}));
  }
  transport.receive(std::string(1, '\0'));
  reactor.run_for(1h);
  EXPECT_TRUE(transport.connected());
  EXPECT_EQ(peer.waits, 2);
  transport.lose();
}

TEST_F(AmpPeer, half_a_box_has_time_while_nobody_reads) {
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"});
  transport.receive(question.substr(0, 5));
  peer.transport().pause_producing();
  reactor.run_for(1h);
  peer.transport().resume_producing();
  reactor.run_for(29s);
  EXPECT_EQ(answer_to(question.substr(5)), box({"_answer", "1", "total", "3"}));
  transport.receive(question.substr(0, 5));
  peer.transport().pause_producing();
  reactor.run_for(1h);
  peer.transport().resume_producing();
  reactor.run_for(31s);
  EXPECT_EQ(peer.lost, Errc::timed_out);
}

TEST_F(AmpPeer, half_a_box_does_not_break_off_what_ends_in_order) {
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"});
  transport.hold();
  transport.receive(question + question.substr(0, 5));
  peer.transport().lose_connection();
  reactor.run_for(1h);
  EXPECT_FALSE(transport.aborted());
  transport.take(1000);
  EXPECT_NE(transport.value().find("total"), std::string_view::npos);
  EXPECT_NE(peer.lost, Errc::timed_out);
}

TEST_F(AmpPeer, half_a_box_takes_a_timer) {
  std::vector<DelayedCall> calls;
  for (auto call = reactor.call_later(1h, [] {}); call; call = reactor.call_later(1h, [] {})) {
    calls.push_back(*call);
  }
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"});
  EXPECT_EQ(answer_to(question), box({"_answer", "1", "total", "3"})) << "a whole one takes none";
  transport.receive(question.substr(0, 1));
  EXPECT_FALSE(transport.connected());
  EXPECT_EQ(peer.lost, Errc::no_capacity);
  for (DelayedCall& call : calls) call.cancel();
}

}  // namespace
}  // namespace bobbin::test
