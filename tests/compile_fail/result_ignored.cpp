// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: unused-result

#include <bobbin/error.hpp>

bobbin::Result<int> attempt();

void caller() {
#ifdef BOBBIN_CONTROL
  static_cast<void>(attempt());
#else
  attempt();
#endif
}
