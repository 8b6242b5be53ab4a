// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "amp_fixture.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_F(AmpPeer, answers_as_the_format_says) {
  EXPECT_EQ(answer_to(box({"_ask", "23", "_command", "Sum", "a", "13", "b", "81"})),
            box({"_answer", "23", "total", "94"}));
  // The order of keys is of no interest, nor are others.
  EXPECT_EQ(answer_to(box({"b", "-1", "x", "", "_command", "Sum", "_ask", "f", "a", "0"})),
            box({"_answer", "f", "total", "-1"}));
}

TEST_F(AmpPeer, answers_at_any_cut) {
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"}) +
                               box({"_ask", "2", "_command", "Sum", "a", "3", "b", "4"});
  const std::string answers =
      box({"_answer", "1", "total", "3"}) + box({"_answer", "2", "total", "7"});
  for (std::size_t cut = 0; cut <= question.size(); ++cut) {
    SCOPED_TRACE(cut);
    transport.clear();
    transport.receive(question.substr(0, cut));
    transport.receive(question.substr(cut));
    ASSERT_EQ(transport.value(), answers);
  }
  transport.clear();
  transport.receive_bytewise(question);
  EXPECT_EQ(transport.value(), answers);
}

TEST_F(AmpPeer, answers_with_the_code_of_the_error) {
  EXPECT_EQ(
      answer_to(box({"_ask", "1", "_command", "Divide", "numerator", "1", "denominator", "0"})),
      box({"_error", "1", "_error_code", "ZERO_DIVISION", "_error_description",
           "division by zero"}));
  EXPECT_EQ(
      answer_to(box({"_ask", "2", "_command", "Divide", "numerator", "1", "denominator", "-1"})),
      box({"_error", "2", "_error_code", "UNKNOWN", "_error_description",
           describe(Errc::unreachable)}));
}

TEST_F(AmpPeer, says_that_it_does_not_know_a_command) {
  EXPECT_EQ(
      answer_to(box({"_ask", "1", "_command", "Unheard"})),
      box({"_error", "1", "_error_code", "UNHANDLED", "_error_description", "Unhandled Command"}));
  EXPECT_FALSE(transport.disconnecting());
}

TEST_F(AmpPeer, says_which_argument_is_bad) {
  const auto bad = [](std::string_view name) {
    return box({"_error", "1", "_error_code", "UNKNOWN", "_error_description", name});
  };
  EXPECT_EQ(answer_to(box({"_ask", "1", "_command", "Sum", "a", "1"})), bad("b"));
  EXPECT_EQ(answer_to(box({"_ask", "1", "_command", "Sum", "a", "x", "b", "1"})), bad("a"));
  EXPECT_EQ(answer_to(box({"_ask", "1", "_command", "Sum", "a", "2147483648", "b", "1"})),
            bad("a"));
  EXPECT_EQ(peer.sums, 0);
}

TEST_F(AmpPeer, does_not_answer_what_wants_no_answer) {
  EXPECT_EQ(answer_to(box({"_command", "Sum", "a", "1", "b", "1"})), "");
  EXPECT_EQ(answer_to(box({"_command", "Wait", "seconds", "0"})), "");
  EXPECT_EQ(answer_to(box({"_command", "Unheard"})), "");
  EXPECT_EQ(answer_to(box({"_command", "Sum", "a", "1"})), "");
  EXPECT_EQ(peer.sums, 1);
  EXPECT_EQ(peer.waits, 1);
}

TEST_F(AmpPeer, ends_a_connection_that_is_no_amp) {
  const struct {
    std::string stream;
    Failure reason;
  } cases[] = {
      {box({}), amp::Fault::bad_box},
      {"\1\0k"s, amp::Fault::bad_box},
      {"GET / HTTP/1.1\r\n\r\n", amp::Fault::bad_box},
      {box({"key", "value"}), amp::Fault::bad_box},
      {box({"_answer", "9"}), amp::Fault::bad_box},
      {box({"_error", "9", "_error_code", "X"}), amp::Fault::bad_box},
      {box({"_ask", "seventeen letters", "_command", "Sum"}), amp::Fault::bad_box},
      {"\0\1k\xff\xff"s, Errc::message_too_long},
      {box({"_command", std::string(250, 'x')}), Errc::message_too_long},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.stream);
    Calculator broken(reactor);
    StringTransport<sizes> broken_transport(reactor);
    ASSERT_FALSE(broken_transport.make_connection(broken));
    amp::Question<Sum> question;
    ASSERT_FALSE(broken.ask(question, {.a = 1, .b = 2}));
    broken_transport.receive(one.stream);
    ASSERT_TRUE(broken.lost);
    EXPECT_EQ(describe(*broken.lost), describe(one.reason));
    EXPECT_EQ(describe(failure_result_of(question)), describe(one.reason));
  }
}

