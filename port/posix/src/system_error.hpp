// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/error.hpp>

namespace bobbin {

// What a failed system call's errno means where something is opened, with the number as `native`.
Error error_of(int number);

// The same where a connection could not be made.
Error failed_connect_for(int number);

// The same where a connection that was made has ended.
Error lost_for(int number);

}  // namespace bobbin
