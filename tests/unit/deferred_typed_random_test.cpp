// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "deferred_typed_model.hpp"

#include <memory>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>

#include "support/private_member.hpp"

// Random chains again, as in deferred_random_test, of what that leaves out: stages of one function
// (callbacks, errbacks, traps), which change the type of the value, and time-outs; with few places
// for stages and timers, so that both run out. A model that is written for reading must say the
// same.

namespace bobbin {

// What the model knows, asked of a Deferred.
struct EndType : test::Member<EndType, const void * DeferredCore::*> {};
template struct test::Open<EndType, &DeferredCore::type_>;
struct PauseCount : test::Member<PauseCount, std::uint8_t DeferredCore::*> {};
template struct test::Open<PauseCount, &DeferredCore::pauses_>;

namespace typed {
namespace {

using test::Lines;

// The same, of a Deferred.
template <std::size_t capacity>
class Real {
 public:
  Real(const Script& script, std::size_t) : script_(script) {}

  void doing(const Deed& deed) {
    switch (deed.kind) {
      case Deed::Kind::nothing: return;
      case Deed::Kind::add: return add(deed.value);
      case Deed::Kind::callback: return fire([&] { return deferred_.callback(deed.value); });
      case Deed::Kind::errback:
        return fire([&] { return deferred_.errback(failure_of(deed.value)); });
      case Deed::Kind::pause: return deferred_.pause();
      case Deed::Kind::unpause:
        if (deferred_.*PauseCount::member > 0) deferred_.unpause();
        return;
      case Deed::Kind::cancel: return deferred_.cancel();
      case Deed::Kind::on_cancel:
        return deferred_.on_cancel([this, does = deed.value % 3] { call_canceller(does); });
      case Deed::Kind::reset: return deferred_.reset();
      case Deed::Kind::set_timer:
        static_cast<void>(clock_.call_later(Milliseconds(1 + deed.value), [] {}));
        return;
      case Deed::Kind::advance: return clock_.advance(Milliseconds(deed.value));
    }
  }

  std::string standing() const {
    return stands(deferred_.called(), deferred_.has_result(), clock_.timer_use().in_use);
  }

  void end() { deferred_.reset(); }

 private:
  // What firing sets off comes after the word that it was fired.
  template <class F>
  void fire(F deed) {
    const bool called = deferred_.called();
    if (!called) say("fired");
    const bool fired = deed();
    if (called) say(fired ? "forgiven" : "refused");
  }
  void call_canceller(int does) {
    say("canceller");
    if (does == 1) fire([this] { return deferred_.callback(7); });
    if (does == 2) fire([this] { return deferred_.errback(failure_of(3)); });
  }

  void add(int stage) {
    if (deferred_.state() == DeferredCore::State::ended) return;
    const void* const type = deferred_.*EndType::member;
    if (type == &detail::type_of<int>) return add_to<int>(stage);
    if (type == &detail::type_of<Pair>) return add_to<Pair>(stage);
    add_to<void>(stage);
  }
  template <class T>
  void add_to(int stage) {
    const Chain<T> chain(deferred_);
    const StageSpec& spec = script_.stages[static_cast<std::size_t>(stage)];
    const bool added = spec.form == Form::time_out
                           ? bool(chain.add_timeout(clock_, Milliseconds(1 + spec.number)))
                       : spec.form <= Form::value_to_error ? add_callback(chain, spec.form, stage)
                                                           : add_errback(chain, spec.form, stage);
    if (!added) say("lost");
  }

