// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a history has room for something

#include <bobbin/log_history.hpp>

#ifdef BOBBIN_CONTROL
bobbin::HistoryStorage<1> storage;
#else
bobbin::HistoryStorage<0> storage;
#endif
