// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <bobbin/deferred_core.hpp>
#include <bobbin/detail/stage.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

// The end of a Deferred's chain, where values of type T come out: what functions are added to. It
// is a pointer, passed and kept like one, and not used after its Deferred. Adding a function that
// makes a U of the T gives a `Chain<U>`, the new end; the old one is then of no more use, and
// adding to it is an assertion. So stages are best added in one expression.
//
// A chain is a sequence of pairs of functions. A result passes through all of them in order: a
// value through the callback of the next pair, a failure through its errback, and what that returns
// is what the next pair sees. A function may return
//   - nothing, or a value;
//   - a `Failure`, an enumerator of the program's own errors, an `Error` or `Errc` (of which `ok`
//     counts as nothing), or an `Outcome` or `Result`, which may hold either;
//   - a `Chain` or a reference to a Deferred: this chain then waits, and goes on with what comes
//     out of that one, which must not be added to any more and which no other may wait for.
// A failure says where it was made; of an `Outcome` that an enumerator or Errc was turned into,
// where that was. An enumerator, Error, Errc or Result that is returned as such does not say. It
// then comes from where the stage was added, if its functions leave room to note that: two
// pointers, in builds for size a line number.
//
// A function takes what arrives, or nothing. Where one function of a pair gives a value and the
// other returns nothing, nothing comes out.
//
// Functions own nothing, as callbacks: at most `config::callback_bytes` of plain captures for both
// functions of a pair. They run where the result is known and the stage has been added, whichever
// comes later: perhaps at once, inside `callback` or `add_callback`. A function may do everything
// to its own Deferred: add to it, pause, cancel, reset and destroy it.
//
// A stage for which there is no place counts as one that fails: the chain returned is false, what
// is added to it is lost too, and what comes out of the Deferred at last is the failure
// `no_capacity`, unless it failed before. So it can be checked where it may happen, and is heard of
// where nobody does.
template <class T>
class Chain {
 public:
  using Value = T;

  // The end of nothing: the stage before could not be added.
  Chain() = default;
  explicit Chain(DeferredCore& deferred) : core_(&deferred) {}

  explicit operator bool() const { return core_ != nullptr; }

  // A pair of a callback, for a T, and an errback, for a Failure; the one left out passes on what
  // it gets. The errback does not see what the callback of the same pair returns. `origin` is left
  // out, here and below: it is the place of the call.
  template <class F>
  auto add_callback(F on_value, Origin origin = Origin::here()) const {
    return add_callbacks(on_value, detail::PassThrough(), origin);
  }
  template <class F>
  auto add_errback(F on_failure, Origin origin = Origin::here()) const {
    return add_callbacks(detail::PassThrough(), on_failure, origin);
  }
  template <class F, class G>
  auto add_callbacks(F on_value, G on_failure, Origin origin = Origin::here()) const {
    using Out = detail::Out<T, detail::OnValue<F, T>, detail::OnFailure<G>>;
    return add<typename Out::Value>(detail::PairStage<T, F, G>{on_value, on_failure, origin});
  }

  // One function on both sides, for an `Outcome<T>`.
  template <class F>
  auto add_both(F function, Origin origin = Origin::here()) const {
    using Out = detail::Out<T, detail::OnBoth<F, T>, detail::NoValue>;
    return add<typename Out::Value>(detail::BothStage<T, F>{function, origin});
  }

  // An errback for these failures; others pass on (Twisted's Failure.trap, as a stage):
  // `trap<Errc::timed_out, Errc::cancelled>(f)`.
  template <auto... codes, class F>
  auto trap(F on_failure, Origin origin = Origin::here()) const {
    using Out = detail::Out<T, T, detail::OnFailure<F>>;
    return add<typename Out::Value>(detail::TrapStage<F, codes...>{on_failure, origin});
  }

  // Cancels the Deferred unless a result comes to this stage within `length`, and makes of the
  // failure `cancelled` that then comes the failure `timed_out`. Takes one stage, and a timer of
  // the clock until a result comes; no timer is no place for the stage.
  Chain add_timeout(Clock& clock, Duration length) const {
    const void* type = &detail::type_of<T>;
    return core_ != nullptr && core_->add_timeout(type, clock, length) ? *this : Chain();
  }

  // As those of the Deferred.
  void pause() const { core_->pause(); }
  void unpause() const { core_->unpause(); }
  void cancel() const { core_->cancel(); }