TEST_F(AmpPeer, asks_as_the_format_says) {
  amp::Question<Sum> first;
  amp::Question<Divide> second;
  ASSERT_FALSE(peer.ask(first, {.a = 1, .b = -2}));
  ASSERT_FALSE(peer.ask(second, {.numerator = 3, .denominator = 4}));
  transport.settle();
  EXPECT_EQ(transport.value(),
            box({"_ask", "1", "_command", "Sum", "a", "1", "b", "-2"}) +
                box({"_ask", "2", "_command", "Divide", "numerator", "3", "denominator", "4"}));
  EXPECT_EQ(peer.outstanding(), 2U);
  transport.receive(box({"_answer", "2", "result", "0.75"}));
  EXPECT_EQ(success_result_of(second)->result, 0.75);
  EXPECT_TRUE(no_result(first));
  transport.receive(box({"_answer", "1", "total", "-1"}));
  EXPECT_EQ(success_result_of(first)->total, -1);
  EXPECT_EQ(peer.outstanding(), 0U);
}

TEST_F(AmpPeer, tells_what_wants_no_answer) {
  ASSERT_FALSE(peer.tell<Sum>({.a = 1, .b = 2}));
  transport.settle();
  EXPECT_EQ(transport.value(), box({"_command", "Sum", "a", "1", "b", "2"}));
  EXPECT_EQ(peer.outstanding(), 0U);
}

TEST_F(AmpPeer, fails_a_question_by_its_code) {
  const struct {
    std::string_view code;
    Failure failure;
  } cases[] = {{"ZERO_DIVISION", Mistake::zero_division},
               {"OVERFLOW", Mistake::overflow},
               {"UNHANDLED", amp::Fault::unhandled_command},
               {"UNKNOWN", amp::Fault::unknown_error},
               {"HEADACHE", amp::Fault::unknown_error}};
  for (const auto& one : cases) {
    amp::Question<Divide> question;
    ASSERT_FALSE(peer.ask(question, {}));
    transport.settle();
    const std::string asked(transport.value());
    transport.clear();
    const std::string tag = asked.substr(8, asked.find('\0', 8) - 8);
    transport.receive(box({"_error", tag, "_error_code", one.code, "_error_description", "so"}));
    EXPECT_EQ(describe(failure_result_of(question)), describe(one.failure));
    EXPECT_EQ(peer.words, std::string(one.code) + ": so");
  }
}

TEST_F(AmpPeer, an_answer_that_is_not_the_commands_fails_the_question) {
  amp::Question<Sum> question;
  ASSERT_FALSE(peer.ask(question, {}));
  transport.receive(box({"_answer", "1", "total", "many"}));
  EXPECT_EQ(failure_result_of(question), amp::Fault::bad_answer);
  question.reset();
  ASSERT_FALSE(peer.ask(question, {}));
  transport.receive(box({"_answer", "2"}));
  EXPECT_EQ(failure_result_of(question), amp::Fault::bad_answer);
}

TEST_F(AmpPeer, a_question_too_many_is_an_error_of_who_asks) {
  amp::Question<Sum> questions[limits.questions];
  amp::Question<Sum> one_more;
  for (auto& question : questions) ASSERT_FALSE(peer.ask(question, {}));
  EXPECT_EQ(peer.ask(one_more, {}), Errc::no_capacity);
  transport.receive(box({"_answer", "2", "total", "0"}));
  success_result_of(questions[1]);
  EXPECT_FALSE(peer.ask(one_more, {.a = 1}));
  transport.lose();
  for (auto* question : {&questions[0], &questions[2], &one_more}) {
    EXPECT_EQ(failure_result_of(*question), Errc::connection_lost);
  }
}

