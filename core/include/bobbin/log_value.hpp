// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <bobbin/address.hpp>
#include <bobbin/assert.hpp>
#include <bobbin/bytes.hpp>
#include <bobbin/error.hpp>
#include <bobbin/time.hpp>

namespace bobbin {

// The number value / 10^places: {2150, 2} is 21.50. It stands in for floating point, which is not
// logged: to write one costs more flash than all of a small program.
struct Decimal {
  std::int64_t value = 0;
  std::uint8_t places = 0;  // at most 9
};

template <class T>
concept LogCharacter = std::same_as<T, char> || std::same_as<T, wchar_t> ||
    std::same_as<T, char8_t> || std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <class T>
concept LogInteger = std::integral<T> && !std::same_as<T, bool> && !LogCharacter<T>;

// One value of an event, with its kind. Text, bytes and addresses are not copied: they are valid
// for as long as what the value was made from. A C string is not null.
class LogValue {
 public:
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,  // less than zero
    natural,
    decimal,
    duration,
    text,
    bytes,
    address,
    error,
  };

  constexpr LogValue() : integer_(0) {}

  template <std::same_as<bool> T>
  constexpr LogValue(T value) : kind_(Kind::boolean), integer_(value) {}

  template <LogInteger T>
  constexpr LogValue(T value)
      : kind_(value < T{} ? Kind::integer : Kind::natural),
        integer_(static_cast<std::int64_t>(value)) {}

  constexpr LogValue(Decimal value)
      : kind_(Kind::decimal), places_(value.places), integer_(value.value) {
    BOBBIN_ASSERT(value.places <= 9);
  }

  template <class Rep, class Period>
  requires std::convertible_to<std::chrono::duration<Rep, Period>, Duration>
  constexpr LogValue(std::chrono::duration<Rep, Period> value)
      : kind_(Kind::duration), integer_(Duration(value).count()) {}

  template <class T>
  requires std::convertible_to<const T&, std::string_view>
  constexpr LogValue(const T& text) : kind_(Kind::text), text_(text) {}

  constexpr LogValue(Bytes bytes) : kind_(Kind::bytes), bytes_(bytes) {}
  constexpr LogValue(MutableBytes bytes) : LogValue(Bytes(bytes)) {}
  constexpr LogValue(const Address& address) : kind_(Kind::address), address_(&address) {}
  constexpr LogValue(Error error) : kind_(Kind::error), error_(error) {}
  constexpr LogValue(Errc code) : LogValue(Error(code)) {}

  constexpr Kind kind() const { return kind_; }

  // Each for its own kind only; `natural` is the value of the kinds integer, natural and boolean
  // modulo 2^64.
  constexpr std::uint64_t natural() const { return static_cast<std::uint64_t>(integer_); }
  constexpr std::int64_t integer() const { return integer_; }
  constexpr bool boolean() const { return integer_ != 0; }
  constexpr Decimal decimal() const { return {.value = integer_, .places = places_}; }
  constexpr Duration duration() const { return Duration(integer_); }
  constexpr std::string_view text() const {
    BOBBIN_ASSERT(kind_ == Kind::text);
    return text_;
  }
  constexpr Bytes bytes() const {
    BOBBIN_ASSERT(kind_ == Kind::bytes);
    return bytes_;
  }
  constexpr const Address& address() const {
    BOBBIN_ASSERT(kind_ == Kind::address);
    return *address_;
  }
  constexpr Error error() const {
    BOBBIN_ASSERT(kind_ == Kind::error);
    return error_;
  }

 private:
  Kind kind_ = Kind::none;
  std::uint8_t places_ = 0;
  union {
    std::int64_t integer_;
    std::string_view text_;
    Bytes bytes_;
    const Address* address_;
    Error error_;
  };
};

// A type of the program's own is logged when a function `log_value` of it, found beside the type,
// returns what can be.
template <class T>
concept LogsItself = requires(const T& value) {
  { log_value(value) } -> std::convertible_to<LogValue>;
};

template <class T>
concept LogPlain = LogsItself<T> || std::constructible_from<LogValue, const T&>;

// What may be given away as a LogValue beyond the end of the statement that makes it.
template <class T>
concept LogLasting = std::is_lvalue_reference_v<T> ||
    (std::is_trivially_copyable_v<T> && !std::same_as<std::remove_cv_t<T>, Address>);

// A function without arguments stands for its result. It is called only if somebody wants the
// event.
template <class T>
concept LogLazy = !LogPlain<T> && std::invocable<const T&>;

template <class T>
constexpr LogValue to_log_value(const T& value) {
  if constexpr (LogsItself<T>) {
    return log_value(value);
  } else if constexpr (LogLazy<T>) {
    using Returned = std::invoke_result_t<const T&>;
    static_assert(LogLasting<Returned>,
                  "bobbin: what this function returns would be gone before it is written");
    return to_log_value<std::remove_cvref_t<Returned>>(value());
  } else {
    static_assert(!std::floating_point<T>, "bobbin: floating point is not logged; give a Decimal");
    static_assert(LogPlain<T> || std::floating_point<T>,
                  "bobbin: this cannot be logged; give it a function log_value");
    return value;
  }
}

}  // namespace bobbin