  DeferredCore* core() const { return core_; }

 private:
  template <class U, class Functions>
  Chain<U> add(const Functions& functions) const {
    static_assert(sizeof(Functions) <= config::callback_bytes,
                  "bobbin: the captures are too large for this stage; capture a pointer to the "
                  "object that holds the data, or raise BOBBIN_CALLBACK_BYTES");
    static_assert(alignof(Functions) <= alignof(std::uint64_t),
                  "bobbin: the capture is over-aligned");
    static_assert(
        std::is_trivially_copyable_v<Functions> && std::is_trivially_destructible_v<Functions>,
        "bobbin: a stage owns nothing; capture pointers, references and plain values");
    if (core_ == nullptr) return {};
    DeferredCore::Stage* const stage = core_->new_stage(&detail::type_of<T>, &detail::type_of<U>);
    if (stage == nullptr) return {};
    std::construct_at(reinterpret_cast<Functions*>(stage->captures), functions);
    stage->run = &Functions::run;
    DeferredCore& core = *core_;
    core.stage_added();
    return Chain<U>(core);
  }

  DeferredCore* core_ = nullptr;
};

// A result that comes later: Twisted's Deferred. It is made by who wants the result and given, by
// reference, to who will have it and fires it, once. It is the caller's, does not move, and may be
// used again after `reset`. Destroying it is giving up: see `reset`.
//
//   Deferred<Reading> reading;
//   reading.add_callbacks([this](Reading r) { show(r); }, [this](Failure f) { complain(f); });
//   thermometer.read(reading);
//
// T is a plain value of at most `config::deferred_value_bytes`, or void. `Deferred<T, n>` has room
// for n stages that wait to run, and is a `Deferred<T>`.
//
// Firing is synchronous, and never fails: what its functions return is the chain's affair. It calls
// no clock and no reactor. All calls are for one thread. Who is to fire it learns that it has gone
// from the canceller, `on_cancel`, and from nothing else.
template <class T>
class Deferred<T, config::deferred_stages> : public DeferredCore {
 public:
  using Value = T;

  Deferred() : Deferred(nullptr, config::deferred_stages) {}

  // Fired already, see `succeed` and `fail`.
  explicit Deferred(const Outcome<T>& outcome) : Deferred() {
    Cell cell;
    fire(cell, detail::Returned<Outcome<T>>::put(cell, outcome));
  }
  ~Deferred() = default;

  // Fires with a value or a failure. False, and nothing happens, if it has already been fired
  // (Twisted's AlreadyCalledError), but for the one firing too late that `cancel` forgives.
  template <class U = T>
  bool callback(const std::type_identity_t<U>& value) requires(!std::is_void_v<U>) {
    Cell cell;
    cell.put<T>(value);
    return fire(cell, State::succeeded);
  }
  bool callback() requires std::is_void_v<T> {
    Cell nothing;
    return fire(nothing, State::succeeded);
  }
  bool errback(const Failure& failure) { return fire(failure); }

  // Fires with what `function()` returns, which is what a stage's function may return: so that what
  // has its result now and what has it later are asked alike; see `maybe_deferred`. If this
  // has already been fired, it is not called, and the answer is that of `callback`.
  template <class F>
  bool fire_with(F function, Origin origin = Origin::here()) {
    using Given = detail::OnValue<F, void>;
    static_assert(
        std::is_void_v<T> || std::is_same_v<Given, T> || std::is_same_v<Given, detail::NoValue>,
        "bobbin: this function does not give what the Deferred is to be fired with");
    if (called()) return forgives();
    Cell cell;
    return fire(cell, detail::call(function, cell, origin));
  }

  // Who takes this Deferred to fire it says how to be told that it need not. `canceller` takes this
  // Deferred, or nothing, and captures at most three words. It may fire it; if it does not, the
  // failure `cancelled` follows. It is called at most once, also when the Deferred is destroyed or
  // reset while it is pending, and must then forget it. Nothing happens if it is fired already.
  template <class F>
  void on_cancel(F canceller) {
    set_canceller([canceller](DeferredCore& core) mutable {
      if constexpr (std::is_invocable_v<F&, Deferred&>) {
        canceller(static_cast<Deferred&>(core));
      } else {
        static_cast<void>(core);
        canceller();
      }
    });
  }

