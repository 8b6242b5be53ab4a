// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/deferred.hpp>

#include "support/deferred.hpp"
#include "support/private_member.hpp"
#include "support/seed.hpp"

// The Deferred simulator: random chains, with random deeds done to them from outside and from
// inside their own functions, run on Deferreds and on a model of the rules that is written for
// reading and uses the heap and the stack as it likes. Both must say the same.

namespace bobbin {
namespace {

using test::Lines;
using test::say;

constexpr int deferred_count = 4;

// What a function of a stage comes to. As in the simulator: return V, fail V or pass through; and
// return another Deferred.
struct Move {
  enum class Kind { give, fail, pass, wait } kind = Kind::pass;
  int value = 0;  // of `wait`: which one is returned
};

// What is done to a Deferred.
struct Deed {
  enum class Kind { nothing, add, callback, errback, pause, unpause, cancel, on_cancel, reset };
  Kind kind = Kind::nothing;
  int on = 0;     // which one
  int value = 0;  // of `add`: which stage; of `on_cancel`: what the canceller does
};

struct StageSpec {
  Move callback;
  Move errback;
  Deed deed;  // done by whichever runs, before it returns
};

// All that is drawn. A deed inside stage n adds stages behind it only, so that everything ends.
struct Script {
  explicit Script(test::Random& random) {
    for (int i = 0; i < stage_count; ++i) {
      const Deed deed = random.one_in(3) ? any_deed(random, i + 1) : Deed();
      stages.push_back({any_move(random), any_move(random), deed});
    }
    for (int i = 0; i < 40; ++i) deeds.push_back(any_deed(random, 0));
  }

  static constexpr int stage_count = 30;

  static Move any_move(test::Random& random) {
    const auto kind = static_cast<Move::Kind>(random.below(4));
    return {kind, random.below(kind == Move::Kind::wait ? deferred_count : 10)};
  }
  static Deed any_deed(test::Random& random, int first_stage) {
    auto kind = static_cast<Deed::Kind>(random.below(9));
    if (random.one_in(3)) kind = Deed::Kind::add;
    const int on = random.below(deferred_count);
    if (kind != Deed::Kind::add) return {kind, on, random.below(10)};
    if (first_stage >= stage_count) return {};
    return {kind, on, first_stage + random.below(stage_count - first_stage)};
  }

  // To read when it fails: the deeds, and the stages that were heard of.
  std::string text() const {
    std::string all = "deeds:";
    for (const Deed& deed : deeds) all += " " + text_of(deed);
    all += "\nstages:";
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const StageSpec& spec = stages[i];
      all += "\n" + std::to_string(i) + ": " + text_of(spec.deed) + "; " + text_of(spec.callback) +
             " / " + text_of(spec.errback);
    }
    return all;
  }

  std::vector<StageSpec> stages;
  std::vector<Deed> deeds;

 private:
  static std::string text_of(const Deed& deed) {
    static constexpr const char* names[] = {"nothing", "add",    "callback",  "errback", "pause",
                                            "unpause", "cancel", "on_cancel", "reset"};
    return std::string(names[static_cast<int>(deed.kind)]) + "(" + std::to_string(deed.on) + "," +
           std::to_string(deed.value) + ")";
  }
  static std::string text_of(const Move& move) {
    static constexpr const char* names[] = {"give", "fail", "pass", "wait"};
    return std::string(names[static_cast<int>(move.kind)]) + " " + std::to_string(move.value);
  }
};

// Errors are told apart by their number; `cancelled` and the like have none.
struct Result {
  bool failed = false;
  Errc code = Errc::ok;
  int value = 0;

  std::string text() const {
    if (!failed) return std::to_string(value);
    return std::string(describe(code)) + " " + std::to_string(value);
  }
};

std::string told(const char* what, int on, int stage, const Result& result) {
  return std::to_string(on) + " " + what + " " + std::to_string(stage) + " got " + result.text();
}

// The model: Twisted's rules, one Deferred waiting for another by recursion.
class Model {
 public:
  explicit Model(const Script& script) : script_(script) {}

