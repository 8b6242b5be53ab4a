// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a line of text has at least 16

#include <bobbin/log_lines.hpp>

#ifdef BOBBIN_CONTROL
bobbin::TextLog<16> make(bobbin::LogSink sink) { return bobbin::TextLog<16>(sink); }
#else
bobbin::TextLog<15> make(bobbin::LogSink sink) { return bobbin::TextLog<15>(sink); }
#endif
