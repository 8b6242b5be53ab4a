// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// All protocols above a transport, and what messages are read with.
#include <bobbin/net/endpoint.hpp>
#include <bobbin/net/framed_protocol.hpp>
#include <bobbin/net/json.hpp>
#include <bobbin/net/json_writer.hpp>
#include <bobbin/net/line_receiver.hpp>
#include <bobbin/net/netstring_receiver.hpp>
#include <bobbin/net/prefixed_string_receiver.hpp>
#include <bobbin/net/record_receiver.hpp>
#include <bobbin/net/stateful_protocol.hpp>
