// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// lwIP with a thread of its own, the reactor in another or in the same, as the program is linked.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <lwip/tcpip.h>

#include "contract/parties.hpp"

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

namespace bobbin::contract {
namespace {

using namespace std::chrono_literals;

class LwipThreads : public Pair<> {
 protected:
  void echo_at_the_server() {
    server_side_.on_data = [](Party& party, Bytes data) { return party.transport().write(data); };
  }
};

// A thread that posts its calls, each with its number, while others do the same.
class Poster {
 public:
  Poster(LwipReactorBase& reactor, int calls)
      : reactor_(reactor), calls_(calls), thread_([this] { post(); }) {}
  ~Poster() {
    unwanted_ = true;
    thread_.join();
  }

  bool over() const { return next_ == calls_; }

 private:
  void post() {
    for (int number = 0; number < calls_ && !unwanted_;) {
      const bool posted = reactor_.call_from_thread([this, number] {
        EXPECT_EQ(next_, number);
        ++next_;
      });
      if (posted) {
        ++number;
      } else {
        std::this_thread::yield();
      }
    }
    // Only now, so that time passes no faster than calls are posted.
    participant_.reset();
  }

  LwipReactorBase& reactor_;
  std::optional<test::VirtualTime::Participant> participant_{std::in_place,
                                                             test::VirtualTime::only()};
  int calls_;
  int next_ = 0;  // of the reactor's thread
  std::atomic<bool> unwanted_{false};
  std::thread thread_;
};

TEST_F(LwipThreads, takes_calls_of_other_threads_while_lwip_carries_data) {
  echo_at_the_server();
  connect();
  std::string text(20000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
  std::size_t sent = 0;
  const auto exchanged = [&] {
    sent += client().write(std::string_view(text).substr(sent));
    return client_side_.received.size() == text.size();
  };
  Poster one(world_.reactor(), 3000);
  Poster other(world_.reactor(), 3000);
  EXPECT_TRUE(run_until([&] { return exchanged() && one.over() && other.over(); }));
  EXPECT_TRUE(client_side_.received == text);
}

TEST_F(LwipThreads, is_woken_by_a_call_of_another_thread_at_once) {
  connect();
  const Instant start = world_.reactor().now();
  bool called = false;
  std::thread poster(
      [&] { EXPECT_TRUE(world_.reactor().call_from_thread([&] { called = true; })); });
  poster.join();
  EXPECT_TRUE(run_until([&] { return called; }));
  EXPECT_LT(world_.reactor().now() - start, 1s);
}

// Who always has something to do gives the lock up for a moment all the same.
TEST_F(LwipThreads, lets_lwip_take_its_input_while_the_reactor_never_sleeps) {
  echo_at_the_server();
  connect();
  bool stop = false;
  std::function<void()> again = [&] {
    if (stop) return;
    EXPECT_TRUE(world_.reactor().call_later(0s, [&again] { again(); }));
  };
  again();
  client().write("hello");
  EXPECT_TRUE(run_until([&] { return client_side_.received == "hello"; }));
  stop = true;
  settle();
}

// A connection that is made and lost in no time, for one: who missed it would wait for it for ever.
TEST_F(LwipThreads, shows_a_test_what_lasts_for_a_turn) {
  connect();
  bool lasts = false;
  ASSERT_TRUE(world_.reactor().call_later(1ms, [&] {
    lasts = true;
    EXPECT_TRUE(world_.reactor().call_later(0s, [&] { lasts = false; }));
  }));
  EXPECT_TRUE(run_until([&] { return lasts; }));
  EXPECT_TRUE(run_until([&] { return !lasts; }));
}

TEST_F(LwipThreads, does_what_is_due_up_to_a_millisecond_later) {
  connect();
  Instant called{};
  const Instant start = world_.reactor().now();
  ASSERT_TRUE(world_.reactor().call_later(1234567us, [&] { called = world_.reactor().now(); }));
  EXPECT_TRUE(run_until([&] { return called != Instant{}; }));
  EXPECT_GE(called - start, 1234567us);
  EXPECT_LE(called - start, 1234567us + 1ms);
}

#if defined(BOBBIN_CHECK_CONTEXT) && !defined(__SANITIZE_THREAD__)
TEST_F(LwipThreads, takes_only_posted_calls_without_the_lock) {
  connect();
  const auto unlocked = [](auto call) {
    UNLOCK_TCPIP_CORE();
    call();
    LOCK_TCPIP_CORE();
  };
  EXPECT_DEATH(unlocked([&] { client().write("x"); }), "core is not locked");
  EXPECT_DEATH(unlocked([&] { world_.reactor().turn(0s); }), "core is not locked");
  EXPECT_DEATH(unlocked([&] { server_.stop_listening(); }), "core is not locked");
}
#endif

}  // namespace
}  // namespace bobbin::contract
