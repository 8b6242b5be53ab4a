// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <string_view>

namespace bobbin {

// Writes text for people, and returns how much of it: what is left when nobody takes it is dropped.
// So is, where the descriptor does not block, what would have to be waited for; one that blocks is
// waited for, as by any program that writes there.
std::size_t write_some(int descriptor, std::string_view text);

}  // namespace bobbin
