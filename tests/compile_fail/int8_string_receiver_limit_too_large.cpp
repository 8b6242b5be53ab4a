// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the prefix cannot tell of a length_max as large as this

#include <bobbin/net.hpp>

#ifdef BOBBIN_CONTROL
using Base = bobbin::Int8StringReceiver<255>;
#else
using Base = bobbin::Int8StringReceiver<256>;
#endif

struct Sink final : Base {
  bobbin::Taken string_received(bobbin::Bytes) override { return bobbin::Taken::yes; }
};

Sink sink;
