// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: line_received

#include <bobbin/net.hpp>

struct Sink final : bobbin::LineReceiver<> {
#ifdef BOBBIN_CONTROL
  bobbin::Taken line_received(bobbin::Bytes) override { return bobbin::Taken::yes; }
#else
  void line_received(bobbin::Bytes) override {}
#endif
};

Sink sink;
