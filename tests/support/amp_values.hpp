// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <bobbin/amp.hpp>

namespace bobbin::test {

// A value as it stands in a box; "refused" if no box can hold it.
template <class T>
std::string wire(const T& value) {
  std::array<std::byte, 1024> space;
  amp::BoxBuffer buffer(space);
  amp::Value<T>::put(buffer, value);
  if (buffer.refused()) return "refused";
  return buffer.overflowed() ? "too long" : std::string(text_of(buffer.bytes()));
}

template <class T>
std::optional<T> read(std::string_view text) {
  T value{};
  if (!amp::Value<T>::get(bytes_of(text), value)) return std::nullopt;
  return value;
}

}  // namespace bobbin::test
