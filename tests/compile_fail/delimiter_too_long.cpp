// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a delimiter has 1 to 7 bytes

#include <bobbin/net.hpp>

#ifdef BOBBIN_CONTROL
constexpr bobbin::LineFormat format{.delimiter = "1234567"};
#else
constexpr bobbin::LineFormat format{.delimiter = "12345678"};
#endif

struct Sink final : bobbin::LineReceiver<format> {
  bobbin::Taken line_received(bobbin::Bytes) override { return bobbin::Taken::yes; }
};

Sink sink;
