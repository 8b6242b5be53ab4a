// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a coroutine needs a frame

#include <bobbin/frame.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Frame<8> frame;
#else
bobbin::Frame<0> frame;
#endif
