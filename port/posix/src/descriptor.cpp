// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/descriptor.hpp>

#include <unistd.h>

namespace bobbin {

// Linux has freed the number even when close was interrupted: it is never closed twice.
void Descriptor::reset(int number) {
  if (number_ >= 0) ::close(number_);
  number_ = number;
}

}  // namespace bobbin
