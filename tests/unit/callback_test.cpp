// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/callback.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

TEST(Callback, holds_nothing_by_default) { EXPECT_FALSE(bool(Callback())); }

TEST(Callback, runs_the_function_it_was_made_from) {
  int calls = 0;
  Callback callback = [&calls] { ++calls; };
  EXPECT_TRUE(bool(callback));
  EXPECT_EQ(callback(), Errc::ok);
  EXPECT_EQ(calls, 1);
}

TEST(Callback, gives_no_error_when_its_function_returns_nothing) {
  Callback callback = [] {};
  EXPECT_FALSE(bool(callback()));
}

TEST(Callback, gives_the_error_its_function_returns) {
  Callback callback = [] { return Error(Errc::system_error, 5); };
  const Error error = callback();
  EXPECT_EQ(error, Errc::system_error);
  EXPECT_EQ(error.native, 5);
}

TEST(Callback, turns_what_its_function_returns_into_an_error) {
  Callback callback = [] { return Errc::no_capacity; };
  EXPECT_EQ(callback(), Errc::no_capacity);
}

int plain_calls = 0;
void plain_function() { ++plain_calls; }

TEST(Callback, is_made_from_a_plain_function) {
  plain_calls = 0;
  Callback callback = plain_function;
  static_cast<void>(callback());
  EXPECT_EQ(plain_calls, 1);
}

TEST(Callback, is_made_from_a_function_object) {
  struct Counting {
    int* calls;
    Error operator()() const {
      ++*calls;
      return Errc::cancelled;
    }
  };
  int calls = 0;
  Callback callback = Counting{&calls};
  EXPECT_EQ(callback(), Errc::cancelled);
  EXPECT_EQ(calls, 1);
}

TEST(Callback, holds_captures_that_fill_its_capacity) {
  std::array<std::uint8_t, config::callback_bytes - sizeof(void*)> data{};
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i + 1);
  unsigned sum = 0;
  auto function = [out = &sum, data] {
    for (const std::uint8_t byte : data) *out += byte;
  };
  static_assert(sizeof function == config::callback_bytes);
  Callback callback = function;
  data = {};
  static_cast<void>(callback());
  EXPECT_EQ(sum, data.size() * (data.size() + 1) / 2);
}

TEST(Callback, keeps_its_own_copy_of_what_was_captured_by_value) {
  int seen = 0;
  int value = 1;
  Callback callback = [value, &seen] { seen = value; };
  value = 2;
  static_cast<void>(callback());
  EXPECT_EQ(seen, 1);
}

TEST(Callback, keeps_the_state_of_a_mutable_function_from_call_to_call) {
  int seen = 0;
  Callback callback = [count = 0, &seen]() mutable { seen = ++count; };
  static_cast<void>(callback());
  static_cast<void>(callback());
  EXPECT_EQ(seen, 2);
}

TEST(Callback, has_state_of_its_own_once_copied) {
  int seen = 0;
  Callback first = [count = 0, &seen]() mutable { seen = ++count; };
  static_cast<void>(first());
  Callback second = first;
  static_cast<void>(first());
  EXPECT_EQ(seen, 2);
  static_cast<void>(second());
  EXPECT_EQ(seen, 2);
}

TEST(Callback, runs_the_new_function_once_assigned) {
  int first = 0;
  int second = 0;
  Callback callback = [&first] { ++first; };
  callback = [&second] { ++second; };
  static_cast<void>(callback());
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(Callback, holds_nothing_once_assigned_the_default_one) {
  Callback callback = [] {};
  callback = {};
  EXPECT_FALSE(bool(callback));
}

TEST(Callback, is_copied_as_bytes_and_destroyed_by_forgetting) {
  static_assert(std::is_trivially_copyable_v<Callback>);
  static_assert(std::is_trivially_destructible_v<Callback>);
  static_assert(sizeof(Callback) <= config::callback_bytes + 8 + sizeof(void*));
}

TEST(InplaceFunction, passes_arguments_and_gives_back_the_value) {
  int base = 40;
  InplaceFunction<int(int, int)> add = [&base](int a, int b) { return base + a + b; };
  EXPECT_EQ(add(1, 2), 43);
}

TEST(InplaceFunction, passes_references_through) {
  InplaceFunction<void(int&)> increment = [](int& value) { ++value; };
  int value = 1;
  increment(value);
  EXPECT_EQ(value, 2);
}

TEST(InplaceFunction, passes_what_can_only_be_moved) {
  InplaceFunction<int(std::unique_ptr<int>)> take = [](std::unique_ptr<int> p) { return *p; };
  EXPECT_EQ(take(std::make_unique<int>(7)), 7);
}

TEST(InplaceFunction, lets_a_function_without_value_stand_for_one_that_returns_its_default) {
  InplaceFunction<int()> function = [] {};
  EXPECT_EQ(function(), 0);
}

TEST(InplaceFunction, ignores_the_value_when_its_signature_returns_nothing) {
  int calls = 0;
  InplaceFunction<void()> function = [&calls] { return ++calls; };
  function();
  EXPECT_EQ(calls, 1);
}

TEST(InplaceFunction, runs_captures_that_need_eight_byte_alignment) {
  double seen = 0;
  using Function = InplaceFunction<void(), 2 * sizeof(double)>;  // more than a Callback of 32 bits
  const Function function = [value = 0.5, &seen] { seen = value; };
  Function copies[3] = {function, function, function};
  copies[1]();
  EXPECT_EQ(seen, 0.5);
}

TEST(InplaceFunction, is_as_large_as_it_is_asked_to_be) {
  struct Large {
    std::array<std::uint64_t, 16> values;
  };
  const Large large{{1, 2, 3}};
  InplaceFunction<std::uint64_t(), sizeof(Large)> function = [large] { return large.values[2]; };
  EXPECT_EQ(function(), 3U);
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(CallbackDeathTest, is_not_called_while_it_holds_nothing) {
  Callback callback;
  EXPECT_DEATH(static_cast<void>(callback()), "");
}
#endif

}  // namespace
}  // namespace bobbin
