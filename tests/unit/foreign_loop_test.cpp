// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "blocking_client.hpp"
#include "foreign_loops.hpp"

// The reactors for Linux in loops of somebody else's: a poll loop and libuv's.

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t clients_max = 300;
constexpr ConnectionSizes sizes{.connections = clients_max, .receive = 512, .send = 1024};

// Echoes, and keeps what is needed to see it.
struct Log {
  std::size_t bytes = 0;
  int lost = 0;
  Transport* transport = nullptr;  // of the latest connection
};

class Echo final : public Protocol {
 public:
  explicit Echo(Log& log) : log_(log) {}
  void connection_made() override { log_.transport = &transport(); }
  std::size_t data_received(Bytes data) override {
    const std::size_t used = transport().write(data);
    log_.bytes += used;
    return used;
  }
  void connection_lost(Error) override { ++log_.lost; }

 private:
  Log& log_;
};

template <class Loop>
class ForeignLoop : public testing::Test {
 protected:
  void SetUp() override {
    waits.clear();
    ASSERT_TRUE(allow_descriptors(2 * clients_max + 50));
    ASSERT_FALSE(reactor().listen_tcp(Address::loopback(0), server_, {.backlog = clients_max}));
  }
  void TearDown() override { EXPECT_EQ(waits.blocking, 0) << "a turn waited in the loop's place"; }

  typename Loop::Reactor& reactor() { return loop_.reactor(); }
  Address address() const { return server_.host(); }

  void start() {
    ASSERT_TRUE(loop_.run_until([this] { return reactor().running(); }));
  }

  // Sleeps first, so that most likely the loop does too when the call comes.
  std::thread later(std::function<void()> call) {
    return std::thread([call = std::move(call)] {
      std::this_thread::sleep_for(10ms);
      call();
    });
  }

  Log log_;
  TcpServer<Echo, sizes, Log> server_{log_};
  Loop loop_;
};

template <std::size_t descriptors>
struct Poll : PollReactor<ReactorSizes{}, descriptors> {};

using Loops = testing::Types<PollLoop<EpollReactor<>>, PollLoop<Poll<clients_max + 8>>
#ifdef BOBBIN_WITH_LIBUV
                             ,
                             LibuvLoop
#endif
                             >;

struct Names {
  template <class Loop>
  static std::string GetName(int number) {
    constexpr const char* names[] = {"epoll_in_poll", "poll_in_poll", "epoll_in_libuv"};
    return names[number];
  }
};

TYPED_TEST_SUITE(ForeignLoop, Loops, Names);

TYPED_TEST(ForeignLoop, carries_what_clients_send) {
  bool over = false;
  std::thread client([&] {
    Client socket(this->address());
    for (std::size_t size = 1; size <= 4000; size += 199) {
      const std::string text(size, static_cast<char>('a' + size % 26));
      socket.send(text);
      EXPECT_EQ(socket.receive(size), text);
    }
    this->loop_.call([&] { over = true; });
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return over; }));
  client.join();
  EXPECT_GT(waits.all, 0);
}

TYPED_TEST(ForeignLoop, sleeps_while_nothing_happens) {
  Client client(this->address());
  client.send("x");
  ASSERT_TRUE(this->loop_.run_until([this] { return this->log_.bytes == 1; }));
  EXPECT_EQ(client.receive(1), "x");
  EXPECT_EQ(this->reactor().next_deadline(), never);
  const int before = this->loop_.rounds();
  bool over = false;
  std::thread other = this->later([&] { this->loop_.call([&] { over = true; }); });
  EXPECT_TRUE(this->loop_.run_until([&] { return over; }));
  other.join();
  EXPECT_LE(this->loop_.rounds() - before, 2);
}

// A timer that sets the next one.
struct Chain {
  Error next() {
    EXPECT_GE(reactor.now(), due);
    if (--left == 0) return {};
    due = reactor.now() + 2ms;
    return reactor.call_later(2ms, [this] { return next(); }).error();
  }

  Reactor& reactor;
  int left = 20;
  Instant due{};
};

TYPED_TEST(ForeignLoop, hears_of_timers_set_in_callbacks) {
  Chain chain{.reactor = this->reactor()};
  ASSERT_FALSE(chain.next());
  EXPECT_TRUE(this->loop_.run_until([&] { return chain.left == 0; }));
}

