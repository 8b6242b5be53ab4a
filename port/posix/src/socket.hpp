// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/error.hpp>
#include <bobbin/listening_port.hpp>

namespace bobbin {

// What the channels and acceptors of stream sockets have to tell apart.
enum class SocketKind : std::uint8_t { tcp, unix_domain };

// TCP sockets that do not block and are not inherited by programs we start. The caller closes them.
// Errors: as `error_of`; not_supported for the Unix family.
Result<int> open_listening_socket(const Address& address, const ListenOptions& options);
Result<int> open_stream_socket(const Address& destination);

// What kind a socket of the caller's is, if it is one that listens, or is connected. Errors:
// invalid_argument for what is neither, not_supported for another family or protocol. It is not
// changed.
enum class SocketRole : std::uint8_t { listening, connected };
Result<SocketKind> kind_of(int socket, SocketRole role);

// Makes it what the ones we open are: it does not block, programs we start do not inherit it, and
// it has our options.
void adopt_socket(int socket, SocketKind kind);

// 0 when connected or on the way, else errno.
int connect_socket(int socket, const Address& destination);

// False with errno set.
bool set_option(int socket, int level, int name, int value = 1);

// 0.0.0.0:0 when the system does not say, as for the peer of a connection that was reset.
Address host_of(int socket);
Address peer_of(int socket);

// What went wrong with a socket since this was last asked, as errno; 0 if nothing did.
int take_error(int socket);

}  // namespace bobbin
