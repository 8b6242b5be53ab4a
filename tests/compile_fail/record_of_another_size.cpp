// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: to 'bobbin::RecordReceiver<4>::Record'

#include <array>

#include <bobbin/net.hpp>

#ifdef BOBBIN_CONTROL
constexpr std::array<std::byte, 4> answer{};
#else
constexpr std::array<std::byte, 5> answer{};
#endif

struct Sink final : bobbin::RecordReceiver<4> {
  bobbin::Taken record_received(Record) override { return bobbin::taken_if(send_record(answer)); }
};

Sink sink;
