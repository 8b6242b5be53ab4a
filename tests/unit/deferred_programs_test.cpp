// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>

#include "support/deferred.hpp"

// The programs of "An introduction to asynchronous programming and Twisted", chapters 7 to 9, 13,
// 14 and 19, with what they print.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Lines;
using test::Oops;
using test::say;

using Text = const char*;

class DeferredPrograms : public test::DeferredTest {
 protected:
  static void got_poem(Text poem) {
    say("Your poem is served:");
    say(poem);
  }
  static void poem_failed(Failure) { say("No poetry for you."); }
  static void out(Text text) { say(text); }
  static void fire(Deferred<Text>& d, bool with_value) {
    const bool fired = with_value ? d.callback("a result") : d.errback(Oops::oops);
    if (!fired) say("AlreadyCalledError");
  }

  static void say_error(Failure failure) { say("errback got " + std::string(describe(failure))); }
  static void say_result(Text text) { say("callback got: " + std::string(text)); }
};

TEST_F(DeferredPrograms, defer_1_a_value) {
  Deferred<Text> d;
  d.add_callbacks(got_poem, poem_failed);
  d.callback("This poem is short.");
  say("Finished");
  EXPECT_EQ(said(), (Lines{"Your poem is served:", "This poem is short.", "Finished"}));
}

TEST_F(DeferredPrograms, defer_2_a_failure) {
  Deferred<Text> d;
  d.add_callbacks(got_poem, poem_failed);
  d.errback(Failure(Oops::oops));
  say("Finished");
  EXPECT_EQ(said(), (Lines{"No poetry for you.", "Finished"}));
}

TEST_F(DeferredPrograms, defer_3_an_error_becomes_a_failure) {
  Deferred<Text> d;
  d.add_callbacks(got_poem, [](Failure failure) { say(std::string(describe(failure))); });
  d.errback(Oops::oops);
  say("Finished");
  EXPECT_EQ(said(), (Lines{"oops", "Finished"}));
}

TEST_F(DeferredPrograms, defer_4_to_7_fire_twice) {
  for (const bool first : {true, false}) {
    for (const bool second : {true, false}) {
      Deferred<Text> d;
      d.add_callbacks(out, [](Failure) { say("a failure"); });
      fire(d, first);
      fire(d, second);
      EXPECT_EQ(said(), (Lines{first ? "a result" : "a failure", "AlreadyCalledError"}));
    }
  }
}

TEST_F(DeferredPrograms, defer_8_stops_in_both_functions) {
  for (const bool good : {true, false}) {
    ManualClock<> clock;
    Deferred<Text> d;
    bool stopped = false;
    d.add_callbacks(
        [&stopped](Text poem) {
          say(poem);
          stopped = true;
        },
        [&stopped](Failure) {
          say("no poem for you");
          stopped = true;
        });
    ASSERT_TRUE(clock.call_later(0s, [&d, good] { fire(d, good); }));
    while (!stopped) ASSERT_TRUE(clock.advance_to_next());
    EXPECT_EQ(said(), Lines{good ? "a result" : "no poem for you"});
  }
}

TEST_F(DeferredPrograms, defer_9_stops_in_a_shared_tail) {
  for (const bool good : {true, false}) {
    ManualClock<> clock;
    Deferred<Text> d;
    bool stopped = false;
    d.add_callbacks(out, [](Failure) { say("no poem for you"); }).add_both([&stopped] {
      stopped = true;
    });
    ASSERT_TRUE(clock.call_later(0s, [&d, good] { fire(d, good); }));
    while (!stopped) ASSERT_TRUE(clock.advance_to_next());
    EXPECT_EQ(said(), Lines{good ? "a result" : "no poem for you"});
  }
}

// A clock whose time also passes while one of its calls sleeps.
struct SleepyClock final : private TimerStorage<4>, public AdvancingClock {
  SleepyClock() : AdvancingClock(spans()) {}

  void sleep(Duration length) { set_now(now() + length); }
  void say_at(const std::string& what) const {
    const std::chrono::duration<double> seconds = now().time_since_epoch();
    say(std::to_string(seconds.count()).substr(0, 4) + " " + what);
  }
};