TEST_F(AmpPeer, a_question_is_asked_once) {
  amp::Question<Sum> question;
  ASSERT_FALSE(peer.ask(question, {}));
  EXPECT_EQ(peer.ask(question, {}), Errc::already_running);
  transport.receive(box({"_answer", "1", "total", "5"}));
  EXPECT_EQ(peer.ask(question, {}), Errc::invalid_argument);
  EXPECT_EQ(success_result_of(question)->total, 5);
  question.reset();
  ASSERT_FALSE(peer.ask(question, {}));
  transport.receive(box({"_answer", "2", "total", "6"}));
  EXPECT_EQ(success_result_of(question)->total, 6);
}

TEST_F(AmpPeer, without_room_asking_is_an_error) {
  transport.hold();
  amp::Question<Sum> question;
  Error error;
  while (!error) error = peer.tell<Sum>({});
  EXPECT_EQ(error, Errc::would_block);
  EXPECT_EQ(peer.ask(question, {}), Errc::would_block);
  EXPECT_EQ(peer.outstanding(), 0U);
  EXPECT_GE(peer.transport().room(), limits.reserve());
  transport.release();
  EXPECT_FALSE(peer.ask(question, {}));
  question.cancel();
  EXPECT_EQ(failure_result_of(question), Errc::cancelled);
}

TEST_F(AmpPeer, what_is_longer_than_a_box_is_not_asked) {
  amp::Question<Everything> question;
  const std::string text(limits.box, 'x');
  EXPECT_EQ(peer.ask(question, {.unicode = text}), Errc::message_too_long);
  EXPECT_EQ(peer.outstanding(), 0U);
  transport.settle();
  EXPECT_EQ(transport.value(), "");
}

TEST_F(AmpPeer, a_lost_connection_fails_all_questions_and_cancels_all_answers) {
  amp::Question<Sum> question;
  ASSERT_FALSE(peer.ask(question, {}));
  transport.receive(box({"_ask", "1", "_command", "Wait", "seconds", "100"}));
  int asked_again = 0;
  question.add_both([&](Outcome<const Sum::Response*> outcome) {
    EXPECT_EQ(outcome.failure(), Errc::timed_out);
    EXPECT_FALSE(peer.lost);
    EXPECT_EQ(peer.tell<Sum>({}), Errc::connection_lost);
    ++asked_again;
  });
  transport.lose(Errc::timed_out);
  EXPECT_EQ(asked_again, 1);
  EXPECT_EQ(peer.cancelled, 1);
  EXPECT_EQ(*peer.lost, Errc::timed_out);
}

TEST_F(AmpPeer, one_lost_question_may_take_the_others_along) {
  amp::Question<Sum> first;
  std::optional<amp::Question<Sum>> second(std::in_place);
  ASSERT_FALSE(peer.ask(first, {}));
  ASSERT_FALSE(peer.ask(*second, {}));
  first.add_errback([&](const Failure&) { second.reset(); });
  transport.lose();
  EXPECT_FALSE(second);
}

TEST_F(AmpPeer, a_question_given_up_keeps_its_place_until_its_answer_comes) {
  std::optional<amp::Question<Sum>> question(std::in_place);
  ASSERT_FALSE(peer.ask(*question, {}));
  question.reset();
  EXPECT_EQ(peer.outstanding(), 1U);
  transport.receive(box({"_answer", "1", "total", "1"}));
  EXPECT_EQ(peer.outstanding(), 0U);
  EXPECT_FALSE(transport.disconnecting());

  question.emplace();
  ASSERT_FALSE(peer.ask(*question, {}));
  question->cancel();
  EXPECT_EQ(failure_result_of(*question), Errc::cancelled);
  EXPECT_FALSE(question->asked());
  transport.receive(box({"_error", "2", "_error_code", "X"}));
  EXPECT_EQ(peer.outstanding(), 0U);
}

