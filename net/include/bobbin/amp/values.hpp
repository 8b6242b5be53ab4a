// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <bobbin/amp/box.hpp>
#include <bobbin/assert.hpp>

// How what commands carry stands in a box, as in Twisted's argument types:
//
//   an integer        Integer; one that its type cannot hold is refused when it comes
//   bool              Boolean
//   double            Float; on hosts, as what reads and writes it needs a heap on boards
//   Fixed<n>          Float, and Decimal, as an integer with n places behind the point
//   DateTime          DateTime
//   std::string_view  Unicode and Path, checked to be UTF-8; a view, see Text
//   Bytes             String; a view, see Octets
//   Text<n>           Unicode of up to n bytes, held
//   Octets<n>         String of up to n bytes, held
//   List<T, n>        ListOf, up to n of one of these; AmpList, if T is a struct with `fields`
//   ListView<T>       the same, however many; a view (<bobbin/amp/list_view.hpp>)
//   std::optional<T>  any of these, with optional=True; not in lists, as in Twisted
//
// What comes is read as strictly as Twisted writes it. Not here are: an Integer of more than 64
// bits and a Decimal with as many digits as it likes, which need a heap; a Decimal that is no
// number (NaN, Infinity), which is refused; and Descriptor, as a transport carries bytes alone.
namespace bobbin::amp {

// A view's bytes, held.
template <class View, std::size_t n>
class Held {
  static_assert(n > 0 && n <= value_max, "bobbin: a value of AMP has 1 to 65535 bytes");
  using Unit = std::remove_const_t<typename View::value_type>;

 public:
  Held() = default;
  // Asserts that it is not too long.
  Held(View view) {
    const bool fits = assign(view);
    BOBBIN_ASSERT(fits);
  }
  Held(const char* text) requires std::same_as<View, std::string_view> : Held(View(text)) {}

  // False, and nothing changes, if it is too long.
  [[nodiscard]] bool assign(View view) {
    if (view.size() > n) return false;
    std::copy(view.begin(), view.end(), units_.begin());
    size_ = static_cast<std::uint16_t>(view.size());
    return true;
  }

  View view() const { return View(units_.data(), size_); }
  operator View() const { return view(); }

 private:
  std::array<Unit, n> units_{};
  std::uint16_t size_ = 0;
};

template <std::size_t n>
using Text = Held<std::string_view, n>;
template <std::size_t n>
using Octets = Held<Bytes, n>;

// Up to n values.
template <class T, std::size_t n>
class List {
 public:
  List() = default;
  List(std::initializer_list<T> values) {
    for (const T& value : values) {
      const bool fits = push_back(value);
      BOBBIN_ASSERT(fits);
    }
  }

  // False, and nothing changes, if it is full.
  [[nodiscard]] bool push_back(const T& value) {
    if (size_ == n) return false;
    values_[size_++] = value;
    return true;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](std::size_t index) const {
    BOBBIN_ASSERT(index < size_);
    return values_[index];
  }
  const T* begin() const { return values_.data(); }
  const T* end() const { return values_.data() + size_; }

 private:
  std::array<T, n> values_{};
  std::uint16_t size_ = 0;
};

// A number with so many places behind the point: `Fixed<3>{1500}` is 1.5. What comes with more
// places is rounded, what is too large refused, as are `inf` and `nan`.
template <unsigned places>
struct Fixed {
  static_assert(places <= 18, "bobbin: a Fixed has at most 18 places behind the point");

  std::int64_t units = 0;

  static constexpr std::int64_t one = [] {
    std::int64_t power = 1;
    for (unsigned i = 0; i < places; ++i) power *= 10;
    return power;
  }();

  friend bool operator==(const Fixed&, const Fixed&) = default;
};

// A moment, and by how much the clock was ahead of UTC that showed it there. What comes is on the
// clock of the years 1 to 9999, and less than a day ahead or behind; a box with another moment is
// refused as one that is too long is: `ask` returns message_too_long.
struct DateTime {
  std::chrono::sys_time<std::chrono::microseconds> time{};
  std::chrono::minutes offset{};

