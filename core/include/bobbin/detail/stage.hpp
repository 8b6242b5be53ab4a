// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <bobbin/deferred_core.hpp>
#include <bobbin/failure.hpp>

// What the functions of a stage may take and return, and the code that calls them. Private to
// deferred.hpp.
namespace bobbin {

template <class T, std::size_t stages = config::deferred_stages>
class Deferred;

namespace detail {

using Cell = DeferredCore::Cell;
using State = DeferredCore::State;

// Makes a Deferred of what a function has left in a cell.
struct FiredWith;

// Tells types of values apart, by its address.
template <class T>
inline constexpr char type_of = 0;

// The value of a function that returns nothing but failures.
struct NoValue {};

inline State put_failure(Cell& cell, const Failure& failure) {
  cell.put(failure);
  return State::failed;
}
inline State put_error(Cell& cell, Error error, Origin origin) {
  return error ? put_failure(cell, Failure(error, origin)) : State::succeeded;
}

// What a return value of type R makes of the chain: `Value` is what comes out of the stage. Those
// that may be an error and do not say where it comes from are bare: `put` is told where.
template <class R>
struct Returned {
  using Value = R;
  static State put(Cell& cell, const R& value) {
    cell.put(value);
    return State::succeeded;
  }
};
template <>
struct Returned<void> {
  using Value = void;
};
template <>
struct Returned<Failure> {
  using Value = NoValue;
  static State put(Cell& cell, const Failure& failure) { return put_failure(cell, failure); }
};
template <ErrorKind Kind>
struct Returned<Kind> {
  using Value = NoValue;
  static constexpr bool bare = true;
  static State put(Cell& cell, Kind kind, Origin origin) {
    return put_failure(cell, Failure(kind, origin));
  }
};
template <>
struct Returned<Error> {
  using Value = void;
  static constexpr bool bare = true;
  static State put(Cell& cell, Error error, Origin origin) {
    return put_error(cell, error, origin);
  }
};
template <>
struct Returned<Errc> : Returned<Error> {};
template <class T>
struct Returned<Result<T>> {
  using Value = T;
  static constexpr bool bare = true;
  static State put(Cell& cell, const Result<T>& result, Origin origin) {
    if (!result) return put_error(cell, result.error(), origin);
    cell.put(*result);
    return State::succeeded;
  }
};
template <class T>
struct Returned<Outcome<T>> {
  using Value = T;
  static State put(Cell& cell, const Outcome<T>& outcome) {
    if (!outcome) return put_failure(cell, outcome.failure());
    if constexpr (!std::is_void_v<T>) cell.put(*outcome);
    return State::succeeded;
  }
};
template <class T>
struct Returned<Chain<T>> {
  using Value = T;
  static State put(Cell& cell, Chain<T> chain) {
    DeferredCore* const core = chain.core();
    const bool right = core == nullptr || core->type_ == &type_of<T>;
    BOBBIN_ASSERT(right);
    if (!right) return put_failure(cell, Failure(Errc::invalid_argument, Origin()));
    cell.put(core);
    return State::waiting;
  }
};
template <class T, std::size_t stages>
struct Returned<Deferred<T, stages>> {
  using Value = T;
  static State put(Cell& cell, Deferred<T, stages>& deferred) {
    return Returned<Chain<T>>::put(cell, deferred.chain());
  }
};

// Whether an R is waited for, as its value comes later.
template <class R>
inline constexpr bool comes_later = std::is_base_of_v<DeferredCore, R>;
template <class T>
inline constexpr bool comes_later<Chain<T>> = true;

template <class R>
using ValueOf = typename Returned<std::remove_cvref_t<R>>::Value;

template <class R>
inline constexpr bool is_bare = requires {
  Returned<std::remove_cvref_t<R>>::bare;
};

// What comes out of a stage for a T of which one function gives A and the other B.
template <class T, class A, class B>
struct Out {
  static constexpr bool no_a = std::is_same_v<A, NoValue>;
  static constexpr bool no_b = std::is_same_v<B, NoValue>;
  static constexpr bool nothing = std::is_void_v<A> || std::is_void_v<B>;
  static_assert(no_a || no_b || nothing || std::is_same_v<A, B>,
                "bobbin: both functions of a stage give the same type of value, or one gives none");
  using Either = std::conditional_t<nothing, void, A>;
  using Value =
      std::conditional_t<no_a && no_b, T,
                         std::conditional_t<no_a, B, std::conditional_t<no_b, A, Either>>>;
};

// The other half of a stage with one function.
struct PassThrough {};

// A function is called with what arrives, or with nothing if that is all it takes.
template <class F, class Argument>
constexpr bool takes = std::is_invocable_v<F&, Argument> || std::is_invocable_v<F&>;
template <class F>
constexpr bool takes<F, void> = std::is_invocable_v<F&>;

template <class F, class Argument>
struct Called {
  static_assert(takes<F, Argument>, "bobbin: this function does not take what comes to this stage");
  using type =
      typename std::conditional_t<std::is_invocable_v<F&, Argument>,
                                  std::invoke_result<F&, Argument>, std::invoke_result<F&>>::type;
};
template <class F>
struct Called<F, void> {
  static_assert(takes<F, void>, "bobbin: this function does not take what comes to this stage");
  using type = std::invoke_result_t<F&>;
};
template <class Argument>
struct Called<PassThrough, Argument> {
  using type = Argument;
};
template <>
struct Called<PassThrough, void> {
  using type = void;
};

// What function F gives when it is called with a value of T, with a failure, with either.
template <class F, class T>
using OnValue = ValueOf<typename Called<F, T>::type>;
template <class F>
using OnFailure = ValueOf<typename Called<F, Failure>::type>;
template <class F, class T>
using OnBoth = ValueOf<typename Called<F, Outcome<T>>::type>;

// Calls a function and puts down what it returns; `origin` is for what is bare.
template <class F, class... Arguments>
State call(F& function, Cell& cell, Origin origin, const Arguments&... arguments) {
  if constexpr (!std::is_invocable_v<F&, Arguments...>) {
    return call(function, cell, origin);
  } else {
    using R = std::invoke_result_t<F&, Arguments...>;
    if constexpr (std::is_void_v<R>) {
      function(arguments...);
      return State::succeeded;
    } else if constexpr (is_bare<R>) {
      return Returned<std::remove_cvref_t<R>>::put(cell, function(arguments...), origin);
    } else {
      return Returned<std::remove_cvref_t<R>>::put(cell, function(arguments...));
    }
  }
}

template <class T>
Outcome<T> outcome_of(const Cell& cell, State state) {
  if (state == State::failed) return cell.get<Failure>();
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return cell.get<T>();
  }
}

// Where a stage was added, which is where its bare errors are said to come from.
class AddedAt {
 public:
#ifdef __OPTIMIZE_SIZE__
  AddedAt(Origin origin) : line_(origin.line) {}
  Origin origin() const { return {nullptr, line_}; }