TYPED_TEST(ForeignLoop, hears_of_timers_set_by_posted_calls_while_it_sleeps) {
  bool fired = false;
  this->start();
  std::thread other = this->later([&] {
    EXPECT_TRUE(this->reactor().call_from_thread(
        [&] { return this->reactor().call_later(5ms, [&] { fired = true; }).error(); }));
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return fired; }));
  other.join();
}

TYPED_TEST(ForeignLoop, hears_of_timers_set_by_its_own_callbacks) {
  bool fired = false;
  this->start();
  std::thread other = this->later([&] {
    this->loop_.call([&] { ASSERT_TRUE(this->reactor().call_later(5ms, [&] { fired = true; })); });
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return fired; }));
  other.join();
}

TYPED_TEST(ForeignLoop, hears_of_timers_brought_forward_by_its_own_callbacks) {
  bool fired = false;
  DelayedCall call = *this->reactor().call_later(1h, [&] { fired = true; });
  this->start();
  this->loop_.call([&] { EXPECT_TRUE(call.reset(1ms)); });
  EXPECT_TRUE(this->loop_.run_until([&] { return fired; }));
}

TYPED_TEST(ForeignLoop, does_not_sleep_away_the_time_its_own_callbacks_took) {
  bool fired = false;
  bool asked = false;
  this->start();
  this->loop_.call([&] {
    asked = true;
    ASSERT_TRUE(this->reactor().call_later(50ms, [&] { fired = true; }));
    std::this_thread::sleep_for(30ms);
    EXPECT_LE(this->reactor().longest_wait(), 20ms);
    std::this_thread::sleep_for(30ms);
    EXPECT_EQ(this->reactor().longest_wait(), Duration::zero());
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return fired; }));
  EXPECT_TRUE(asked);
}

// Forty calls, each of which sets or moves the next one, from the reactor's callbacks and from the
// loop's, at times that are whole milliseconds for nobody.
TYPED_TEST(ForeignLoop, waits_for_no_call_longer_than_until_it_is_due) {
  Punctuality& punctuality = this->loop_.punctuality();
  this->start();
  int left = 40;
  std::function<void()> next = [&] {
    if (--left == 0) return;
    const Duration delay(137 * (left % 17));
    DelayedCall call = *this->reactor().call_later(left % 3 == 0 ? 1h : delay, [&] { next(); });
    punctuality.watch(call);
    if (left % 3 == 0) {
      this->loop_.call([&punctuality, call, delay]() mutable {
        EXPECT_TRUE(call.reset(delay));
        punctuality.watch(call);
      });
    }
  };
  next();
  EXPECT_TRUE(this->loop_.run_until([&] { return left == 0; }));
  EXPECT_EQ(punctuality.too_long(), 0);
  EXPECT_LE(punctuality.most_waits_late(), TypeParam::waits_late);
  EXPECT_GE(punctuality.waits_for_calls(), 39);
}

TYPED_TEST(ForeignLoop, connects_from_its_own_callbacks) {
  struct Greeting final : Protocol {
    explicit Greeting(bool& answered) : answered_(answered) {}
    void connection_made() override { EXPECT_TRUE(transport().write_all(bytes_of("hello"))); }
    std::size_t data_received(Bytes data) override {
      if (data.size() < 5) return 0;
      answered_ = true;
      transport().lose_connection();
      return data.size();
    }
    bool& answered_;
  };
  bool answered = false;
  TcpClient<Greeting, ConnectionSizes{1, 64, 64}, bool> client(answered);
  this->start();
  this->loop_.call([&] { ASSERT_FALSE(this->reactor().connect_tcp(this->address(), client)); });
  EXPECT_TRUE(this->loop_.run_until([&] { return answered && this->log_.lost == 1; }));
}

// What is left over wakes nobody a second time, so a loop that slept would sleep on.
TYPED_TEST(ForeignLoop, does_not_sleep_while_a_budget_has_left_something_over) {
  Budget& budget = this->reactor().budget();
  budget.posted_calls = budget.timers = budget.events = budget.write_rounds = 1;
  budget.bytes = 1;
  int posted = 0;
  int timers = 0;
  this->start();
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(this->reactor().call_from_thread([&] { ++posted; }));
    ASSERT_TRUE(this->reactor().call_later(0ms, [&] { ++timers; }));
  }
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(this->address()));
    clients.back()->send(std::string(100, 'x'));
  }
  EXPECT_TRUE(
      this->loop_.run_until([&] { return posted == 8 && timers == 8 && this->log_.bytes == 800; }));
  for (const auto& client : clients) EXPECT_EQ(client->receive(100).size(), 100U);
}