// What is due meanwhile, what was due before the sleep began and what a sleeping function sets: all
// of it waits until the chain has come to its end.
TEST_F(DeferredPrograms, defer_block_a_function_that_takes_long_blocks_all) {
  SleepyClock clock;
  Deferred<void> d;
  d.add_callback([&clock] { clock.say_at("The start of the callback chain."); })
      .add_callback([&clock] {
        ASSERT_TRUE(clock.call_later(0s, [&clock] { clock.say_at("set by who sleeps"); }));
        clock.sleep(5s);
      })
      .add_callback([&clock] { clock.sleep(6500ms); })
      .add_callback([&clock] { clock.say_at("The end of the callback chain."); });
  ASSERT_TRUE(clock.call_later(0s, [&clock, &d] {
    clock.say_at("Firing deferred.");
    d.callback();
    clock.say_at("Firing finished.");
  }));
  ASSERT_TRUE(clock.call_later(0s, [&clock] { clock.say_at("due at 0"); }));
  ASSERT_TRUE(clock.call_later(1s, [&clock] { clock.say_at("due at 1"); }));
  say("Starting reactor.");
  while (clock.advance_to_next()) {
  }
  say("Done.");
  EXPECT_EQ(said(), (Lines{"Starting reactor.", "0.00 Firing deferred.",
                           "0.00 The start of the callback chain.",
                           "11.5 The end of the callback chain.", "11.5 Firing finished.",
                           "11.5 due at 0", "11.5 set by who sleeps", "11.5 due at 1", "Done."}));
}

TEST_F(DeferredPrograms, defer_unhandled_is_told_of_last) {
  {
    Deferred<Text> d;
    d.add_callback([](Text) { return Failure(Oops::oops); });
    d.callback("anything");
    say("Finished");
    EXPECT_EQ(unhandled_errors(), Lines{});
  }
  EXPECT_EQ(said(), Lines{"Finished"});
  EXPECT_EQ(unhandled_errors(), Lines{"oops"});
}

// "r poem p", "r None r None", twice: what the simulator of deferreds draws for it.
TEST_F(DeferredPrograms, deferred_simulator_with_its_example) {
  const auto fired = [](bool with_value) {
    Deferred<Text> d;
    d.add_callbacks(
         [](Text text) {
           out(text);
           return "poem";
         },
         [](Failure failure) -> Outcome<Text> { return failure; })
        .add_callbacks(out, [](Failure failure) { say(std::string(describe(failure)) + "*"); })
        .add_callbacks([] { say("None"); }, [](Failure) { say("not handled"); });
    fire(d, with_value);
    return said();
  };
  EXPECT_EQ(fired(true), (Lines{"a result", "poem", "None"}));
  EXPECT_EQ(fired(false), (Lines{"oops*", "None"}));
}

// The client 5.0 recovers inside of the function that fails; what that does not expect goes on.
TEST_F(DeferredPrograms, poetry_client_5_0_in_its_four_ways) {
  const auto client = [](Error why) {
    Deferred<Text> d;
    d.add_callback([why](Text poem) -> Outcome<Text> {
       if (!why) return "here is my poem";
       if (!(why == Errc::invalid_argument)) return Failure(why);
       say("Cummingsify failed!");
       return poem;
     })
        .add_callbacks(out, [](Failure) { say("The poem download failed."); })
        .add_both([] { say("done"); });
    if (why == Errc::connection_refused) {
      d.errback(why);
    } else {
      d.callback("HERE IS MY POEM");
    }
    return said();
  };
  EXPECT_EQ(client({}), (Lines{"here is my poem", "done"}));
  EXPECT_EQ(client(Errc::invalid_argument),
            (Lines{"Cummingsify failed!", "HERE IS MY POEM", "done"}));
  EXPECT_EQ(client(Errc::application_error), (Lines{"The poem download failed.", "done"}));
  EXPECT_EQ(client(Errc::connection_refused), (Lines{"The poem download failed.", "done"}));
}