TEST_F(AmpPeer, a_question_may_be_given_up_when_its_error_is_told) {
  std::optional<amp::Question<Sum>> question(std::in_place);
  ASSERT_FALSE(peer.ask(*question, {}));
  peer.on_error = [&question] { question.reset(); };
  transport.receive(box({"_error", "1", "_error_code", "X"}));
  EXPECT_FALSE(question);
  EXPECT_EQ(peer.outstanding(), 0U);
}

TEST_F(AmpPeer, a_question_may_ask_the_next_when_it_is_answered) {
  amp::Question<Sum> first;
  amp::Question<Sum> second;
  ASSERT_FALSE(peer.ask(first, {}));
  first.add_callback(
      [&](const Sum::Response* sum) { EXPECT_FALSE(peer.ask(second, {.a = sum->total, .b = 1})); });
  transport.clear();
  transport.receive(box({"_answer", "1", "total", "7"}));
  EXPECT_EQ(transport.value(), box({"_ask", "1", "_command", "Sum", "a", "0", "b", "0"}) +
                                   box({"_ask", "2", "_command", "Sum", "a", "7", "b", "1"}));
  transport.receive(box({"_answer", "2", "total", "8"}));
  EXPECT_EQ(success_result_of(second)->total, 8);
}

TEST_F(AmpPeer, answers_later_in_any_order) {
  transport.receive(box({"_ask", "a", "_command", "Wait", "seconds", "2"}) +
                    box({"_ask", "b", "_command", "Wait", "seconds", "1"}) +
                    box({"_ask", "c", "_command", "Sum", "a", "1", "b", "1"}));
  EXPECT_EQ(transport.value(), box({"_answer", "c", "total", "2"}));
  transport.clear();
  reactor.run_for(1001ms);
  EXPECT_EQ(transport.value(), box({"_answer", "b"}));
  reactor.run_for(1001ms);
  EXPECT_EQ(transport.value(), box({"_answer", "b"}) + box({"_answer", "a"}));
}

TEST_F(AmpPeer, answers_later_with_an_error) {
  EXPECT_EQ(answer_to(box({"_ask", "a", "_command", "Wait", "seconds", "99"})),
            box({"_error", "a", "_error_code", "BUSY", "_error_description",
                 describe(Errc::no_capacity)}));
}

TEST_F(AmpPeer, a_question_without_a_place_for_its_answer_waits) {
  std::string stream;
  for (const std::string_view tag : {"a", "b", "c", "d"}) {
    stream += box({"_ask", tag, "_command", "Wait", "seconds", "1"});
  }
  // A receive buffer full of questions is no reason to give up.
  while (stream.size() < 2 * sizes.receive) stream += box({"_command", "Wait", "seconds", "0"});
  transport.receive(stream);
  EXPECT_EQ(peer.waits, 2);
  EXPECT_EQ(transport.value(), "");
  reactor.run_for(1001ms);
  EXPECT_EQ(transport.value(), box({"_answer", "a"}) + box({"_answer", "b"}));
  EXPECT_EQ(peer.waits, 4);
  reactor.run_for(1001ms);
  EXPECT_EQ(transport.value(), box({"_answer", "a"}) + box({"_answer", "b"}) +
                                   box({"_answer", "c"}) + box({"_answer", "d"}));
  EXPECT_GT(peer.waits, 10);
}

TEST_F(AmpPeer, a_question_without_room_for_its_answer_waits) {
  transport.hold();
  constexpr int asked = 100;
  const std::string question = box({"_ask", "1", "_command", "Sum", "a", "1", "b", "2"});
  const std::string answer = box({"_answer", "1", "total", "3"});
  for (int i = 0; i < asked; ++i) transport.receive(question);
  EXPECT_GT(peer.sums, 10);
  EXPECT_LT(peer.sums, asked);
  transport.release();
  EXPECT_EQ(peer.sums, asked);
  std::string answers;
  for (int i = 0; i < asked; ++i) answers += answer;
  EXPECT_EQ(transport.value(), answers);
}

// Two peers and a network between them.
constexpr ConnectionSizes joined_sizes{.connections = 1, .receive = 256, .send = 1400};

