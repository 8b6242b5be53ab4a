// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <bobbin/error.hpp>
#include <bobbin/failure.hpp>

#include "support/deferred.hpp"
#include "support/seed.hpp"

// What is drawn for chains of stages of all forms, and the model of what they do.
namespace bobbin::typed {

using test::Oops;
using test::say;

using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t timer_count = 2;
constexpr int stage_count = 40;
constexpr int deed_count = 50;

// The values: a number, two of them, nothing.
enum class Type { number, pair, nothing };
struct Pair {
  std::int32_t first, second;
};

// The failures.
constexpr Oops kinds[] = {Oops::oops, Oops::value_error, Oops::type_error, Oops::zero_division};
constexpr Errc codes[] = {Errc::cancelled, Errc::timed_out, Errc::no_capacity,
                          Errc::connection_lost};
constexpr int kind_count = std::size(kinds);
constexpr int fault_count = kind_count + static_cast<int>(std::size(codes));
constexpr int cancelled = kind_count;
constexpr int timed_out = kind_count + 1;
constexpr int no_capacity = kind_count + 2;

inline Failure failure_of(int fault) {
  return fault < kind_count ? Failure(kinds[fault]) : Failure(codes[fault - kind_count]);
}
inline std::string words_of(const Failure& failure) {
  return std::string(describe(failure)) + " " + std::to_string(failure.error().native);
}

// A stage, by what its one function takes and returns.
enum class Form {
  value_to_same,     // a callback that gives or fails
  value_to_number,   // also with another type of value,
  value_to_pair,     //
  value_to_nothing,  // or returns nothing,
  value_to_failure,  // or always fails,
  value_to_error,    // or returns an Error, which may be none
  failure_to_same,   // an errback that gives or fails
  failure_to_failure,
  failure_to_nothing,  // values that pass come out as nothing
  trap_kind,           // errbacks for some failures
  trap_codes,
  trap_several,
  trap_to_nothing,
  time_out,
  last = time_out,
};
constexpr const char* form_names[] = {
    "value_to_same",      "value_to_number", "value_to_pair",   "value_to_nothing",
    "value_to_failure",   "value_to_error",  "failure_to_same", "failure_to_failure",
    "failure_to_nothing", "trap_kind",       "trap_codes",      "trap_several",
    "trap_to_nothing",    "time_out"};
static_assert(std::size(form_names) == static_cast<std::size_t>(Form::last) + 1);

// What is done to the Deferred, from outside or from inside a function.
struct Deed {
  enum class Kind {
    nothing,
    add,
    callback,
    errback,
    pause,
    unpause,
    cancel,
    on_cancel,
    reset,
    set_timer,  // of somebody else's
    advance,    // not from inside
  };
  Kind kind = Kind::nothing;
  int value = 0;  // of `add`: which stage; else a number, a fault, milliseconds
};
constexpr const char* deed_names[] = {"nothing", "add",       "callback", "errback",
                                      "pause",   "unpause",   "cancel",   "on_cancel",
                                      "reset",   "set_timer", "advance"};
static_assert(std::size(deed_names) == static_cast<std::size_t>(Deed::Kind::advance) + 1);

struct StageSpec {
  Form form;
  int number;
  int fault;
  bool fails;
  Deed deed;  // done by the function before it returns
};

inline Type out_of(Form form, Type in) {
  switch (form) {
    case Form::value_to_number: return Type::number;
    case Form::value_to_pair: return Type::pair;
    case Form::value_to_nothing:
    case Form::value_to_error:
    case Form::failure_to_nothing:
    case Form::trap_to_nothing: return Type::nothing;
    default: return in;
  }
}

// All that is drawn. A deed inside stage n adds stages behind it only, so that everything ends.
struct Script {
  explicit Script(test::Random& random) {
    for (int i = 0; i < stage_count; ++i) {
      const auto form = static_cast<Form>(random.below(static_cast<int>(Form::last) + 1));
      const Deed deed = random.one_in(4) ? inner_deed(random, i + 1) : Deed();
      stages.push_back({form, random.below(10), random.below(fault_count), random.one_in(2), deed});
    }
    for (int i = 0; i < deed_count; ++i) deeds.push_back(outer_deed(random));
  }

