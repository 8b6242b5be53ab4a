// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// As much of GoogleTest's interface as the contract suite uses, for a board: the macros mean what
// they mean there. It needs a heap, which the test's image has and no other.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace testing {

class Message {
 public:
  template <class T>
  Message& operator<<(const T& value) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
      text_ += std::string_view(value);
    } else if constexpr (std::is_enum_v<T>) {
      text_ += std::to_string(static_cast<long>(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      text_ += std::to_string(value);
    } else {
      text_ += "(a value)";
    }
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Test {
 public:
  virtual ~Test() = default;
  virtual void TestBody() = 0;
};

// An expectation that was not met: assigning a message prints both and fails the running test.
class Failure {
 public:
  Failure(const char* file, int line, std::string what)
      : file_(file), line_(line), what_(std::move(what)) {}
  void operator=(const Message& message) const;

 private:
  const char* file_;
  int line_;
  std::string what_;
};

// What was expected, and whether it is so.
struct Expectation {
  bool met;
  std::string text;
};

template <class A, class B, class Compare>
Expectation expect(const A& a, const B& b, const char* text, Compare compare) {
  if (compare(a, b)) return {true, {}};
  return {false, (Message() << text << ", which are " << a << " and " << b).text()};
}

// One line of the run: a test, or a suite of tests that are run once for each value.
class Entry {
 public:
  explicit Entry(const char* name);
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // Runs what the entry stands for. In the order of registration.
  static void run_all();

 protected:
  ~Entry() = default;
  const char* name() const { return name_; }
  static void run(std::string_view name, std::unique_ptr<Test> (*make)());

 private:
  virtual void run() = 0;

  const char* name_;
  Entry* next_ = nullptr;
};

template <class Case>
std::unique_ptr<Test> make_test() {
  return std::make_unique<Case>();
}

template <class Case>
class PlainEntry final : public Entry {
 public:
  using Entry::Entry;

 private:
  void run() override { Entry::run(name(), make_test<Case>); }
};

template <class Value>
struct TestParamInfo {
  Value param;
  std::size_t index;
};

template <class Value>
class WithParamInterface {
 public:
  using ParamType = Value;
  static const Value& GetParam() { return parameter; }
  inline static Value parameter{};
};

template <class Value>
class TestWithParam : public Test, public WithParamInterface<Value> {};

// The tests of a suite with values, in the order of registration.
template <class Suite>
class Parameterized {
 public:
  Parameterized(const char* name, std::unique_ptr<Test> (*make)()) : name_(name), make_(make) {
    Parameterized** end = &first;
    while (*end != nullptr) end = &(*end)->next_;
    *end = this;
  }

  const char* name() const { return name_; }
  auto make() const { return make_; }
  Parameterized* next() const { return next_; }

  inline static Parameterized* first = nullptr;

 private:
  const char* name_;
  std::unique_ptr<Test> (*make_)();
  Parameterized* next_ = nullptr;
};

template <class Value, class... Others>
std::vector<Value> Values(Value value, Others... others) {
  return {value, others...};
}

template <class Value>
std::vector<Value> ValuesIn(std::vector<Value> values) {
  return values;
}

template <class Suite>
class ParameterizedEntry final : public Entry {
 public:
  using Value = typename Suite::ParamType;
  using NameOf = std::string (*)(const TestParamInfo<Value>&);

  ParameterizedEntry(const char* name, std::vector<Value> list, NameOf name_of = by_index)
      : Entry(name), list_(std::move(list)), name_of_(name_of) {}

 private:
  void run() override {
    for (auto* test = Parameterized<Suite>::first; test != nullptr; test = test->next()) {
      for (std::size_t i = 0; i < list_.size(); ++i) {
        Suite::parameter = list_[i];
        const std::string value = name_of_({list_[i], i});
        Entry::run((Message() << name() << "." << test->name() << "/" << value).text(),
                   test->make());
      }
    }
  }

  static std::string by_index(const TestParamInfo<Value>& value) {
    return std::to_string(value.index);
  }

  std::vector<Value> list_;
  NameOf name_of_;
};

}  // namespace testing

#define BOBBIN_EXPECT(expectation, on_failure)                                                   \
  if (const ::testing::Expectation bobbin_expectation = (expectation); bobbin_expectation.met) { \
  } else                                                                                         \
    on_failure ::testing::Failure(__FILE__, __LINE__, bobbin_expectation.text) =                 \
        ::testing::Message()

#define BOBBIN_IS(condition, wanted) \
  (::testing::Expectation{static_cast<bool>(condition) == wanted, #condition " is not " #wanted})
#define BOBBIN_COMPARE(a, b, operation) \
  (::testing::expect(                   \
      a, b, #a " " #operation " " #b,   \
      [](const auto& bobbin_a, const auto& bobbin_b) { return bobbin_a operation bobbin_b; }))

#define EXPECT_TRUE(condition) BOBBIN_EXPECT(BOBBIN_IS(condition, true), )
#define EXPECT_FALSE(condition) BOBBIN_EXPECT(BOBBIN_IS(condition, false), )
#define EXPECT_EQ(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, ==), )
#define EXPECT_NE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, !=), )
#define EXPECT_LT(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, <), )
#define EXPECT_LE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, <=), )
#define EXPECT_GT(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, >), )
#define EXPECT_GE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, >=), )
#define ASSERT_TRUE(condition) BOBBIN_EXPECT(BOBBIN_IS(condition, true), return )
#define ASSERT_FALSE(condition) BOBBIN_EXPECT(BOBBIN_IS(condition, false), return )
#define ASSERT_EQ(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, ==), return )
#define ASSERT_NE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, !=), return )
#define ASSERT_LT(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, <), return )
#define ASSERT_LE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, <=), return )
#define ASSERT_GT(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, >), return )
#define ASSERT_GE(a, b) BOBBIN_EXPECT(BOBBIN_COMPARE(a, b, >=), return )

#define BOBBIN_TEST_CLASS(suite, name)               \
  class suite##_##name##_Test final : public suite { \
    void TestBody() override;                        \
  }

#define TEST_F(suite, name)                                                              \
  BOBBIN_TEST_CLASS(suite, name);                                                        \
  ::testing::PlainEntry<suite##_##name##_Test> suite##_##name##_entry(#suite "." #name); \
  void suite##_##name##_Test::TestBody()

#define TEST_P(suite, name)                                       \
  BOBBIN_TEST_CLASS(suite, name);                                 \
  ::testing::Parameterized<suite> suite##_##name##_parameterized( \
      #name, ::testing::make_test<suite##_##name##_Test>);        \
  void suite##_##name##_Test::TestBody()

#define INSTANTIATE_TEST_SUITE_P(prefix, suite, list, ...)                       \
  ::testing::ParameterizedEntry<suite> prefix##suite##_entry(#prefix "/" #suite, \
                                                             list __VA_OPT__(, ) __VA_ARGS__)

#define GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite) static_assert(true)

// For what the machine lacks: on a board that is a failure, as it is always the same board.
#define GTEST_SKIP() return ::testing::Failure(__FILE__, __LINE__, "skipped") = ::testing::Message()