struct AmpPeers : TestCase<> {
  void SetUp() override {
    ASSERT_FALSE(reactor.listen_tcp(Address::any(8750), server));
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(8750), client));
    reactor.run_for(1s);
    ASSERT_NE(client.peer, nullptr);
    ASSERT_NE(server.peer, nullptr);
  }

  template <class Base>
  struct Remembering final : Base {
    explicit Remembering(Clock& clock) : Base(clock) {}
    ~Remembering() { stop(); }
    void stop() { this->shut_down(); }
    Protocol* build_protocol(const Address& address) override {
      return peer = static_cast<Calculator*>(Base::build_protocol(address));
    }
    Calculator* peer = nullptr;
  };

  void TearDown() override {
    client.stop();
    reactor.run_for(1s);
    TestCase<>::TearDown();
  }

  Remembering<TcpServer<Calculator, joined_sizes, Clock>> server{reactor};
  Remembering<TcpClient<Calculator, joined_sizes, Clock>> client{reactor};
};

TEST_F(AmpPeers, carry_every_kind_of_value) {
  const Bytes octets = bytes_of("\0\xff"sv);
  amp::Question<Everything> question;
  ASSERT_FALSE(client.peer->ask(question, {.integer = INT64_MIN,
                                           .boolean = true,
                                           .number = 0.1,
                                           .unicode = "\u00e9\u4e2d",
                                           .string = octets,
                                           .maybe = 255,
                                           .list = {-1, 0, 32767}}));
  const Everything::Response& back = *success_result_of(run(question));
  EXPECT_EQ(back.integer, INT64_MIN);
  EXPECT_TRUE(back.boolean);
  EXPECT_EQ(back.number, 0.1);
  EXPECT_EQ(back.unicode.view(), "\u00e9\u4e2d");
  EXPECT_EQ(text_of(back.string), "\0\xff"sv);
  EXPECT_EQ(back.maybe, 255);
  ASSERT_EQ(back.list.size(), 3U);
  EXPECT_EQ(back.list[2], 32767);

  question.reset();
  ASSERT_FALSE(client.peer->ask(question, {}));
  const Everything::Response& empty = *success_result_of(run(question));
  EXPECT_FALSE(empty.maybe);
  EXPECT_TRUE(empty.list.empty());
}

TEST_F(AmpPeers, carry_lists_that_nobody_holds) {
  const Row rows[] = {{.id = -1, .name = "one"}, {.id = 2}};
  const amp::DateTime now{std::chrono::sys_days(2024y / std::chrono::March / 1) - 1us, 330min};
  amp::Question<Records> question;
  ASSERT_FALSE(client.peer->ask(question, {.when = now,
                                           .until = {},
                                           .rows = amp::ListView<Row>(rows),
                                           .names = {2, [](std::size_t) { return "x"sv; }},
                                           .price = {-1005}}));
  const Records::Response& back = *success_result_of(run(question));
  EXPECT_EQ(back.when, now);
  EXPECT_FALSE(back.until);
  ASSERT_EQ(back.rows.size(), 2U);
  EXPECT_EQ(back.rows[0].name.view(), "one");
  EXPECT_EQ(back.rows[1].id, 2);
  ASSERT_EQ(back.names.size(), 2U);
  EXPECT_EQ(back.names[1].view(), "x");
  EXPECT_EQ(back.price.units, -1005);

  question.reset();
  ASSERT_FALSE(client.peer->ask(question, {.names = {4, [](std::size_t) { return "x"sv; }}}));
  EXPECT_EQ(failure_result_of(run(question)), Errc::no_capacity);
}

TEST_F(AmpPeers, do_not_ask_with_a_moment_that_has_no_form) {
  amp::Question<Records> question;
  const amp::DateTime never{.time = {}, .offset = 24h};
  EXPECT_EQ(client.peer->ask(question, {.when = never}), Errc::message_too_long);
  EXPECT_EQ(client.peer->outstanding(), 0U);
}

class Stopped final : public amp::Peer<Stopped, limits> {
 public:
  Outcome<Records::Response> records(const Records::Arguments&) {
    return Records::Response{.when = {.time = {}, .offset = 24h}};
  }
  static constexpr amp::Responder responders[] = {amp::responder<Records, &Stopped::records>};
};