// The chain of the poetry client 5.1, in which an error carries what is needed to recover.
TEST_F(DeferredPrograms, poetry_client_5_1_in_its_four_ways) {
  enum class Way { good, cannot_cummingsify, gibberish, refused };
  const auto client = [](Way way) {
    Deferred<Text, 5> d;
    d.add_callback([way](Text) -> Outcome<Text> {
       if (way == Way::cannot_cummingsify) return Failure(Oops::value_error);
       if (way == Way::gibberish) return Failure(Oops::oops);
       return "here is my poem";
     })
        .trap<Oops::value_error>([] {
          say("Cummingsify failed!");
          return "HERE IS MY POEM";
        })
        .add_callbacks(out, [](Failure) { say("The poem download failed."); })
        .add_both([] { say("done"); });
    if (way == Way::refused) {
      d.errback(Errc::connection_refused);
    } else {
      d.callback("HERE IS MY POEM");
    }
    return said();
  };
  EXPECT_EQ(client(Way::good), (Lines{"here is my poem", "done"}));
  EXPECT_EQ(client(Way::cannot_cummingsify),
            (Lines{"Cummingsify failed!", "HERE IS MY POEM", "done"}));
  EXPECT_EQ(client(Way::gibberish), (Lines{"The poem download failed.", "done"}));
  EXPECT_EQ(client(Way::refused), (Lines{"The poem download failed.", "done"}));
}

auto counting(int number) {
  return [number](int value) {
    say("callback_" + std::to_string(number) + " got " + std::to_string(value));
    return value + 1;
  };
}

TEST_F(DeferredPrograms, defer_10_a_function_that_returns_a_deferred) {
  Deferred<int> plain;
  plain.add_callback(counting(1)).add_callback(counting(2)).add_callback(counting(3));
  plain.callback(0);
  EXPECT_EQ(said(), (Lines{"callback_1 got 0", "callback_2 got 1", "callback_3 got 2"}));

  Deferred<int> outer;
  Deferred<int> inner;
  outer.add_callback(counting(1))
      .add_callback([&inner](int value) {
        say("callback_2 got " + std::to_string(value));
        return inner.chain();
      })
      .add_callback(counting(3));
  outer.callback(0);
  EXPECT_EQ(said(), (Lines{"callback_1 got 0", "callback_2 got 1"}));
  inner.callback(2);
  EXPECT_EQ(said(), Lines{"callback_3 got 2"});
}

TEST_F(DeferredPrograms, defer_11_added_to_one_that_is_fired_and_to_one_that_is_paused) {
  Deferred<int> d;
  d.callback(0);
  d.add_callback(counting(1));
  EXPECT_EQ(said(), Lines{"callback_1 got 0"});
  d.add_callback(counting(2));
  EXPECT_EQ(said(), Lines{"callback_2 got 1"});
  d.add_callback(counting(3));
  EXPECT_EQ(said(), Lines{"callback_3 got 2"});

  Deferred<int> paused;
  paused.add_callback(counting(1));
  paused.pause();
  paused.callback(0);
  paused.add_callback(counting(2)).add_callback(counting(3));
  EXPECT_EQ(said(), Lines{});
  paused.unpause();
  EXPECT_EQ(said(), (Lines{"callback_1 got 0", "callback_2 got 1", "callback_3 got 2"}));
}

TEST_F(DeferredPrograms, defer_cancel_1_nobody_handles_it) {
  {
    Deferred<Text> d;
    d.add_callback(say_result);
    d.cancel();
    say("done");
  }
  EXPECT_EQ(said(), Lines{"done"});
  EXPECT_EQ(unhandled_errors(), Lines{"cancelled"});
}

