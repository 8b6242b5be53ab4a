// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a line of JSON has at least 64

#include <bobbin/log_lines.hpp>

#ifdef BOBBIN_CONTROL
bobbin::JsonLog<64> make(bobbin::LogSink sink) { return bobbin::JsonLog<64>(sink); }
#else
bobbin::JsonLog<63> make(bobbin::LogSink sink) { return bobbin::JsonLog<63>(sink); }
#endif