 private:
  std::uint32_t line_;
#else
  AddedAt(Origin origin) : origin_(origin) {}
  Origin origin() const { return origin_; }

 private:
  Origin origin_;
#endif
};
struct AddedNowhere {
  AddedNowhere(Origin) {}
  Origin origin() const { return {}; }
};

// A stage keeps its place if one of its functions returns what is bare, and there is room beside
// what they captured.
template <template <class> class Functions, class... Results>
using Placed = std::conditional_t<(is_bare<Results> || ...) &&
                                      sizeof(Functions<AddedAt>) <= config::callback_bytes,
                                  Functions<AddedAt>, Functions<AddedNowhere>>;

// A stage of two functions, either of which may pass through.
template <class T, class F, class G, class Place>
struct Pair {
  [[no_unique_address]] F callback;
  [[no_unique_address]] G errback;
  [[no_unique_address]] Place place;

  static State run(std::byte* captures, Cell& cell, State state) {
    [[maybe_unused]] Pair pair = *std::launder(reinterpret_cast<Pair*>(captures));
    if constexpr (!std::is_same_v<F, PassThrough>) {
      if (state == State::succeeded) {
        if constexpr (std::is_void_v<T>) {
          return call(pair.callback, cell, pair.place.origin());
        } else {
          return call(pair.callback, cell, pair.place.origin(), cell.get<T>());
        }
      }
    }
    if constexpr (!std::is_same_v<G, PassThrough>) {
      if (state == State::failed) {
        return call(pair.errback, cell, pair.place.origin(), cell.get<Failure>());
      }
    }
    return state;
  }
};

// A stage of one function for both sides.
template <class T, class F, class Place>
struct Both {
  [[no_unique_address]] F function;
  [[no_unique_address]] Place place;

  static State run(std::byte* captures, Cell& cell, State state) {
    Both both = *std::launder(reinterpret_cast<Both*>(captures));
    if (state == State::ended) return state;
    return call(both.function, cell, both.place.origin(), outcome_of<T>(cell, state));
  }
};

// An errback for some failures; the others pass.
template <class F, class Place, auto... codes>
struct Trap {
  [[no_unique_address]] F function;
  [[no_unique_address]] Place place;

  static State run(std::byte* captures, Cell& cell, State state) {
    Trap trap = *std::launder(reinterpret_cast<Trap*>(captures));
    if (state != State::failed) return state;
    const Failure failure = cell.get<Failure>();
    if (!failure.check(codes...)) return state;
    return call(trap.function, cell, trap.place.origin(), failure);
  }
};

// A function that is called without anything, elsewhere than in a stage.
template <class F, class Place>
struct Alone {
  [[no_unique_address]] F function;
  [[no_unique_address]] Place place;

  static State run(std::byte* captures, Cell& cell) {
    Alone& alone = *std::launder(reinterpret_cast<Alone*>(captures));
    return call(alone.function, cell, alone.place.origin());
  }
};

// These stages with their place, if they keep one.
template <class T, class F, class G>
struct PairAt {
  template <class Place>
  using At = Pair<T, F, G, Place>;
};
template <class T, class F>
struct BothAt {
  template <class Place>
  using At = Both<T, F, Place>;
};
template <class F, auto... codes>
struct TrapAt {
  template <class Place>
  using At = Trap<F, Place, codes...>;
};
template <class F>
struct AloneAt {
  template <class Place>
  using At = Alone<F, Place>;
};
template <class F>
using AloneStage = Placed<AloneAt<F>::template At, std::invoke_result_t<F&>>;
template <class T, class F, class G>
using PairStage = Placed<PairAt<T, F, G>::template At, typename Called<F, T>::type,
                         typename Called<G, Failure>::type>;
template <class T, class F>
using BothStage = Placed<BothAt<T, F>::template At, typename Called<F, Outcome<T>>::type>;
template <class F, auto... codes>
using TrapStage = Placed<TrapAt<F, codes...>::template At, typename Called<F, Failure>::type>;

}  // namespace detail
}  // namespace bobbin