  static Deed inner_deed(test::Random& random, int first_stage) {
    auto kind = static_cast<Deed::Kind>(random.below(10));
    if (random.one_in(2)) kind = Deed::Kind::add;
    if (kind != Deed::Kind::add) return {kind, random.below(8)};
    if (first_stage >= stage_count) return {};
    return {kind, first_stage + random.below(stage_count - first_stage)};
  }
  static Deed outer_deed(test::Random& random) {
    if (random.one_in(6)) return {Deed::Kind::advance, random.below(8)};
    // Else most of the time nothing is pending.
    const Deed deed = inner_deed(random, 0);
    return deed.kind == Deed::Kind::errback && random.one_in(2) ? Deed{Deed::Kind::reset} : deed;
  }

  // To read when it fails.
  std::string text() const {
    std::string all = "deeds:";
    for (const Deed& deed : deeds) all += " " + deed_text(deed);
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const StageSpec& spec = stages[i];
      all += "\n" + std::to_string(i) + ": " + form_names[static_cast<int>(spec.form)] + ", " +
             deed_text(spec.deed) + ", " + std::to_string(spec.number) + ", " +
             (spec.fails ? words_of(failure_of(spec.fault)) : "gives");
    }
    return all;
  }
  static std::string deed_text(const Deed& deed) {
    return std::string(deed_names[static_cast<int>(deed.kind)]) + "(" + std::to_string(deed.value) +
           ")";
  }

  std::vector<StageSpec> stages;
  std::vector<Deed> deeds;
};

inline std::string told(int stage, const std::string& got) {
  return "stage " + std::to_string(stage) + " got " + got;
}

inline std::string stands(bool called, bool has_result, std::size_t timers) {
  return std::string(called ? "called" : "pending") + (has_result ? ", at its end, " : ", ") +
         std::to_string(timers) + " timers";
}

// The model: one Deferred and its clock.
class Model {
 public:
  Model(const Script& script, std::size_t capacity) : script_(script), capacity_(capacity) {}

  void doing(const Deed& deed) {
    switch (deed.kind) {
      case Deed::Kind::nothing: return;
      case Deed::Kind::add: return add(deed.value);
      case Deed::Kind::callback: return fire({.number = deed.value});
      case Deed::Kind::errback: return fire({.failed = true, .fault = deed.value});
      case Deed::Kind::pause: return static_cast<void>(++pauses_);
      case Deed::Kind::unpause:
        if (pauses_ == 0) return;
        --pauses_;
        return run();
      case Deed::Kind::cancel: return cancel();
      case Deed::Kind::on_cancel:
        if (!fired_ && !cancelling_ && !ending_) canceller_ = 1 + deed.value % 3;
        return;
      case Deed::Kind::reset: return reset();
      case Deed::Kind::set_timer:
        if (timers_in_use() < timer_count) timers_.push_back({now_ + 1 + deed.value, true, false});
        return;
      case Deed::Kind::advance: return advance(deed.value);
    }
  }

  std::string standing() const {
    const bool called = fired_ || ending_;
    return stands(called, can_run() && stages_.empty(), timers_in_use());
  }

  void end() { reset(); }

 private:
  struct Result {
    bool failed = false;
    int fault = 0;
    Type type = Type::number;
    int number = 0;

    std::string text() const {
      if (failed) return words_of(failure_of(fault));
      const std::string digits = std::to_string(number);
      if (type == Type::number) return digits;
      return type == Type::pair ? "(" + digits + ",-" + digits + ")" : "nothing";
    }
  };
  struct Timer {
    int due;
    bool active;
    bool cancels;
  };
  struct Stage {
    int spec;
    Type out;
    std::size_t timer;
  };

  const StageSpec& spec_of(int stage) const {
    return script_.stages[static_cast<std::size_t>(stage)];
  }
  std::size_t timers_in_use() const {
    return static_cast<std::size_t>(
        std::count_if(timers_.begin(), timers_.end(), [](const Timer& t) { return t.active; }));
  }

  // A timer is looked for before a place.
  void add(int stage) {
    if (ending_) return;
    const StageSpec& spec = spec_of(stage);
    const bool times = spec.form == Form::time_out;
    if (times && timers_in_use() == timer_count) {
      lost_ = true;
      run();
      return say("lost");
    }
    if (lost_ || stages_.size() == capacity_) {
      lost_ = true;
      return say("lost");
    }
    if (times) timers_.push_back({now_ + 1 + spec.number, true, true});
    type_ = out_of(spec.form, type_);
    stages_.push_back({stage, type_, timers_.size() - 1});
    run();
  }

  void fire(Result result) {
    if (fired_ || ending_) {
      say(forgives_ ? "forgiven" : "refused");
      forgives_ = false;
      return;
    }
    say("fired");
    settle(result);
  }
  void settle(Result result) {
    fired_ = true;
    result_ = result;
    run();
  }