TEST_F(DeferredPrograms, defer_cancel_2_the_errback_gets_it) {
  Deferred<Text> d;
  d.add_callbacks(say_result, say_error);
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"errback got cancelled", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_3_too_late) {
  Deferred<Text> d;
  d.add_callbacks(say_result, say_error);
  d.callback("result");
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"callback got: result", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_4_fired_too_late) {
  Deferred<Text> d;
  d.add_callbacks(say_result, say_error);
  d.cancel();
  EXPECT_TRUE(d.callback("result"));
  say("done");
  EXPECT_EQ(said(), (Lines{"errback got cancelled", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_5_a_canceller) {
  Deferred<Text> d;
  d.on_cancel([] { say("I need to cancel this deferred."); });
  d.add_callbacks(say_result, say_error);
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"I need to cancel this deferred.", "errback got cancelled", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_6_a_canceller_that_fires_a_value) {
  Deferred<Text> d;
  d.on_cancel([](Deferred<Text>& self) {
    say("I need to cancel this deferred.");
    self.callback("result");
  });
  d.add_callbacks(say_result, say_error);
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"I need to cancel this deferred.", "callback got: result", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_7_a_canceller_that_fires_an_error) {
  Deferred<Text> d;
  d.on_cancel([](Deferred<Text>& self) {
    say("I need to cancel this deferred.");
    self.errback(Oops::oops);
  });
  d.add_callbacks(say_result, say_error);
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"I need to cancel this deferred.", "errback got oops", "done"}));
}

TEST_F(DeferredPrograms, defer_cancel_8_fired_before) {
  Deferred<Text> d;
  d.on_cancel([] { say("I need to cancel this deferred."); });
  d.add_callbacks(say_result, say_error);
  d.callback("result");
  d.cancel();
  say("done");
  EXPECT_EQ(said(), (Lines{"callback got: result", "done"}));
}

// A poem that takes five seconds; the third can be called off.
class SlowPoem {
 public:
  explicit SlowPoem(Clock& clock) : clock_(clock) {}

  Chain<Text> get(bool can_be_cancelled) {
    const auto call = clock_.call_later(5s, [this] {
      say("Sending poem");
      poem_.callback("Once upon a midnight dreary");
    });
    if (can_be_cancelled && call) {
      call_ = *call;
      poem_.on_cancel([this] { call_.cancel(); });
    }
    return poem_;
  }

 private:
  Clock& clock_;
  Deferred<Text> poem_;
  DelayedCall call_;
};

class CancelledPoem : public DeferredPrograms {
 protected:
  void got_poem_from(Chain<Text> chain) {
    chain.add_callbacks([](Text text) { say("I got a poem: " + std::string(text)); }, say_error);
  }
  Lines at(Duration time) {
    clock.advance(Instant(time) - clock.now());
    return said();
  }

  ManualClock<> clock;
  SlowPoem poem{clock};
};

TEST_F(CancelledPoem, defer_cancel_9_not_cancelled) {
  got_poem_from(poem.get(false));
  EXPECT_EQ(at(4s), Lines{});
  EXPECT_EQ(at(5s), (Lines{"Sending poem", "I got a poem: Once upon a midnight dreary"}));
}

TEST_F(CancelledPoem, defer_cancel_10_goes_on_for_nobody) {
  const Chain<Text> chain = poem.get(false);
  got_poem_from(chain);
  ASSERT_TRUE(clock.call_later(2s, [chain] { chain.cancel(); }));
  EXPECT_EQ(at(2s), Lines{"errback got cancelled"});
  EXPECT_EQ(at(5s), Lines{"Sending poem"});
}

TEST_F(CancelledPoem, defer_cancel_11_is_called_off) {
  const Chain<Text> chain = poem.get(true);
  got_poem_from(chain);
  ASSERT_TRUE(clock.call_later(2s, [chain] { chain.cancel(); }));
  EXPECT_EQ(at(2s), Lines{"errback got cancelled"});
  EXPECT_EQ(at(10s), Lines{});
}

TEST_F(DeferredPrograms, defer_cancel_12_an_outer_one_cancels_the_inner_one) {
  Deferred<Text> outer;
  Deferred<Text> inner;
  outer.on_cancel([] { say("outer cancel callback."); });
  inner.on_cancel([] { say("inner cancel callback."); });
  outer
      .add_callback([&inner](Text) {
        say("first outer callback, returning inner deferred");
        return inner.chain();
      })
      .add_callbacks([](Text) { say("second outer callback"); },
                     [](Failure f) { say("outer errback got: " + std::string(describe(f))); });
  outer.callback("result");
  say("canceling outer deferred.");
  outer.cancel();
  say("done");
  EXPECT_EQ(said(),
            (Lines{"first outer callback, returning inner deferred", "canceling outer deferred.",
                   "inner cancel callback.", "outer errback got: cancelled", "done"}));
}

}  // namespace
}  // namespace bobbin
