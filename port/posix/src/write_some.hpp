// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <string_view>

namespace bobbin {

// Writes text for people, and returns how much of it: what is left when nobody takes it is dropped,
// and so is what would have to be waited for.
std::size_t write_some(int descriptor, std::string_view text);

}  // namespace bobbin