  void doing(const Deed& deed) {
    Node& node = nodes_[deed.on];
    switch (deed.kind) {
      case Deed::Kind::nothing: return;
      case Deed::Kind::add: return add(node, deed.value);
      case Deed::Kind::callback: return fire(node, {false, Errc::ok, deed.value});
      case Deed::Kind::errback: return fire(node, {true, Errc::system_error, deed.value});
      case Deed::Kind::pause: return static_cast<void>(++node.pauses);
      case Deed::Kind::unpause:
        if (node.pauses == 0) return;
        --node.pauses;
        return run(node);
      case Deed::Kind::cancel: return cancel(node);
      case Deed::Kind::on_cancel:
        if (node.fired || node.cancelling) return;
        node.canceller = 1 + deed.value % 3;
        return;
      case Deed::Kind::reset: return reset(node);
    }
  }

  void end() {
    for (Node& node : nodes_) {
      reset(node);
      node.dead = true;
    }
  }

 private:
  struct Node {
    std::deque<int> stages;
    Result result;
    Node* inner = nullptr;
    Node* outer = nullptr;
    int pauses = 0;
    int canceller = 0;  // 1: does nothing, 2: fires a value, 3: fires a failure
    int generation = 0;
    bool fired = false;
    bool running = false;
    bool cancelling = false;
    bool forgives = false;
    bool taken = false;  // its result went to another
    bool ending = false;
    bool dead = false;
  };

  int number(const Node& node) const { return static_cast<int>(&node - nodes_); }

  void add(Node& node, int stage) {
    if (node.outer != nullptr || node.taken || node.ending) return;
    node.stages.push_back(stage);
    run(node);
  }

  void fire(Node& node, Result result) {
    if (node.fired || node.ending) {
      say(node.forgives ? "forgiven" : "refused");
      node.forgives = false;
      return;
    }
    say("fired");
    settle(node, result);
    run(node);
  }
  void settle(Node& node, Result result) {
    node.fired = true;
    node.result = result;
  }

  void run(Node& node) {
    while (can_run(node) && !node.stages.empty()) {
      const int stage = node.stages.front();
      node.stages.pop_front();
      const int generation = node.generation;
      node.running = true;
      const Result before = node.result;
      const StageSpec& spec = script_.stages[static_cast<std::size_t>(stage)];
      say(told(before.failed ? "errback" : "callback", number(node), stage, before));
      doing(spec.deed);
      const Move& move = before.failed ? spec.errback : spec.callback;
      const Result after = result_of(move, before);
      if (generation != node.generation) {
        if (move.kind != Move::Kind::wait && after.failed) say("unhandled " + after.text());
        return;
      }
      node.running = false;
      node.result = after;
      if (move.kind == Move::Kind::wait) wait(node, nodes_[move.value]);
    }
    if (can_run(node) && node.outer != nullptr) hand_over(node);
  }
  static bool can_run(const Node& node) {
    return node.fired && !node.running && !node.ending && node.pauses == 0 && node.inner == nullptr;
  }

  static Result result_of(const Move& move, const Result& before) {
    switch (move.kind) {
      case Move::Kind::give: return {false, Errc::ok, move.value};
      case Move::Kind::fail: return {true, Errc::system_error, move.value};
      default: return before;
    }
  }

  void wait(Node& node, Node& inner) {
    if (inner.taken) return static_cast<void>(node.result = {true, Errc::no_capacity, 0});
    for (Node* other = &inner; other != nullptr; other = other->ending ? nullptr : other->inner) {
      if (other == &node) return static_cast<void>(node.result = {true, Errc::invalid_argument, 0});
    }
    if (inner.outer != nullptr) {
      return static_cast<void>(node.result = {true, Errc::already_registered, 0});
    }
    node.inner = &inner;
    inner.outer = &node;
    run(inner);
  }

  void hand_over(Node& node) {
    Node& outer = *node.outer;
    node.outer = nullptr;
    outer.inner = nullptr;
    node.taken = true;
    const Result result = node.result;
    node.result = {};
    if (outer.ending) return;
    outer.result = result;
    run(outer);
  }