  void run() {
    while (can_run() && !stages_.empty()) {
      const Stage stage = stages_.front();
      stages_.pop_front();
      const int generation = generation_;
      running_ = true;
      const Result after = result_of(stage, result_);
      if (generation != generation_) {
        if (after.failed) say("unhandled " + after.text());
        return;
      }
      running_ = false;
      result_ = after;
    }
    if (!can_run() || !lost_) return;
    lost_ = false;
    if (!result_.failed) result_ = {.failed = true, .fault = no_capacity};
  }
  bool can_run() const { return fired_ && !running_ && !ending_ && pauses_ == 0; }

  Result result_of(const Stage& stage, Result before) {
    const StageSpec& spec = spec_of(stage.spec);
    before.type = stage.out;
    if (spec.form == Form::time_out) return after_time_out(timers_[stage.timer], before);
    if (!takes(spec.form, before)) return before;
    say(told(stage.spec, result_.text()));
    doing(spec.deed);
    return returned(spec, stage.out);
  }
  static Result after_time_out(Timer& timer, Result before) {
    const bool in_time = std::exchange(timer.active, false);
    if (!in_time && before.failed && before.fault == cancelled) before.fault = timed_out;
    return before;
  }
  static bool takes(Form form, const Result& before) {
    if (form <= Form::value_to_error) return !before.failed;
    if (!before.failed) return false;
    const int fault = before.fault;
    switch (form) {
      case Form::trap_kind: return fault == 1;
      case Form::trap_codes: return fault == timed_out || fault == cancelled;
      case Form::trap_several: return fault == 0 || fault == 2 || fault == no_capacity;
      case Form::trap_to_nothing: return fault == 3;
      default: return true;
    }
  }
  static Result returned(const StageSpec& spec, Type type) {
    const Result fails{.failed = true, .fault = spec.fault};
    switch (spec.form) {
      case Form::value_to_failure:
      case Form::failure_to_failure: return fails;
      case Form::value_to_nothing:
      case Form::failure_to_nothing:
      case Form::trap_to_nothing: return {.type = Type::nothing};
      case Form::value_to_error:
        if (!spec.fails) return {.type = Type::nothing};
        return {.failed = true, .fault = kind_count + spec.fault % kind_count};
      default: return spec.fails ? fails : Result{.type = type, .number = spec.number};
    }
  }

  void cancel() {
    if (fired_ || cancelling_ || ending_) return;
    if (canceller_ == 0) {
      forgives_ = true;
    } else {
      cancelling_ = true;
      const int generation = generation_;
      call_canceller();
      if (generation != generation_) return;
      cancelling_ = false;
    }
    if (!fired_) settle({.failed = true, .fault = cancelled});
  }
  void call_canceller() {
    say("canceller");
    if (canceller_ == 2) fire({.number = 7});
    if (canceller_ == 3) fire({.failed = true, .fault = 3});
  }

  void reset() {
    if (ending_) return;
    ending_ = true;
    ++generation_;
    if (!fired_ && !cancelling_ && canceller_ != 0) call_canceller();
    for (const Stage& stage : stages_) {
      if (spec_of(stage.spec).form == Form::time_out) timers_[stage.timer].active = false;
    }
    stages_.clear();
    if (fired_ && !running_ && result_.failed) say("unhandled " + result_.text());
    fired_ = running_ = cancelling_ = forgives_ = lost_ = ending_ = false;
    pauses_ = canceller_ = 0;
    type_ = Type::number;
  }

  void advance(int length) {
    now_ += length;
    while (Timer* const due = first_due()) {
      due->active = false;
      if (due->cancels) cancel();
    }
  }
  // Of those due at once, the one set first; they lie in that order.
  Timer* first_due() {
    Timer* first = nullptr;
    for (Timer& timer : timers_) {
      if (!timer.active || timer.due > now_) continue;
      if (first == nullptr || timer.due < first->due) first = &timer;
    }
    return first;
  }

  const Script& script_;
  std::size_t capacity_;
  std::deque<Stage> stages_;
  std::vector<Timer> timers_;
  int now_ = 0;
  Result result_;
  Type type_ = Type::number;
  int pauses_ = 0;
  int canceller_ = 0;  // 1: does nothing, 2: fires a value, 3: fires a failure
  int generation_ = 0;
  bool fired_ = false;
  bool running_ = false;
  bool cancelling_ = false;
  bool forgives_ = false;
  bool lost_ = false;  // a stage found no room, and that was not heard of yet
  bool ending_ = false;
};

}  // namespace bobbin::typed