  friend bool operator==(const DateTime&, const DateTime&) = default;
};

// `put` writes a value as it stands in a box, `get` reads it: false if it is none. `size_max` is
// the most bytes it takes; `owns` says that it needs nothing outside of itself.
template <class T>
struct Value;

// What stands in a list as a box of its own, see command.hpp: a struct that names its fields.
template <class T>
concept Record = requires {
  T::fields;
};

namespace detail {

void put_signed(BoxSink& sink, std::int64_t number);
void put_unsigned(BoxSink& sink, std::uint64_t number);
bool get_signed(Bytes bytes, std::int64_t& number);
bool get_unsigned(Bytes bytes, std::uint64_t& number);
void put_double(BoxSink& sink, double number);
bool get_double(Bytes bytes, double& number);
void put_fixed(BoxSink& sink, std::int64_t units, unsigned places);
bool get_fixed(Bytes bytes, std::int64_t& units, unsigned places);
void put_date_time(BoxSink& sink, const DateTime& value);
bool get_date_time(Bytes bytes, DateTime& value);
bool get_text(Bytes bytes, std::string_view& text);
// The next string, or the pairs of the next box, of a list: taken off its front; false if what is
// there is none.
bool take_string(Bytes& list, Bytes& string);
bool take_box(Bytes& list, Bytes& pairs);

// How one value stands in a list: behind its length. `take` takes one off the front, of which `get`
// makes the value.
template <class T>
struct Element {
  static constexpr std::size_t size_max = 2 + Value<T>::size_max;
  static constexpr bool owns = Value<T>::owns;

  static void put(BoxSink& sink, const T& value) {
    BoxLength length;
    Value<T>::put(length, value);
    sink.put_length(length.size());
    Value<T>::put(sink, value);
  }
  static bool take(Bytes& list, Bytes& element) { return take_string(list, element); }
  static bool get(Bytes element, T& value) { return Value<T>::get(element, value); }
};

}  // namespace detail

template <std::integral T>
struct Value<T> {
  static constexpr std::size_t size_max = 20;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, T number) {
    if constexpr (std::is_signed_v<T>) {
      detail::put_signed(sink, number);
    } else {
      detail::put_unsigned(sink, number);
    }
  }

  static bool get(Bytes bytes, T& number) {
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide = 0;
    if constexpr (std::is_signed_v<T>) {
      if (!detail::get_signed(bytes, wide)) return false;
    } else {
      if (!detail::get_unsigned(bytes, wide)) return false;
    }
    number = static_cast<T>(wide);
    return std::in_range<T>(wide);
  }
};

template <>
struct Value<bool> {
  static constexpr std::size_t size_max = 5;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, bool value);
  static bool get(Bytes bytes, bool& value);
};

template <>
struct Value<double> {
  static constexpr std::size_t size_max = 24;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, double number) { detail::put_double(sink, number); }
  static bool get(Bytes bytes, double& number) { return detail::get_double(bytes, number); }
};

template <unsigned places>
struct Value<Fixed<places>> {
  static constexpr std::size_t size_max = 23;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, Fixed<places> number) {
    detail::put_fixed(sink, number.units, places);
  }
  static bool get(Bytes bytes, Fixed<places>& number) {
    return detail::get_fixed(bytes, number.units, places);
  }
};

template <>
struct Value<DateTime> {
  static constexpr std::size_t size_max = 32;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, const DateTime& value) { detail::put_date_time(sink, value); }
  static bool get(Bytes bytes, DateTime& value) { return detail::get_date_time(bytes, value); }
};

template <>
struct Value<std::string_view> {
  static constexpr std::size_t size_max = value_max;
  static constexpr bool owns = false;

  static void put(BoxSink& sink, std::string_view text) { sink.put(text); }
  static bool get(Bytes bytes, std::string_view& text) { return detail::get_text(bytes, text); }
};

template <>
struct Value<Bytes> {
  static constexpr std::size_t size_max = value_max;
  static constexpr bool owns = false;

  static void put(BoxSink& sink, Bytes bytes) { sink.put(bytes); }
  static bool get(Bytes bytes, Bytes& value) {
    value = bytes;
    return true;
  }
};

template <class View, std::size_t n>
struct Value<Held<View, n>> {
  static constexpr std::size_t size_max = n;
  static constexpr bool owns = true;

  static void put(BoxSink& sink, const Held<View, n>& held) { Value<View>::put(sink, held.view()); }
  static bool get(Bytes bytes, Held<View, n>& held) {
    View view;
    return Value<View>::get(bytes, view) && held.assign(view);
  }
};

template <class T, std::size_t n>
struct Value<List<T, n>> {
  static constexpr std::size_t size_max = std::min(value_max, n* detail::Element<T>::size_max);
  static constexpr bool owns = detail::Element<T>::owns;

  static void put(BoxSink& sink, const List<T, n>& list) {
    for (const T& value : list) detail::Element<T>::put(sink, value);
  }
  static bool get(Bytes bytes, List<T, n>& list) {
    list = {};
    while (!bytes.empty()) {
      Bytes element;
      T value{};
      if (!detail::Element<T>::take(bytes, element)) return false;
      if (!detail::Element<T>::get(element, value) || !list.push_back(value)) return false;
    }
    return true;
  }
};

}  // namespace bobbin::amp