  void cancel(Node& node) {
    if (node.inner != nullptr) return cancel(*node.inner);
    if (node.fired || node.cancelling || node.ending) return;
    if (node.canceller == 0) {
      node.forgives = true;
    } else {
      node.cancelling = true;
      const int generation = node.generation;
      call_canceller(node);
      if (generation != node.generation) return;
      node.cancelling = false;
    }
    if (node.fired) return;
    settle(node, {true, Errc::cancelled, 0});
    run(node);
  }
  void call_canceller(Node& node) {
    say(std::to_string(number(node)) + " canceller");
    if (node.canceller == 2) fire(node, {false, Errc::ok, 77});
    if (node.canceller == 3) fire(node, {true, Errc::system_error, 78});
  }

  void reset(Node& node) {
    if (node.ending || node.dead) return;
    node.ending = true;
    ++node.generation;
    if (!node.fired && !node.cancelling && node.canceller != 0) call_canceller(node);
    if (node.inner != nullptr) {
      cancel(*node.inner);
      if (node.inner != nullptr) node.inner->outer = nullptr;
    } else if (node.fired && !node.running && node.result.failed) {
      say("unhandled " + node.result.text());
    }
    Node* const outer = node.outer;
    const int generation = node.generation;
    node = Node();
    node.generation = generation;
    if (outer == nullptr) return;
    outer->inner = nullptr;
    if (outer->ending) return;
    outer->result = {true, Errc::cancelled, 0};
    run(*outer);
  }

  const Script& script_;
  Node nodes_[deferred_count];
};

}  // namespace

// What the model knows of who may be added to, asked of Deferreds.
struct Outer : test::Member<Outer, DeferredCore * DeferredCore::*> {};
template struct test::Open<Outer, &DeferredCore::outer_>;
struct Type : test::Member<Type, const void * DeferredCore::*> {};
template struct test::Open<Type, &DeferredCore::type_>;
struct Pauses : test::Member<Pauses, std::uint8_t DeferredCore::*> {};
template struct test::Open<Pauses, &DeferredCore::pauses_>;

namespace {

// The same, of Deferreds.
class Real {
 public:
  explicit Real(const Script& script) : script_(script) {}

  void doing(const Deed& deed) {
    D& deferred = deferreds_[deed.on];
    switch (deed.kind) {
      case Deed::Kind::nothing: return;
      case Deed::Kind::add: return add(deferred, deed.value);
      case Deed::Kind::callback: return callback(deferred, deed.value);
      case Deed::Kind::errback: return errback(deferred, deed.value);
      case Deed::Kind::pause: return deferred.pause();
      case Deed::Kind::unpause:
        if (deferred.*Pauses::member > 0) deferred.unpause();
        return;
      case Deed::Kind::cancel: return deferred.cancel();
      case Deed::Kind::on_cancel:
        return deferred.on_cancel([this, does = deed.value % 3](Deferred<int>& self) {
          say(std::to_string(number(self)) + " canceller");
          if (does == 1) callback(self, 77);
          if (does == 2) errback(self, 78);
        });
      case Deed::Kind::reset: return deferred.reset();
    }
  }

  void end() {
    for (D& deferred : deferreds_) deferred.reset();
  }

 private:
  using D = Deferred<int, 255>;

  int number(const DeferredCore& deferred) const {
    int index = 0;
    while (&deferreds_[index] != &deferred) ++index;
    return index;
  }

  static void callback(Deferred<int>& deferred, int value) {
    tell_firing(deferred, deferred.called(),
                [value](Deferred<int>& d) { return d.callback(value); });
  }
  static void errback(Deferred<int>& deferred, int value) {
    tell_firing(deferred, deferred.called(),
                [value](Deferred<int>& d) { return d.errback(Error(Errc::system_error, value)); });
  }
  // What firing sets off comes after the word that it was fired.
  template <class F>
  static void tell_firing(Deferred<int>& deferred, bool called, F fire) {
    if (!called) say("fired");
    const bool fired = fire(deferred);
    if (called) say(fired ? "forgiven" : "refused");
  }

  bool takes_stages(const DeferredCore& deferred) const {
    return deferred.*Outer::member == nullptr && deferred.*Type::member == &detail::type_of<int> &&
           deferred.state() != DeferredCore::State::ended;
  }

