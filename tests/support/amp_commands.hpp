// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

// What the tests of AMP say to each other.
namespace bobbin::test {

enum class Mistake : std::uint8_t { zero_division, overflow };
inline std::string_view describe(Mistake mistake) {
  return mistake == Mistake::overflow ? "overflow" : "division by zero";
}

struct Sum {
  static constexpr std::string_view name = "Sum";
  struct Arguments {
    std::int32_t a = 0;
    std::int32_t b = 0;
    static constexpr std::tuple fields{amp::Field("a", &Arguments::a),
                                       amp::Field("b", &Arguments::b)};
  };
  struct Response {
    std::int32_t total = 0;
    static constexpr std::tuple fields{amp::Field("total", &Response::total)};
  };
};

struct Divide {
  static constexpr std::string_view name = "Divide";
  struct Arguments {
    std::int32_t numerator = 0;
    std::int32_t denominator = 0;
    static constexpr std::tuple fields{amp::Field("numerator", &Arguments::numerator),
                                       amp::Field("denominator", &Arguments::denominator)};
  };
  struct Response {
    double result = 0;
    static constexpr std::tuple fields{amp::Field("result", &Response::result)};
  };
  static constexpr amp::ErrorCode<Mistake> errors[] = {{Mistake::zero_division, "ZERO_DIVISION"},
                                                       {Mistake::overflow, "OVERFLOW"}};
};

// Answered later.
struct Wait {
  static constexpr std::string_view name = "Wait";
  struct Arguments {
    std::uint32_t seconds = 0;
    static constexpr std::tuple fields{amp::Field("seconds", &Arguments::seconds)};
  };
  using Response = amp::Nothing;
  static constexpr amp::ErrorCode<Errc> errors[] = {{Errc::no_capacity, "BUSY"}};
};

// One of each kind, sent back. Its response is larger than a Deferred's value.
struct Everything {
  static constexpr std::string_view name = "Everything";
  struct Arguments {
    std::int64_t integer = 0;
    bool boolean = false;
    double number = 0;
    std::string_view unicode{};
    Bytes string{};
    std::optional<std::uint8_t> maybe{};
    amp::List<std::int16_t, 4> list{};
    static constexpr std::tuple fields{
        amp::Field("integer", &Arguments::integer), amp::Field("boolean", &Arguments::boolean),
        amp::Field("number", &Arguments::number),   amp::Field("unicode", &Arguments::unicode),
        amp::Field("string", &Arguments::string),   amp::Field("maybe", &Arguments::maybe),
        amp::Field("list", &Arguments::list)};
  };
  struct Response {
    std::int64_t integer = 0;
    bool boolean = false;
    double number = 0;
    amp::Text<20> unicode{};
    amp::Octets<20> string{};
    std::optional<std::uint8_t> maybe{};
    amp::List<std::int16_t, 4> list{};
    static constexpr std::tuple fields{
        amp::Field("integer", &Response::integer), amp::Field("boolean", &Response::boolean),
        amp::Field("number", &Response::number),   amp::Field("unicode", &Response::unicode),
        amp::Field("string", &Response::string),   amp::Field("maybe", &Response::maybe),
        amp::Field("list", &Response::list)};
  };
};

// What is sent back: the same, held.
inline Everything::Response held(const Everything::Arguments& arguments) {
  return {.integer = arguments.integer,
          .boolean = arguments.boolean,
          .number = arguments.number,
          .unicode = arguments.unicode,
          .string = arguments.string,
          .maybe = arguments.maybe,
          .list = arguments.list};
}

struct Row {
  std::int16_t id = 0;
  amp::Text<8> name{};
  static constexpr std::tuple fields{amp::Field("id", &Row::id), amp::Field("name", &Row::name)};
};

// Lists that are read where they lie, and times; sent back, but for what is too much.
struct Records {
  static constexpr std::string_view name = "Records";
  struct Arguments {
    amp::DateTime when{};
    std::optional<amp::DateTime> until{};
    amp::ListView<Row> rows{};
    amp::ListView<std::string_view> names{};
    amp::Fixed<2> price{};
    static constexpr std::tuple fields{
        amp::Field("when", &Arguments::when), amp::Field("until", &Arguments::until),
        amp::Field("rows", &Arguments::rows), amp::Field("names", &Arguments::names),
        amp::Field("price", &Arguments::price)};
  };
  struct Response {
    amp::DateTime when{};
    std::optional<amp::DateTime> until{};
    amp::List<Row, 2> rows{};
    amp::List<amp::Text<8>, 3> names{};
    amp::Fixed<2> price{};
    static constexpr std::tuple fields{
        amp::Field("when", &Response::when), amp::Field("until", &Response::until),
        amp::Field("rows", &Response::rows), amp::Field("names", &Response::names),
        amp::Field("price", &Response::price)};
  };
  static constexpr amp::ErrorCode<Errc> errors[] = {{Errc::no_capacity, "TOO_MUCH"}};
};

inline Outcome<Records::Response> held(const Records::Arguments& arguments) {
  Records::Response response{
      .when = arguments.when, .until = arguments.until, .price = arguments.price};
  for (const Row row : arguments.rows) {
    if (!response.rows.push_back(row)) return Failure(Errc::no_capacity);
  }
  for (const std::string_view name : arguments.names) {
    amp::Text<8> text;
    if (!text.assign(name) || !response.names.push_back(text)) return Failure(Errc::no_capacity);
  }
  return response;
}

// Nobody answers it.
struct Unheard {
  static constexpr std::string_view name = "Unheard";
  using Arguments = amp::Nothing;
  using Response = amp::Nothing;
};

}  // namespace bobbin::test
