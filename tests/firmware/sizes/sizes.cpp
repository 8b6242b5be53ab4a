// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip.hpp>

// What objects take on this machine: arrays of their size, which `make size` reads from the
// symbols.
extern "C" {
char size_of_connection_without_buffers[sizeof(bobbin::Transport)];
char size_of_listening_port[sizeof(bobbin::ListeningPort)];
char size_of_connector[sizeof(bobbin::Connector)];
char size_of_udp_port_without_buffer[sizeof(bobbin::DatagramPort)];
char size_of_looping_call[sizeof(bobbin::LoopingCall)];
char size_of_callback[sizeof(bobbin::Callback)];
char size_of_lwip_reactor_of_default_sizes[sizeof(bobbin::LwipReactor<>)];
char size_of_each_timer[sizeof(bobbin::TimerStorage<1>)];
char size_of_each_posted_call[sizeof(bobbin::PostedCalls::Place)];
}

static_assert(sizeof(bobbin::Transport) <= 112, "a connection has become larger than promised");
