// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Of which kind a failure is and where it comes from, on its way through stages, tasks and both.
#include <bobbin/failure.hpp>

#include <cstdint>
#include <string>

#include <bobbin/await.hpp>
#include <bobbin/await_deferred.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/testing.hpp>
#include <bobbin/when.hpp>

#include "../support/deferred.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::Oops;

enum class Far : std::int32_t { out = 0x12345678 };
std::string_view describe(Far) { return "far out"; }

// The line it is called from.
constexpr std::uint32_t line_here(std::uint32_t line = __builtin_LINE()) { return line; }

TEST(Origin, is_told_as_a_file_or_as_a_line) {
  EXPECT_EQ((Origin{"here.cpp", 5}.place()), "here.cpp");
  EXPECT_EQ((Origin{nullptr, 5}.place()), "line") << "as builds for size have it";
}

testing::AssertionResult is_from(const Failure& failure, std::uint32_t line) {
  if (failure.origin().line == line) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << describe(failure) << ": from line " << failure.origin().line << ", not " << line;
}

struct FailureOrigin : TestCase<> {
  Frame<1024> frame;
  Frame<512> inner_frame;
};

TEST_F(FailureOrigin, of_an_outcome_is_where_it_was_made) {
  std::uint32_t line = line_here() + 1;
  const auto bare = []() -> Outcome<int> { return Oops::oops; };
  EXPECT_TRUE(is_from(bare().failure(), line));
  line = line_here() + 1;
  const auto code = []() -> Outcome<void> { return Errc::timed_out; };
  EXPECT_TRUE(is_from(code().failure(), line));
  line = line_here() + 1;
  const auto error = []() -> Outcome<int> { return Error(Errc::system_error, 5); };
  EXPECT_TRUE(is_from(error().failure(), line));
  EXPECT_EQ(error().failure().error().native, 5);
  const auto none = []() -> Outcome<void> { return Error(); };
  EXPECT_TRUE(none()) << "no error is a success";
}

// What a function returns as such does not say where it was made: it comes from where it was added.
TEST_F(FailureOrigin, of_a_bare_enumerator_is_where_its_stage_was_added) {
  Deferred<int> enumerator = succeed(1);
  std::uint32_t line = line_here() + 1;
  enumerator.add_callback([this](int) { return (void(this), Oops::oops); });
  EXPECT_TRUE(is_from(failure_result_of(enumerator), line));

  Deferred<int> code = fail<int>(Oops::oops);
  line = line_here() + 1;
  const Chain<void> unreachable = code.add_errback([] { return Errc::unreachable; });
  EXPECT_TRUE(is_from(failure_result_of(unreachable), line));

  Deferred<int> result = succeed(1);
  line = line_here() + 1;
  result.add_both([](Outcome<int>) { return Result<int>(Errc::would_block); });
  EXPECT_TRUE(is_from(failure_result_of(result), line));

  Deferred<int> trapped = fail<int>(Oops::oops);
  line = line_here() + 1;
  const Chain<void> other = trapped.trap<Oops::oops>([] { return Error(Errc::system_error, 7); });
  EXPECT_TRUE(is_from(failure_result_of(other), line));

  Deferred<int> fired;
  line = line_here() + 1;
  fired.fire_with([] { return Oops::type_error; });
  EXPECT_TRUE(is_from(failure_result_of(fired), line));
}

TEST_F(FailureOrigin, of_a_failure_is_its_own_wherever_its_stage_was_added) {
  Deferred<int> deferred = succeed(1);
  const Failure failure(Oops::oops);
  const std::uint32_t line = line_here() - 1;
  deferred.add_callback([failure = &failure](int) { return *failure; });
  EXPECT_TRUE(is_from(failure_result_of(deferred), line));
}

// Functions that capture all there is room for leave none to note it.
TEST_F(FailureOrigin, is_nowhere_where_there_is_no_room_for_it) {
  std::uint64_t a = 1, b = 2, c = 3;
  Deferred<int> deferred = succeed(1);
  deferred.add_callback(
      [&a, &b, &c](int) { return a + b + c > 0 ? Oops::oops : Oops::type_error; });
  EXPECT_TRUE(is_from(failure_result_of(deferred), 0));
}

Task<Outcome<int>> reads(Frame<512>&, Clock& clock, int number) {
  if (Error error = co_await sleep(clock, 10ms)) co_return Failure(error);
  if (number == 0) co_return Oops::zero_division;
  if (number < 0) co_return Failure(Far::out);
  co_return 12 / number;
}
constexpr std::uint32_t zero_division_line = line_here() - 4;
constexpr std::uint32_t far_line = line_here() - 4;

// Passes on what it got, whole.
Task<Outcome<int>> doubles(Frame<1024>&, Frame<512>& inner, Clock& clock, int number) {
  const Outcome<int> read = co_await reads(inner, clock, number);
  if (!read) co_return read;
  co_return 2 * *read;
}

