// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/config.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

template <class Signature, std::size_t capacity = config::callback_bytes>
class InplaceFunction;

// A function object held in place. It owns nothing: captures are references, pointers and plain
// values, so it is copied as bytes and destroyed by forgetting it. What is too large or owns
// something does not compile.
template <class R, class... Arguments, std::size_t capacity>
class InplaceFunction<R(Arguments...), capacity> {
 public:
  InplaceFunction() = default;

  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, InplaceFunction>)
      InplaceFunction(F function) {  // NOLINT(google-explicit-constructor): as std::function
    static_assert(std::is_invocable_v<F&, Arguments...>,
                  "bobbin: this function does not take the arguments the callback is called with");
    static_assert(sizeof(F) <= capacity,
                  "bobbin: the capture is too large for this callback; capture a pointer to the "
                  "object that holds the data, or raise BOBBIN_CALLBACK_BYTES");
    static_assert(alignof(F) <= alignof(std::uint64_t), "bobbin: the capture is over-aligned");
    static_assert(std::is_trivially_copyable_v<F> && std::is_trivially_destructible_v<F>,
                  "bobbin: a callback owns nothing; capture pointers, references and plain values");
    std::construct_at(reinterpret_cast<F*>(storage_), function);
    invoke_ = &invoke<F>;
  }

  explicit operator bool() const { return invoke_ != nullptr; }

  R operator()(Arguments... arguments) {
    BOBBIN_ASSERT(invoke_ != nullptr);
    return invoke_(storage_, std::forward<Arguments>(arguments)...);
  }

 private:
  template <class F>
  static R invoke(std::byte* storage, Arguments... arguments) {
    F& function = *std::launder(reinterpret_cast<F*>(storage));
    using Returned = std::invoke_result_t<F&, Arguments...>;
    if constexpr (std::is_void_v<R> || std::is_convertible_v<Returned, R>) {
      return static_cast<R>(function(std::forward<Arguments>(arguments)...));
    } else {
      static_assert(std::is_void_v<Returned>,
                    "bobbin: this callback returns nothing or what its signature says");
      function(std::forward<Arguments>(arguments)...);
      return R{};
    }
  }

  // Storage first: on a 32-bit machine its eight-byte alignment then costs no padding.
  alignas(std::uint64_t) std::byte storage_[capacity];
  R (*invoke_)(std::byte*, Arguments...) = nullptr;
};

// What timers, posted calls and triggers run. It may return nothing, or an Error that the reactor
// reports (`Reactor::on_error`) before it goes on.
using Callback = InplaceFunction<Error()>;

}  // namespace bobbin