  void add(D& deferred, int stage) {
    if (!takes_stages(deferred)) return;
    const StageSpec& spec = script_.stages[static_cast<std::size_t>(stage)];
    const bool waits = spec.callback.kind == Move::Kind::wait;
    const bool fails_waiting = spec.errback.kind == Move::Kind::wait;
    const Spot spot{this, static_cast<std::int16_t>(number(deferred)),
                    static_cast<std::int16_t>(stage)};
    if (waits && fails_waiting) {
      deferred.add_both([spot](Outcome<int> outcome) { return spot.wait(outcome); });
    } else if (waits) {
      one_waits(deferred, spot, true);
    } else if (fails_waiting) {
      one_waits(deferred, spot, false);
    } else {
      deferred.add_both([spot](Outcome<int> outcome) { return spot.give(outcome); });
    }
  }

  // Where a function is: its Deferred and its stage.
  struct Spot {
    Real* real;
    std::int16_t on;
    std::int16_t stage;

    const StageSpec& spec() const { return real->script_.stages[static_cast<std::size_t>(stage)]; }
    Move run(const Outcome<int>& outcome) const {
      Result got;
      if (outcome) got.value = *outcome;
      if (!outcome) {
        const Error error = outcome.failure().error();
        got = {true, error.code, error.native};
      }
      say(told(outcome ? "callback" : "errback", on, stage, got));
      const StageSpec& own = spec();
      real->doing(own.deed);
      return outcome ? own.callback : own.errback;
    }
    Outcome<int> give(const Outcome<int>& outcome) const {
      const Move move = run(outcome);
      if (move.kind == Move::Kind::give) return move.value;
      if (move.kind == Move::Kind::fail) return Failure(Error(Errc::system_error, move.value));
      return outcome;
    }
    Chain<int> wait(const Outcome<int>& outcome) const {
      const Move move = run(outcome);
      D& inner = real->deferreds_[move.value];
      // Asked for an int it has no more, it would be an assertion.
      return inner.*Type::member == &detail::type_of<int> ? inner.chain() : Chain<int>();
    }
  };
  static_assert(sizeof(Spot) <= config::callback_bytes);

  // Both functions know where they are from the callback: there is room for one Spot.
  static void one_waits(D& deferred, Spot spot, bool callback_waits) {
    if (callback_waits) {
      deferred.add_callbacks([spot](int value) { return spot.wait(value); }, Errback(spot));
    } else {
      deferred.add_callbacks(Callback(spot), [spot](Failure f) { return spot.wait(f); });
    }
  }

  // A Spot in a word.
  struct Packed {
    explicit Packed(const Spot& spot)
        : word(static_cast<std::uint32_t>(spot.on) << 16 | static_cast<std::uint32_t>(spot.stage)) {
      current = spot.real;
    }
    Spot spot() const {
      return {current, static_cast<std::int16_t>(word >> 16),
              static_cast<std::int16_t>(word & 0xffff)};
    }
    static inline Real* current = nullptr;
    std::uint32_t word;
  };
  struct Callback : Packed {
    using Packed::Packed;
    Outcome<int> operator()(int value) const { return spot().give(value); }
  };
  struct Errback : Packed {
    using Packed::Packed;
    Outcome<int> operator()(Failure failure) const { return spot().give(failure); }
  };

  const Script& script_;
  D deferreds_[deferred_count];
};

template <class World>
Lines run(const Script& script) {
  test::lines().clear();
  auto world = std::make_unique<World>(script);
  for (const Deed& deed : script.deeds) {
    world->doing(deed);
  }
  world->end();
  return std::exchange(test::lines(), {});
}

class DeferredRandom : public test::DeferredTest {};

TEST_F(DeferredRandom, does_what_the_rules_say) {
  tells_unhandled();
  test::for_each_seed([](test::Random& random) {
    std::size_t said = 0;
    for (int session = 0; session < 3000 && !HasFailure(); ++session) {
      const Script script(random);
      const Lines expected = run<Model>(script);
      ASSERT_EQ(run<Real>(script), expected) << "session " << session << "\n" << script.text();
      said += expected.size();
    }
    EXPECT_GT(said, 50'000U) << "the sessions have become too tame";
  });
}

}  // namespace
}  // namespace bobbin
