// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/failure.hpp>

extern "C" [[gnu::weak]] void bobbin_unhandled_failure(const bobbin::Failure&) {}
