// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Twisted's maybeDeferred: whatever a function returns, and whenever it has it, is a Deferred.
#include <bobbin/deferred.hpp>

#include <string>
#include <type_traits>

#include "../support/deferred.hpp"

namespace bobbin {
namespace {

using test::Lines;
using test::Oops;
using test::say;

using MaybeDeferred = test::DeferredTest;

int add(int one, int other) { return one + other; }

TEST_F(MaybeDeferred, of_a_value_is_fired) {
  Deferred<int> known = maybe_deferred(add, 2, 3);
  EXPECT_EQ(test::success_result_of(known), 5);
}

TEST_F(MaybeDeferred, of_nothing_is_fired_with_nothing) {
  Deferred<void> done = maybe_deferred([](const std::string& word) { say(word); }, "called");
  EXPECT_EQ(said(), Lines{"called"});
  EXPECT_TRUE(done.has_result());
  test::success_result_of(done);
}

TEST_F(MaybeDeferred, of_what_may_be_an_error_is_fired_with_either) {
  const auto outcome = [](int number) -> Outcome<int> {
    if (number == 0) return Failure(Oops::zero_division);
    return 12 / number;
  };
  Deferred<int> three = maybe_deferred(outcome, 4);
  EXPECT_EQ(test::success_result_of(three), 3);
  Deferred<int> none = maybe_deferred(outcome, 0);
  EXPECT_EQ(test::failure_result_of(none), Oops::zero_division);

  const auto result = [](Errc code) -> Result<int> {
    if (code != Errc::ok) return code;
    return 7;
  };
  Deferred<int> seven = maybe_deferred(result, Errc::ok);
  EXPECT_EQ(test::success_result_of(seven), 7);
  Deferred<int> refused = maybe_deferred(result, Errc::permission_denied);
  EXPECT_EQ(test::failure_result_of(refused), Errc::permission_denied);

  Deferred<void> fine = maybe_deferred([] { return Error(); });
  test::success_result_of(fine);
  Deferred<void> wrong = maybe_deferred([] { return Oops::oops; });
  EXPECT_EQ(test::failure_result_of(wrong), Oops::oops);
}

TEST_F(MaybeDeferred, of_a_deferred_by_value_is_that_one) {
  Deferred<int> known = maybe_deferred([](int number) { return succeed(number); }, 5);
  EXPECT_EQ(test::success_result_of(known), 5);
  Deferred<int> failed = maybe_deferred([] { return fail<int>(Oops::oops); });
  EXPECT_EQ(test::failure_result_of(failed), Oops::oops);
  using Large = decltype(maybe_deferred([] { return Deferred<int, 9>(); }));
  static_assert(std::is_same_v<Large, Deferred<int, 9>>);
}

TEST_F(MaybeDeferred, of_a_deferred_that_lies_elsewhere_waits_for_it) {
  Deferred<int> later;
  Deferred<int> known = maybe_deferred([&]() -> Deferred<int>& { return later; });
  EXPECT_EQ(known.state(), DeferredCore::State::waiting);
  EXPECT_TRUE(test::no_result(known));
  later.callback(5);
  EXPECT_EQ(test::success_result_of(known), 5);
}

TEST_F(MaybeDeferred, of_a_chain_waits_for_its_end_and_is_cancelled_inwards) {
  Deferred<int> later;
  later.on_cancel([] { say("given up"); });
  Deferred<std::size_t> known =
      maybe_deferred([&] { return later.add_callback([](int n) { return std::size_t(n); }); });
  known.cancel();
  EXPECT_EQ(said(), Lines{"given up"});
  EXPECT_EQ(test::failure_result_of(known), Errc::cancelled);
}

TEST_F(MaybeDeferred, of_one_that_is_fired_already_has_its_result) {
  Deferred<int> before = succeed(5);
  Deferred<int> known = maybe_deferred([&] { return before.chain(); });
  EXPECT_EQ(test::success_result_of(known), 5);
}

// As `callback`, which it is when the function returns a value (D15).
TEST_F(MaybeDeferred, is_fired_with_too_late_once_as_with_a_value) {
  Deferred<int> deferred;
  deferred.cancel();
  EXPECT_EQ(test::failure_result_of(deferred), Errc::cancelled);
  EXPECT_TRUE(deferred.fire_with([] { return (say("never called"), 1); }));
  EXPECT_FALSE(deferred.fire_with([] { return (say("never called"), 1); }));
  EXPECT_FALSE(deferred.callback(1));
  EXPECT_EQ(said(), Lines{});
}

// E6's password check: it may know at once, or have to ask.
TEST_F(MaybeDeferred, asks_alike_what_knows_now_and_what_knows_later) {
  Deferred<bool> asked;
  const auto greet = [](auto check) {
    Deferred<bool> right = maybe_deferred(check);
    right.add_callbacks([](bool yes) { say(yes ? "welcome" : "no"); }, [] { say("trouble"); });
    return right.has_result();
  };
  EXPECT_TRUE(greet([] { return true; }));
  EXPECT_TRUE(greet([] { return Outcome<bool>(Oops::oops); }));
  EXPECT_EQ(said(), (Lines{"welcome", "trouble"}));
  Deferred<bool> right = maybe_deferred([&]() -> Deferred<bool>& { return asked; });
  right.add_callback([](bool yes) { say(yes ? "welcome" : "no"); });
  EXPECT_EQ(said(), Lines{});
  asked.callback(false);
  EXPECT_EQ(said(), Lines{"no"});
}

}  // namespace
}  // namespace bobbin
