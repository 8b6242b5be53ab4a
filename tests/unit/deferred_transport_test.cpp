// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Programs of the source texts in which a Deferred meets a transport, or the eventual queue.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/deferred_list.hpp>
#include <bobbin/eventual_queue.hpp>
#include <bobbin/testing.hpp>

#include "../support/deferred.hpp"

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;

struct DeferredOnTransport : TestCase<> {
  StringTransport<> transport{reactor};
};

// E2-4: says READY when a connection is made, and OK when what it asked has its answer.
class ReadyOk final : public Protocol {
 public:
  enum class Order { ready_first, asks_first };

  ReadyOk(Order order, Chain<void> answer) : order_(order), answer_(answer) {}

  void connection_made() override {
    if (order_ == Order::ready_first) say("READY\n");
    answer_.add_callback([this] { say("OK\n"); });
    if (order_ == Order::asks_first) say("READY\n");
  }

 private:
  void say(std::string_view text) { EXPECT_TRUE(transport().write_all(bytes_of(text))); }

  Order order_;
  Chain<void> answer_;
};

struct E2_4 : DeferredOnTransport {
  // What the peer reads when the answer is there before it is asked for, or comes later.
  std::string read(ReadyOk::Order order, bool known) {
    Deferred<void> answer;
    if (known) answer.callback();
    ReadyOk protocol(order, answer);
    EXPECT_FALSE(transport.make_connection(protocol));
    if (!known) answer.callback();
    transport.settle();
    const std::string read(transport.value());
    transport.clear();
    transport.lose();
    return read;
  }
};

TEST_F(E2_4, reaches_the_peer_in_the_order_in_which_it_was_said) {
  EXPECT_EQ(read(ReadyOk::Order::asks_first, false), "READY\nOK\n");
  EXPECT_EQ(read(ReadyOk::Order::asks_first, true), "OK\nREADY\n") << "the bug";
  EXPECT_EQ(read(ReadyOk::Order::ready_first, false), "READY\nOK\n");
  EXPECT_EQ(read(ReadyOk::Order::ready_first, true), "READY\nOK\n");
}

// Says that it was entered, and when it goes that it was left.
class Call {
 public:
  Call(Lines& stack, std::string_view name) : stack_(stack), name_(name) {
    stack_.push_back(name_ + " {");
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { stack_.push_back("} " + name_); }

 private:
  Lines& stack_;
  std::string name_;
};

// A poem ends with its connection.
class PoetryProtocol final : public Protocol {
 public:
  PoetryProtocol(Lines& stack, Deferred<std::size_t>& finished)
      : stack_(stack), finished_(finished) {}

  std::size_t data_received(Bytes data) override {
    size_ += data.size();
    return data.size();
  }
  void connection_lost(Error) override {
    const Call call(stack_, "connection_lost");
    poem_received();
  }

 private:
  void poem_received() {
    const Call call(stack_, "poem_received");
    finished_.callback(size_);
  }

  Lines& stack_;
  Deferred<std::size_t>& finished_;
  std::size_t size_ = 0;
};

// E8.2, get-poetry-stack: there is no traceback to print, so each function tells when it begins and
// when it ends. The second stage, too, runs before the reactor has the control back.
TEST_F(DeferredOnTransport, E8_2_fires_the_whole_chain_inside_of_the_reactors_call) {
  Lines stack;
  Deferred<std::size_t> poem;
  PoetryProtocol protocol(stack, poem);
  poem.add_callback([&stack](std::size_t size) {
        const Call call(stack, "got_poem");
        EXPECT_EQ(size, 9U);
      })
      .add_both([&stack](const Outcome<void>&) { const Call call(stack, "poem_done"); });
  ASSERT_FALSE(transport.make_connection(protocol));
  transport.receive("Once upon");
  EXPECT_EQ(stack, Lines{}) << "what is received calls nobody";
  {
    const Call turn(stack, "the reactor's turn");
    transport.lose(Errc::connection_done);
  }
  EXPECT_EQ(stack, (Lines{"the reactor's turn {", "connection_lost {", "poem_received {",
                          "got_poem {", "} got_poem", "poem_done {", "} poem_done",
                          "} poem_received", "} connection_lost", "} the reactor's turn"}));
}

// E7.7 again: what is told by an eventual queue is there once that is flushed, and the same.
struct EventualRace : TestCase<> {
  EventualRace() {
    for (int i = 0; i < 5; ++i) contenders[i].on_cancel([this, i] { cancelled.insert(i); });
  }

  template <class F>
  void flush_after(F call) {
    ASSERT_FALSE(queue.eventually(call));
    EXPECT_TRUE(no_result(race)) << "not before it is flushed";
    ASSERT_FALSE(queue.flush());
  }

  EventualQueue<4> queue{reactor};
  std::set<int> cancelled;  // outlives the contenders
  Deferred<int> contenders[5];
  FirstSuccess<int, 5> race;
};

TEST_F(EventualRace, E7_7_one_winner_with_a_flush_before_each_look) {
  race.race(contenders);
  ASSERT_FALSE(queue.flush());
  EXPECT_TRUE(no_result(race));
  flush_after([this] { contenders[0].errback(Oops::value_error); });
  EXPECT_TRUE(no_result(race));
  flush_after([this] { contenders[1].errback(Oops::type_error); });
  EXPECT_TRUE(no_result(race));
  EXPECT_EQ(cancelled, std::set<int>{});
  flush_after([this] { contenders[2].callback(7); });
  EXPECT_EQ(success_result_of(race), 7);
  EXPECT_EQ(cancelled, (std::set<int>{3, 4}));
  EXPECT_EQ(queue.size(), 0U);
}

// And when the winner is told of eventually, as Foolscap's users do it.
TEST_F(EventualRace, E7_7_tells_of_its_winner_in_the_next_turn) {
  int told = 0;
  race.add_callback([&](int value) { return queue.eventually([&told, value] { told = value; }); });
  race.race(contenders);
  contenders[2].callback(7);
  EXPECT_EQ(told, 0);
  ASSERT_FALSE(queue.flush());
  EXPECT_EQ(told, 7);
}

}  // namespace
}  // namespace bobbin