  // Makes it as new. While pending, its canceller is called; if it waits for another, that one is
  // cancelled; who waits for it goes on with the failure `cancelled`. What it has left to run is
  // forgotten: none of its own functions is called. A failure nobody handled is told of
  // (`bobbin_unhandled_failure`).
  void reset() {
    reset_with([] {});
  }

  // The end of the chain while it carries T, before functions that make something else of it.
  Chain<T> chain() { return Chain<T>(static_cast<DeferredCore&>(*this)); }
  operator Chain<T>() { return chain(); }

  template <class F>
  auto add_callback(F on_value, Origin origin = Origin::here()) {
    return chain().add_callback(on_value, origin);
  }
  template <class F>
  auto add_errback(F on_failure, Origin origin = Origin::here()) {
    return chain().add_errback(on_failure, origin);
  }
  template <class F, class G>
  auto add_callbacks(F on_value, G on_failure, Origin origin = Origin::here()) {
    return chain().add_callbacks(on_value, on_failure, origin);
  }
  template <class F>
  auto add_both(F function, Origin origin = Origin::here()) {
    return chain().add_both(function, origin);
  }
  template <auto... codes, class F>
  auto trap(F on_failure, Origin origin = Origin::here()) {
    return chain().template trap<codes...>(on_failure, origin);
  }
  Chain<T> add_timeout(Clock& clock, Duration length) { return chain().add_timeout(clock, length); }

 protected:
  Deferred(Stage* more_stages, std::size_t stages)
      : DeferredCore(&detail::type_of<T>, more_stages, stages) {}

 private:
  friend struct detail::FiredWith;

  Deferred(Cell& cell, State state) : Deferred() { fire(cell, state); }

 protected:
  // A reset, with what a derived class has to make as new, too. Who waits for this goes on last, as
  // that may destroy it.
  template <class F>
  void reset_with(F make_new) {
    // Who is told of the end may ask for it again.
    if (state() == State::ended) return;
    DeferredCore* const outer = end();
    make_new();
    begin(&detail::type_of<T>);
    run(outer);
  }
};

// A Deferred with room for more stages.
template <class T, std::size_t stages>
class Deferred : public Deferred<T> {
  static_assert(stages > config::deferred_stages,
                "bobbin: a Deferred has BOBBIN_DEFERRED_STAGES already; name more, or none");
  static_assert(stages <= 255, "bobbin: a Deferred has at most 255 stages");

 public:
  Deferred() : Deferred<T>(more_stages_, stages) {}
  // Here, while its stages are there.
  ~Deferred() { this->run(this->end()); }

 private:
  DeferredCore::Stage more_stages_[stages - config::deferred_stages];
};

// Deferreds that are fired already: `Deferred<int> known = succeed(5);`.
template <class T>
Deferred<T> succeed(T value) {
  return Deferred<T>(Outcome<T>(value));
}
inline Deferred<void> succeed() { return Deferred<void>(Outcome<void>()); }
template <class T>
Deferred<T> fail(const Failure& failure) {
  return Deferred<T>(Outcome<T>(failure));
}

namespace detail {

struct FiredWith {
  template <class T>
  static Deferred<T> make(Cell& cell, State state) {
    return Deferred<T>(cell, state);
  }
};

}  // namespace detail

// Twisted's maybeDeferred: `function(arguments...)` as a Deferred, whether it has its result now or
// later. It may return whatever a stage's function may. A value, nothing or an error gives a
// Deferred that is fired; a reference to a Deferred, or a Chain, one that waits for that; and a
// Deferred by value, as `succeed` makes it, is the one given. It lies where the caller puts it:
//
//   Deferred<bool> known = maybe_deferred(check_password, user, password);
//
// A function that returns nothing but failures gives a `Deferred<void>`. An error that is returned
// as such comes from nowhere.
template <class F, class... Arguments>
auto maybe_deferred(F&& function, Arguments&&... arguments) {
  using Given = std::invoke_result_t<F, Arguments...>;
  if constexpr (std::is_base_of_v<DeferredCore, Given>) {
    return std::forward<F>(function)(std::forward<Arguments>(arguments)...);
  } else {
    using Value = detail::Out<void, detail::ValueOf<Given>, detail::NoValue>;
    auto call = [&]() -> Given {
      return std::forward<F>(function)(std::forward<Arguments>(arguments)...);
    };
    DeferredCore::Cell cell;
    const DeferredCore::State state = detail::call(call, cell, Origin());
    return detail::FiredWith::make<typename Value::Value>(cell, state);
  }
}

}  // namespace bobbin