TEST_F(FailureOrigin, and_kind_survive_a_task_that_awaits_another) {
  EXPECT_EQ(success_result_of(run(doubles(frame, inner_frame, reactor, 4))), 6);
  const Failure zero = failure_result_of(run(doubles(frame, inner_frame, reactor, 0)));
  EXPECT_EQ(zero, Oops::zero_division);
  EXPECT_TRUE(is_from(zero, zero_division_line));
  const Failure far = failure_result_of(run(doubles(frame, inner_frame, reactor, -1)));
  EXPECT_EQ(far, Far::out) << "all 32 bits of it";
  EXPECT_EQ(far.error().native, INT16_MAX);
  EXPECT_TRUE(is_from(far, far_line));
}

TEST_F(FailureOrigin, and_kind_survive_from_a_task_to_a_deferred) {
  TaskDeferred<Outcome<int>> result = ensure_deferred(coroutines, reads(inner_frame, reactor, 0));
  static_assert(std::is_base_of_v<Deferred<int>, decltype(result)>);
  EXPECT_TRUE(no_result(result));
  const Failure failure = failure_result_of(run(result.chain()));
  EXPECT_EQ(failure, Oops::zero_division);
  EXPECT_TRUE(is_from(failure, zero_division_line));

  TaskDeferred<Outcome<int>> value = ensure_deferred(coroutines, reads(inner_frame, reactor, 3));
  EXPECT_EQ(success_result_of(run(value.chain())), 4);
}

Task<Outcome<void>> awaits(Frame<1024>&, Chain<int> chain) {
  const Outcome<int> outcome = co_await chain;
  if (!outcome) co_return outcome.failure();
  co_return Outcome<void>();
}

TEST_F(FailureOrigin, and_kind_survive_from_a_deferred_through_a_task_to_another_deferred) {
  Deferred<int> source;
  TaskDeferred<Outcome<void>> end = ensure_deferred(coroutines, awaits(frame, source));
  source.errback(Far::out);
  const std::uint32_t line = line_here() - 1;
  const Failure failure = failure_result_of(end.chain());
  EXPECT_EQ(failure.as<Far>(), Far::out);
  EXPECT_TRUE(is_from(failure, line));
  TaskDeferred<Outcome<void>> fine = ensure_deferred(coroutines, awaits(frame, succeed(5)));
  success_result_of(fine.chain());
}

TEST_F(FailureOrigin, of_a_task_without_a_frame_is_nowhere) {
  TaskDeferred<Outcome<int>> first = ensure_deferred(coroutines, reads(inner_frame, reactor, 3));
  TaskDeferred<Outcome<int>> second = ensure_deferred(coroutines, reads(inner_frame, reactor, 3));
  EXPECT_EQ(failure_result_of(second.chain()), Errc::no_capacity);
  EXPECT_EQ(success_result_of(run(first.chain())), 4);
}

// Of a limit the failure is the limit's; of anything else it is left as it is.
TEST_F(FailureOrigin, and_kind_survive_a_limit) {
  const auto limited = [this](Frame<1024>&, Duration limit) -> Task<Outcome<int>> {
    co_return co_await within(reactor, limit, reads(inner_frame, reactor, 0));
  };
  const Failure in_time = failure_result_of(run(limited(frame, 20ms)));
  EXPECT_EQ(in_time, Oops::zero_division);
  EXPECT_TRUE(is_from(in_time, zero_division_line));
  EXPECT_EQ(failure_result_of(run(limited(frame, 5ms))), Errc::timed_out);
}

TEST_F(FailureOrigin, and_kind_survive_tasks_that_run_at_once) {
  Frame<512> other_frame;
  const auto both = [&](Frame<1024>&) -> Task<Outcome<int>> {
    const auto [one, other] =
        co_await when_all(reads(inner_frame, reactor, 0), reads(other_frame, reactor, 4));
    EXPECT_TRUE(other && *other == 3);
    co_return one;
  };
  const Failure failure = failure_result_of(run(both(frame)));
  EXPECT_EQ(failure, Oops::zero_division);
  EXPECT_TRUE(is_from(failure, zero_division_line));
}

TEST_F(FailureOrigin, and_kind_of_a_task_that_nobody_asked_after_are_told) {
  ASSERT_TRUE(coroutines.spawn(reads(inner_frame, reactor, 0)));
  reactor.run_for(20ms);
  ASSERT_EQ(unhandled.all().size(), 1U);
  EXPECT_TRUE(is_from(unhandled.all()[0], zero_division_line));
  EXPECT_EQ(flush_logged_errors(Oops::zero_division), 1U);
}

TEST_F(FailureOrigin, are_told_to_who_hears_of_errors_as_he_wants_them) {
  Coroutines<1> pool;
  Error error;
  pool.on_error([&error](Error heard) { error = heard; });
  ASSERT_TRUE(pool.spawn(reads(inner_frame, reactor, 0)));
  reactor.run_for(20ms);
  EXPECT_EQ(error, Errc::application_error);
  EXPECT_EQ(error.native, static_cast<int>(Oops::zero_division));
  bool same_kind = false;
  pool.on_error([&same_kind](const Failure& heard) { same_kind = heard == Far::out; });
  ASSERT_TRUE(pool.spawn(reads(inner_frame, reactor, -1)));
  reactor.run_for(20ms);
  EXPECT_TRUE(same_kind);
}

}  // namespace
}  // namespace bobbin
