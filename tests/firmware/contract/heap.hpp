// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

// The heap of this test's image, for the suite's strings, vectors and functions. The library under
// test has none.
namespace heap {

inline constexpr std::size_t size = 1024 * 1024;

std::size_t used_at_most();

}  // namespace heap
