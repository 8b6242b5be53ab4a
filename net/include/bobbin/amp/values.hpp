// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
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
//   std::string_view  Unicode, checked to be UTF-8; a view, see Text
//   Bytes             String; a view, see Octets
//   Text<n>           Unicode of up to n bytes, held
//   Octets<n>         String of up to n bytes, held
//   List<T, n>        ListOf, up to n of one of these
//   std::optional<T>  any of these, with optional=True
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

// `put` writes a value as it stands in a box, `get` reads it: false if it is none. `size_max` is
// the most bytes it takes; `owns` says that it needs nothing outside of itself.
template <class T>
struct Value;

namespace detail {

void put_signed(BoxSink& sink, std::int64_t number);
void put_unsigned(BoxSink& sink, std::uint64_t number);
bool get_signed(Bytes bytes, std::int64_t& number);
bool get_unsigned(Bytes bytes, std::uint64_t& number);
void put_double(BoxSink& sink, double number);
bool get_double(Bytes bytes, double& number);
void put_fixed(BoxSink& sink, std::int64_t units, unsigned places);
bool get_fixed(Bytes bytes, std::int64_t& units, unsigned places);
bool get_text(Bytes bytes, std::string_view& text);
// The next string of a list, taken off its front; false if what is there is none.
bool get_element(Bytes& list, Bytes& element);

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
  static constexpr std::size_t size_max = std::min(value_max, n*(Value<T>::size_max + 2));
  static constexpr bool owns = Value<T>::owns;

  static void put(BoxSink& sink, const List<T, n>& list) {
    for (const T& value : list) {
      BoxLength length;
      Value<T>::put(length, value);
      sink.put_length(length.size());
      Value<T>::put(sink, value);
    }
  }
  static bool get(Bytes bytes, List<T, n>& list) {
    while (!bytes.empty()) {
      Bytes element;
      T value{};
      if (!detail::get_element(bytes, element) || !Value<T>::get(element, value)) return false;
      if (!list.push_back(value)) return false;
    }
    return true;
  }
};

}  // namespace bobbin::amp