TYPED_TEST(ForeignLoop, loses_no_event_when_more_come_at_once_than_one_turn_takes) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < clients_max; ++i) {
    clients.push_back(std::make_unique<Client>(this->address()));
  }
  EXPECT_TRUE(this->loop_.run_until(
      [&] { return this->reactor().statistics().connections_opened == clients_max; }));
  for (std::size_t round = 1; round <= 3; ++round) {
    for (const auto& client : clients) client->send("x");
    EXPECT_TRUE(this->loop_.run_until([&] { return this->log_.bytes == round * clients_max; }));
    for (const auto& client : clients) EXPECT_EQ(client->receive(1), "x");
  }
}

TYPED_TEST(ForeignLoop, does_not_spin_for_what_a_paused_connection_leaves) {
  Client client(this->address());
  ASSERT_TRUE(this->loop_.run_until([this] { return this->log_.transport != nullptr; }));
  this->log_.transport->pause_producing();
  client.send("later");
  const int before = this->loop_.rounds();
  bool resumed = false;
  std::thread other = this->later([&] {
    this->loop_.call([&] {
      resumed = true;
      EXPECT_EQ(this->log_.bytes, 0U);
      this->log_.transport->resume_producing();
    });
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return resumed; }));
  EXPECT_LE(this->loop_.rounds() - before, 4);
  EXPECT_TRUE(this->loop_.run_until([&] { return this->log_.bytes == 5; }));
  other.join();
}

// A turn that waited a moment for memory, as one in `run` does, would keep the loop from its own.
TYPED_TEST(ForeignLoop, waits_in_the_reactor_s_place_while_the_system_is_short_of_memory) {
  Client client(this->address());
  client.send("patience");
  sends_without_memory = 10;
  ASSERT_TRUE(this->loop_.run_until([] { return sends_without_memory < 10; }));
  this->reactor().turn(Duration::zero());  // for another cause, before it is time to try again
  const int before = this->loop_.rounds();
  ASSERT_TRUE(this->loop_.run_until([] { return sends_without_memory == 0; }));
  EXPECT_LE(this->loop_.rounds() - before, 9 * 4) << "it span";
  bool over = false;
  std::thread receiver([&] {
    EXPECT_EQ(client.receive(8), "patience");
    this->loop_.call([&] { over = true; });
  });
  EXPECT_TRUE(this->loop_.run_until([&] { return over; }));
  receiver.join();
}

TYPED_TEST(ForeignLoop, ends_when_a_callback_stops_the_reactor) {
  Client client(this->address());
  ASSERT_TRUE(this->loop_.run_until([this] { return this->log_.transport != nullptr; }));
  ASSERT_TRUE(this->reactor().call_later(1ms, [this] { return this->reactor().stop(); }));
  EXPECT_TRUE(this->loop_.run_until_stopped());
  EXPECT_EQ(this->log_.lost, 1);
  EXPECT_EQ(this->reactor().longest_wait(), forever);
}

TYPED_TEST(ForeignLoop, ends_when_its_own_callback_stops_the_reactor) {
  this->start();
  std::thread other =
      this->later([&] { this->loop_.call([&] { ASSERT_FALSE(this->reactor().stop()); }); });
  EXPECT_TRUE(this->loop_.run_until_stopped());
  other.join();
}

TYPED_TEST(ForeignLoop, ends_when_another_thread_stops_the_reactor) {
  this->start();
  std::thread other = this->later([&] {
    EXPECT_TRUE(this->reactor().call_from_thread([&] { return this->reactor().stop(); }));
  });
  EXPECT_TRUE(this->loop_.run_until_stopped());
  other.join();
}

TYPED_TEST(ForeignLoop, ends_when_a_signal_stops_the_reactor) {
  ASSERT_FALSE(this->reactor().stop_on_signals());
  this->start();
  const pthread_t self = pthread_self();
  std::thread other = this->later([self] { pthread_kill(self, SIGTERM); });
  EXPECT_TRUE(this->loop_.run_until_stopped());
  other.join();
}

}  // namespace
}  // namespace bobbin::test