TEST_F(AmpPeer, an_answer_with_a_moment_that_has_no_form_is_an_error) {
  Stopped stopped;
  StringTransport<sizes> wire(reactor);
  ASSERT_FALSE(wire.make_connection(stopped));
  wire.receive(box({"_ask", "1", "_command", "Records", "when", "2024-03-01T00:00:00.000000-00:00",
                    "rows", "", "names", "", "price", "1"}));
  EXPECT_EQ(wire.value(), box({"_error", "1", "_error_code", "UNKNOWN", "_error_description",
                               "the answer is too long"}));
}

TEST_F(AmpPeers, ask_in_both_directions_at_once) {
  amp::Question<Sum> there;
  amp::Question<Divide> back;
  amp::Question<Wait> slow;
  ASSERT_FALSE(client.peer->ask(slow, {.seconds = 3}));
  ASSERT_FALSE(client.peer->ask(there, {.a = 1, .b = 2}));
  ASSERT_FALSE(server.peer->ask(back, {.numerator = 1, .denominator = 0}));
  EXPECT_EQ(success_result_of(run(there))->total, 3);
  EXPECT_EQ(failure_result_of(run(back)), Mistake::zero_division);
  EXPECT_TRUE(no_result(slow));
  success_result_of(run(slow));
}

TEST_F(AmpPeers, are_asked_from_a_coroutine) {
  const auto asking = [](Frame<1024>&, Calculator& peer) -> Task<int> {
    amp::Question<Sum> sum;
    if (Error error = peer.ask(sum, {.a = 20, .b = 1})) co_return error;
    const Outcome<const Sum::Response*> answer = co_await sum;
    if (!answer) co_return answer.failure().error();
    amp::Question<Divide> quotient;
    if (Error error = peer.ask(quotient, {.numerator = 42, .denominator = (*answer)->total})) {
      co_return error;
    }
    const Outcome<const Divide::Response*> half = co_await quotient;
    if (!half) co_return half.failure().error();
    co_return static_cast<int>((*half)->result);
  };
  Frame<1024> frame;
  EXPECT_EQ(success_result_of(run(asking(frame, *client.peer))), 2);
}

TEST_F(AmpPeers, a_question_takes_a_time_out) {
  amp::Question<Wait> question;
  ASSERT_FALSE(client.peer->ask(question, {.seconds = 10}));
  question.add_timeout(reactor, 1s);
  EXPECT_EQ(failure_result_of(run(question)), Errc::timed_out);
  EXPECT_EQ(client.peer->outstanding(), 1U);
  reactor.run_for(10s);
  EXPECT_EQ(client.peer->outstanding(), 0U);
}

TEST_F(AmpPeers, an_unheard_command_fails_its_question_alone) {
  amp::Question<Unheard> question;
  ASSERT_FALSE(client.peer->ask(question, {}));
  EXPECT_EQ(failure_result_of(run(question)), amp::Fault::unhandled_command);
  amp::Question<Sum> sum;
  ASSERT_FALSE(client.peer->ask(sum, {.a = 1}));
  EXPECT_EQ(success_result_of(run(sum))->total, 1);
}

// Each asks as much as it can, and both answer all of it.
TEST_F(AmpPeers, do_not_wait_for_each_other) {
  network.behaviour.latency = 10ms;
  struct Asking {
    void ask(Calculator& peer) {
      while (begun < 200) {
        const auto free = std::ranges::find_if(questions, [](const auto& question) {
          return !question.called() && !question.asked();
        });
        if (free == std::end(questions) || peer.ask(*free, {.a = begun, .b = 1})) return;
        ++begun;
        amp::Question<Sum>* const question = free;
        question->add_callback([this, &peer, question](const Sum::Response*) {
          ++answered;
          question->reset();
          ask(peer);
        });
      }
    }
    amp::Question<Sum> questions[limits.questions];
    int begun = 0;
    int answered = 0;
  } theirs, ours;
  theirs.ask(*server.peer);
  ours.ask(*client.peer);
  reactor.run_for(60s);
  EXPECT_EQ(theirs.answered, 200);
  EXPECT_EQ(ours.answered, 200);
}

}  // namespace
}  // namespace bobbin::test
