// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

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

// Tells types of values apart, by its address.
template <class T>
inline constexpr char type_of = 0;

// The value of a function that returns nothing but failures.
struct NoValue {};

inline State put_failure(Cell& cell, const Failure& failure) {
  cell.put(failure);
  return State::failed;
}
inline State put_error(Cell& cell, Error error) {
  return error ? put_failure(cell, Failure(error, Origin())) : State::succeeded;
}

// What a return value of type R makes of the chain: `Value` is what comes out of the stage.
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
  static State put(Cell& cell, Kind kind) { return put_failure(cell, Failure(kind, Origin())); }
};
template <>
struct Returned<Error> {
  using Value = void;
  static State put(Cell& cell, Error error) { return put_error(cell, error); }
};
template <>
struct Returned<Errc> : Returned<Error> {};
template <class T>
struct Returned<Result<T>> {
  using Value = T;
  static State put(Cell& cell, const Result<T>& result) {
    if (!result) return put_error(cell, result.error());
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

template <class F, class... Arguments>
State call(F& function, Cell& cell, const Arguments&... arguments) {
  if constexpr (!std::is_invocable_v<F&, Arguments...>) {
    return call(function, cell);
  } else {
    using R = std::invoke_result_t<F&, Arguments...>;
    if constexpr (std::is_void_v<R>) {
      function(arguments...);
      return State::succeeded;
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

// A stage of two functions, either of which may pass through.
template <class T, class F, class G>
struct Pair {
  [[no_unique_address]] F callback;
  [[no_unique_address]] G errback;

  static State run(std::byte* captures, Cell& cell, State state) {
    [[maybe_unused]] Pair pair = *std::launder(reinterpret_cast<Pair*>(captures));
    if constexpr (!std::is_same_v<F, PassThrough>) {
      if (state == State::succeeded) {
        if constexpr (std::is_void_v<T>) {
          return call(pair.callback, cell);
        } else {
          return call(pair.callback, cell, cell.get<T>());
        }
      }
    }
    if constexpr (!std::is_same_v<G, PassThrough>) {
      if (state == State::failed) return call(pair.errback, cell, cell.get<Failure>());
    }
    return state;
  }
};

// A stage of one function for both sides.
template <class T, class F>
struct Both {
  F function;

  static State run(std::byte* captures, Cell& cell, State state) {
    Both both = *std::launder(reinterpret_cast<Both*>(captures));
    if (state == State::ended) return state;
    return call(both.function, cell, outcome_of<T>(cell, state));
  }
};

// An errback for some failures; the others pass.
template <class F, auto... codes>
struct Trap {
  F function;

  static State run(std::byte* captures, Cell& cell, State state) {
    Trap trap = *std::launder(reinterpret_cast<Trap*>(captures));
    if (state != State::failed) return state;
    const Failure failure = cell.get<Failure>();
    return failure.check(codes...) ? call(trap.function, cell, failure) : state;
  }
};

}  // namespace detail
}  // namespace bobbin
