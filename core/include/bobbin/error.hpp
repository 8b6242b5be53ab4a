// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <bobbin/assert.hpp>

namespace bobbin {

enum class Errc : std::uint8_t {
  ok,

  // Why a connection ended (`connection_lost`).
  connection_done,     // clean: ended in order by either side, everything written was sent
  connection_lost,     // reset by the peer or broken by the network
  connection_aborted,  // ended by us without flushing: `abort_connection`, or the reactor stopped
  message_too_long,    // the receive buffer is full of bytes the protocol cannot use; or
                       // nobody carries a datagram of this length
  timed_out,           // the peer answers no more; or it never did, see below
  evicted,             // idle for long, its place was given to another: `WhenFull::evict`

  // Why a connection was never made (`client_connection_failed`); also `timed_out`.
  connection_refused,
  unreachable,
  unknown_host,  // its name stands for no address
  cancelled,

  // Something ran out. Nothing was lost; the same call may succeed later.
  no_capacity,
  would_block,

  // The caller asked for something that cannot be.
  invalid_argument,
  already_registered,
  already_running,
  not_running,
  not_restartable,
  not_supported,
  address_in_use,
  address_not_available,
  permission_denied,

  system_error,       // see `Error::native`
  application_error,  // one of the program's own kinds, see `Failure`
};

// A short lower-case sentence, in static storage: "connection refused".
std::string_view describe(Errc code);

// An error as a value. `native` is the platform's own number (errno, lwIP's err_t), or 0; it is for
// people and logs, never for decisions. Range: 16 bits, so that an Error is returned in a register;
// a number beyond is the nearest within, and not another's. A Failure keeps 32.
struct [[nodiscard]] Error {
  Errc code = Errc::ok;
  std::int16_t native = 0;

  constexpr Error() = default;
  constexpr Error(Errc code_in, std::int32_t native_in = 0)
      : code(code_in), native(nearest(native_in)) {}

  // True when this is an error, so that `if (Error error = f())` reads as it should.
  constexpr explicit operator bool() const { return code != Errc::ok; }

  friend constexpr bool operator==(Error error, Errc other) { return error.code == other; }

 private:
  static constexpr std::int16_t nearest(std::int32_t number) {
    if (number > INT16_MAX) return INT16_MAX;
    if (number < INT16_MIN) return INT16_MIN;
    return static_cast<std::int16_t>(number);
  }
};
static_assert(sizeof(Error) == 4);

inline std::string_view describe(Error error) { return describe(error.code); }

// A value or the reason there is none. T is a small plain value: a count, a handle, a pointer.
template <class T>
class [[nodiscard]] Result {
  static_assert(std::is_trivially_copyable_v<T>, "bobbin: a Result holds a plain value");

 public:
  constexpr Result(T value) : value_(value) {}
  constexpr Result(Error error) : error_(error) { BOBBIN_ASSERT(bool(error)); }
  constexpr Result(Errc code) : Result(Error(code)) {}

  constexpr explicit operator bool() const { return !error_; }
  constexpr Error error() const { return error_; }

  constexpr const T& value() const {
    BOBBIN_ASSERT(!error_);
    return value_;
  }
  constexpr const T& operator*() const { return value(); }
  constexpr const T* operator->() const { return &value(); }

 private:
  T value_{};
  Error error_;
};

}  // namespace bobbin
