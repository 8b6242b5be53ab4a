// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a UdpPort receives datagrams of at least 1 byte

#include <bobbin/udp.hpp>

#ifdef BOBBIN_CONTROL
using Port = bobbin::UdpPort<1>;
#else
using Port = bobbin::UdpPort<0>;
#endif
Port* make(bobbin::DatagramProtocol& protocol, void* place) { return new (place) Port(protocol); }
