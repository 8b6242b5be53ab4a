// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/error.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/posix/socket_options.hpp>

namespace bobbin {

// What the channels and acceptors of stream sockets have to tell apart.
enum class SocketKind : std::uint8_t { tcp, unix_domain };

// TCP sockets that do not block and are not inherited by programs we start. The caller closes them.
// Errors: as `error_of` and `set_socket_options`; not_supported for the Unix family.
Result<int> open_listening_socket(const Address& address, const ListenOptions& options,
                                  const SocketOptions& socket_options);
Result<int> open_stream_socket(const Address& destination, const SocketOptions& options);

// Errors: invalid_argument, and nothing has changed; no_capacity where the system allows only
// smaller buffers.
Error set_socket_options(int socket, SocketKind kind, const SocketOptions& options);

// What kind a socket of the caller's is, if it is one that listens, or is connected. Errors:
// invalid_argument for what is neither, not_supported for another family or protocol. It is not
// changed.
enum class SocketRole : std::uint8_t { listening, connected };
Result<SocketKind> kind_of(int socket, SocketRole role);

// As the ones we open are: it does not block, and programs we start do not inherit it.
void adopt_socket(int socket);

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
