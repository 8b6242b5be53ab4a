// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include <bobbin/assert.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// A place in the program. In builds for size the line alone, as with assertions; line 0 is nowhere.
struct Origin {
  const char* file = nullptr;
  std::uint32_t line = 0;

  // What people read before the colon and the line: the file, or, where none is kept, "line".
  constexpr std::string_view place() const { return file != nullptr ? file : "line"; }

#ifdef __OPTIMIZE_SIZE__
  static constexpr Origin here(std::uint32_t line = __builtin_LINE()) { return {nullptr, line}; }
#else
  static constexpr Origin here(const char* file = __builtin_FILE(),
                               std::uint32_t line = __builtin_LINE()) {
    return {file, line};
  }
#endif
};

// An enumeration of the program's own whose enumerators are errors: it has, beside it, a function
// `std::string_view describe(Kind)`.
template <class Kind>
concept ErrorKind = std::is_enum_v<Kind> && !std::same_as<Kind, Errc> && requires(Kind kind) {
  { describe(kind) } -> std::convertible_to<std::string_view>;
};

// Tells the kinds of errors apart, by its address.
struct ErrorDomain {
  std::string_view (*describe)(std::int32_t code);
};

template <ErrorKind Kind>
inline constexpr ErrorDomain domain_of{
    [](std::int32_t code) -> std::string_view { return describe(static_cast<Kind>(code)); }};

// Why there is no result, and where that was found out: Twisted's Failure, as a plain value. It is
// always an error, either an `Errc` or an enumerator of a kind of the program's own.
//
//   enum class Mistake { gibberish, too_long };
//   std::string_view describe(Mistake mistake);
//   ...
//   return Failure(Mistake::gibberish);             // from here, this line
//   if (failure.check(Errc::timed_out, Mistake::gibberish)) ...
class Failure {
 public:
  // `code` is not `ok`. `origin` is left out: it is the place of the call.
  Failure(Errc code, Origin origin = Origin::here()) : Failure(Error(code), origin) {}
  Failure(Error error, Origin origin = Origin::here())
      : Failure(nullptr, error.code, error.native, origin) {
    BOBBIN_ASSERT(bool(error));
  }
  template <ErrorKind Kind>
  Failure(Kind kind, Origin origin = Origin::here())
      : Failure(&domain_of<Kind>, Errc::application_error, static_cast<std::int32_t>(kind),
                origin) {
    static_assert(sizeof(Kind) <= sizeof(std::int32_t),
                  "bobbin: the enumerators of a kind of error fit 32 bits");
  }

  // What is left of it in a register: the code, and for the program's own kinds `application_error`
  // with the enumerator's value, or the nearest that 16 bits have. Neither kind nor origin.
  Error error() const { return {code_, native_}; }

  Origin origin() const { return {file_, line_}; }

  // Whether it is of this kind, and which of it. `as` asserts that it is.
  template <ErrorKind Kind>
  bool is() const {
    return domain_ == &domain_of<Kind>;
  }
  template <ErrorKind Kind>
  Kind as() const {
    BOBBIN_ASSERT(is<Kind>());
    return static_cast<Kind>(native_);
  }

  // Whether it is one of these (Twisted's check).
  template <class... Codes>
  bool check(Codes... codes) const {
    return ((*this == codes) || ...);
  }

  friend bool operator==(const Failure& failure, Errc code) { return failure.code_ == code; }
  template <ErrorKind Kind>
  friend bool operator==(const Failure& failure, Kind kind) {
    return failure.is<Kind>() && failure.native_ == static_cast<std::int32_t>(kind);
  }

  friend std::string_view describe(const Failure& failure) {
    return failure.domain_ == nullptr ? describe(failure.code_)
                                      : failure.domain_->describe(failure.native_);
  }

 private:
  Failure(const ErrorDomain* domain, Errc code, std::int32_t native, Origin origin)
      : code_(code),
        line_(static_cast<std::uint16_t>(origin.line)),
        native_(native),
        domain_(domain),
        file_(origin.file) {}

  Errc code_;
  std::uint16_t line_;
  std::int32_t native_;
  const ErrorDomain* domain_;  // null: the library's own codes
  const char* file_;
};

// What came of something: a value, or the failure in its place. T is a plain value, or void.
template <class T>
class [[nodiscard]] Outcome {
  static_assert(std::is_trivially_copyable_v<T>, "bobbin: an Outcome holds a plain value");

 public:
  Outcome(T value) : value_(value), succeeded_(true) {}
  Outcome(Failure failure) : failure_(failure), succeeded_(false) {}
  Outcome(Errc code, Origin origin = Origin::here()) : Outcome(Failure(code, origin)) {}
  Outcome(Error error, Origin origin = Origin::here()) : Outcome(Failure(error, origin)) {}
  template <ErrorKind Kind>
  Outcome(Kind kind, Origin origin = Origin::here()) : Outcome(Failure(kind, origin)) {}

  explicit operator bool() const { return succeeded_; }

  const T& value() const {
    BOBBIN_ASSERT(succeeded_);
    return value_;
  }
  const T& operator*() const { return value(); }
  const T* operator->() const { return &value(); }

  const Failure& failure() const {
    BOBBIN_ASSERT(!succeeded_);
    return failure_;
  }

 private:
  union {
    T value_;
    Failure failure_;
  };
  bool succeeded_;
};

template <>
class [[nodiscard]] Outcome<void> {
 public:
  Outcome() : failure_(Errc::application_error, Origin()), succeeded_(true) {}
  Outcome(Failure failure) : failure_(failure), succeeded_(false) {}
  // `ok` is a success, as it is of a stage's function.
  Outcome(Errc code, Origin origin = Origin::here()) : Outcome(Error(code), origin) {}
  Outcome(Error error, Origin origin = Origin::here())
      : failure_(error ? Failure(error, origin) : Failure(Errc::application_error, Origin())),
        succeeded_(!error) {}
  template <ErrorKind Kind>
  Outcome(Kind kind, Origin origin = Origin::here()) : Outcome(Failure(kind, origin)) {}

  explicit operator bool() const { return succeeded_; }

  const Failure& failure() const {
    BOBBIN_ASSERT(!succeeded_);
    return failure_;
  }

 private:
  Failure failure_;
  bool succeeded_;
};

}  // namespace bobbin

// Hears of each failure that nobody handled, once, when the Deferred it is in ends. It is the
// product's to define, as `bobbin_assertion_failed` is, and may log or count, see `log_unhandled`;
// core supplies a weak one that does nothing, and the port for Linux one that tells of it on
// standard error. It may be called from inside whatever ends a Deferred, destructors included, and
// must leave Deferreds alone.
extern "C" void bobbin_unhandled_failure(const bobbin::Failure& failure);
