// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <bobbin/amp/values.hpp>
#include <bobbin/failure.hpp>

// What two peers say to each other, as types. A command is a name, what it asks with, what it is
// answered with, and how it may fail:
//
//   struct Divide {
//     static constexpr std::string_view name = "Divide";
//     struct Arguments {
//       std::int32_t numerator = 0;
//       std::int32_t denominator = 0;
//       static constexpr std::tuple fields{amp::Field("numerator", &Arguments::numerator),
//                                          amp::Field("denominator", &Arguments::denominator)};
//     };
//     struct Response {
//       double result = 0;
//       static constexpr std::tuple fields{amp::Field("result", &Response::result)};
//     };
//     static constexpr amp::ErrorCode<Mistake> errors[] = {{Mistake::zero, "ZERO_DIVISION"}};
//   };
//
// `Arguments` or `Response` without any is `amp::Nothing`; `errors` may be left out. The kind of
// the errors is an enumeration of the program's, see Failure, or Errc.
namespace bobbin::amp {

template <class Struct, class T>
struct Field {
  constexpr Field(std::string_view name_in, T Struct::*member_in)
      : name(name_in), member(member_in) {}

  std::string_view name;
  T Struct::*member;
};

struct Nothing {
  static constexpr std::tuple<> fields{};
};

// What an error is called on the wire, in up to `error_code_max` bytes.
template <class Kind>
struct ErrorCode {
  Kind kind;
  std::string_view code;
};
inline constexpr std::size_t error_code_max = 32;

// How a question fails beyond what its command says: a Failure's kind.
enum class Fault : std::uint8_t {
  unhandled_command,  // the peer has nobody who answers it (UNHANDLED)
  unknown_error,      // the peer failed with a code that the command does not know
  bad_answer,         // there was an answer, but not of what the command is answered with
  bad_box,            // what came from the peer is nothing of AMP: the connection was ended
};
std::string_view describe(Fault fault);

namespace detail {

template <class T>
struct Optional {
  using Value = T;
  static constexpr bool is = false;
};
template <class T>
struct Optional<std::optional<T>> {
  using Value = T;
  static constexpr bool is = true;
};

template <class T>
void put_field(BoxSink& sink, std::string_view name, const T& value) {
  if constexpr (Optional<T>::is) {
    if (value) put_field(sink, name, *value);
  } else {
    sink.put_key(name);
    Element<T>::put(sink, value);
  }
}

template <class T>
bool get_field(const Box& box, std::string_view name, T& value) {
  const std::optional<Bytes> bytes = box.find(name);
  if constexpr (Optional<T>::is) {
    value.reset();
    return !bytes || Value<typename T::value_type>::get(*bytes, value.emplace());
  } else {
    return bytes && Value<T>::get(*bytes, value);
  }
}

template <class F>
struct FieldTraits;
template <class Struct, class T>
struct FieldTraits<Field<Struct, T>> {
  static constexpr std::size_t value_size_max = Value<typename Optional<T>::Value>::size_max;
  static constexpr bool owns = Value<typename Optional<T>::Value>::owns;
};

constexpr bool is_key(std::string_view name) {
  return !name.empty() && name.size() <= key_max && name[0] != '_';
}

}  // namespace detail

// Whether the names of a struct's fields can be keys of a box: of 1 to 255 bytes, and without the
// underscore in front that AMP's own have.
template <class Struct>
constexpr bool has_good_names() {
  return std::apply([](const auto&... field) { return (detail::is_key(field.name) && ...); },
                    Struct::fields);
}

// Whether it holds no views.
template <class Struct>
constexpr bool owns_its_values() {
  return std::apply([]<class... F>(const F&...) { return (detail::FieldTraits<F>::owns && ...); },
                    Struct::fields);
}

// The most bytes its pairs take.
template <class Struct>
constexpr std::size_t pairs_size_max() {
  return std::apply(
      []<class... F>(const F&... field) {
        return (std::size_t{0} + ... +
                (field.name.size() + detail::FieldTraits<F>::value_size_max + 4));
      },
      Struct::fields);
}

// A struct's values as pairs.
template <class Struct>
void put_fields(BoxSink& sink, const Struct& values) {
  static_assert(has_good_names<Struct>(),
                "bobbin: the name of a field has 1 to 255 bytes and does not begin with '_'");
  std::apply(
      [&](const auto&... field) {
        (detail::put_field(sink, field.name, values.*field.member), ...);
      },
      Struct::fields);
}

// The values of a box, which are views of it where they are views. The name of the first that is
// missing or is none of its type; empty if all are there. Keys that are no field's are passed over.
template <class Struct>
std::string_view get_fields(const Box& box, Struct& values) {
  std::string_view bad;
  std::apply(
      [&](const auto&... field) {
        static_cast<void>(((detail::get_field(box, field.name, values.*field.member) ||
                            (bad = field.name, false)) &&
                           ...));
      },
      Struct::fields);
  return bad;
}

namespace detail {

// As a box of its own, whose pairs are its fields.
template <Record T>
struct Element<T> {
  static constexpr std::size_t size_max = pairs_size_max<T>() + 2;
  static constexpr bool owns = owns_its_values<T>();

  static void put(BoxSink& sink, const T& record) {
    put_fields(sink, record);
    sink.put_end();
  }
  static bool take(Bytes& list, Bytes& pairs) { return take_box(list, pairs); }
  static bool get(Bytes pairs, T& record) { return get_fields(Box(pairs), record).empty(); }
};

}  // namespace detail

}  // namespace bobbin::amp