  // A function of a stage, that takes a T, or a failure, and returns an R.
  template <class T, class R>
  auto function(int stage) {
    if constexpr (std::is_void_v<T>) {
      return [this, stage]() -> R { return run<R>(stage, "nothing"); };
    } else {
      return [this, stage](T got) -> R { return run<R>(stage, text(got)); };
    }
  }
  template <class T>
  bool add_callback(const Chain<T>& chain, Form form, int stage) {
    switch (form) {
      case Form::value_to_number: return bool(chain.add_callback(function<T, Outcome<int>>(stage)));
      case Form::value_to_pair: return bool(chain.add_callback(function<T, Outcome<Pair>>(stage)));
      case Form::value_to_nothing: return bool(chain.add_callback(function<T, void>(stage)));
      case Form::value_to_failure: return bool(chain.add_callback(function<T, Failure>(stage)));
      case Form::value_to_error: return bool(chain.add_callback(function<T, Error>(stage)));
      default: return bool(chain.add_callback(function<T, Outcome<T>>(stage)));
    }
  }
  template <class T>
  bool add_errback(const Chain<T>& chain, Form form, int stage) {
    const auto same = function<Failure, Outcome<T>>(stage);
    const auto nothing = function<Failure, void>(stage);
    switch (form) {
      case Form::failure_to_failure:
        return bool(chain.add_errback(function<Failure, Failure>(stage)));
      case Form::failure_to_nothing: return bool(chain.add_errback(nothing));
      case Form::trap_kind: return bool(chain.template trap<Oops::value_error>(same));
      case Form::trap_codes:
        return bool(chain.template trap<Errc::timed_out, Errc::cancelled>(same));
      case Form::trap_several:
        return bool(chain.template trap<Oops::oops, Oops::type_error, Errc::no_capacity>(same));
      case Form::trap_to_nothing: return bool(chain.template trap<Oops::zero_division>(nothing));
      default: return bool(chain.add_errback(same));
    }
  }

  static std::string text(int got) { return std::to_string(got); }
  static std::string text(Pair got) {
    return "(" + std::to_string(got.first) + ",-" + std::to_string(-got.second) + ")";
  }
  static std::string text(const Failure& got) { return words_of(got); }

  template <class R>
  R run(int stage, const std::string& got) {
    const StageSpec& spec = script_.stages[static_cast<std::size_t>(stage)];
    say(told(stage, got));
    doing(spec.deed);
    if constexpr (std::is_same_v<R, Failure>) {
      return failure_of(spec.fault);
    } else if constexpr (std::is_same_v<R, Error>) {
      return spec.fails ? Error(codes[spec.fault % kind_count]) : Error();
    } else if constexpr (!std::is_void_v<R>) {
      if (spec.fails) return failure_of(spec.fault);
      return given(static_cast<R*>(nullptr), spec.number);
    }
  }
  static Outcome<int> given(Outcome<int>*, int number) { return number; }
  static Outcome<Pair> given(Outcome<Pair>*, int number) { return Pair{number, -number}; }
  static Outcome<void> given(Outcome<void>*, int) { return {}; }

  const Script& script_;
  ManualClock<timer_count> clock_;
  Deferred<int, capacity> deferred_;
};

template <class World>
Lines run(const Script& script, std::size_t capacity) {
  test::lines().clear();
  auto world = std::make_unique<World>(script, capacity);
  for (const Deed& deed : script.deeds) {
    world->doing(deed);
    say(world->standing());
  }
  world->end();
  say(world->standing());
  return std::exchange(test::lines(), {});
}

class DeferredTypedRandom : public test::DeferredTest {
 protected:
  // How many of the lines of all sessions end so.
  void expect_often(const std::string& end) const {
    const auto matches = [&end](const std::string& line) { return line.ends_with(end); };
    EXPECT_GT(std::count_if(all_.begin(), all_.end(), matches), 500) << end;
  }

  template <std::size_t capacity>
  void session(const Script& script) {
    const Lines expected = run<Model>(script, capacity);
    const Lines actual = run<Real<capacity>>(script, capacity);
    const auto [model, real] =
        std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
    ASSERT_TRUE(model == expected.end() && real == actual.end())
        << "after " << model - expected.begin() << " lines the model says\n  "
        << (model == expected.end() ? "nothing" : *model) << "\nand a Deferred of " << capacity
        << " places\n  " << (real == actual.end() ? "nothing" : *real) << "\n"
        << script.text();
    all_.insert(all_.end(), expected.begin(), expected.end());
  }

  Lines all_;
};

TEST_F(DeferredTypedRandom, does_what_the_rules_say) {
  tells_unhandled();
  test::for_each_seed([this](test::Random& random) {
    all_.clear();
    for (int count = 0; count < 2000 && !HasFailure(); ++count) {
      SCOPED_TRACE("session " + std::to_string(count));
      session<config::deferred_stages>(Script(random));
      session<config::deferred_stages + 3>(Script(random));
    }
    for (const char* end : {"lost", "got nothing", ")", "timed out 0", "out of capacity 0"}) {
      expect_often(end);
    }
    for (const char* end : {"value error 2", "forgiven", "refused", ", 2 timers"}) {
      expect_often(end);
    }
  });
}

}  // namespace
}  // namespace typed
}  // namespace bobbin
