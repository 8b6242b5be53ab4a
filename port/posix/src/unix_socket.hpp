// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <bobbin/address.hpp>
#include <bobbin/error.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/posix/socket_file.hpp>

namespace bobbin {

// The file that a Unix-domain socket was bound to, so that only this one is ever removed, and not
// what somebody has put into its place. Number 0: there is none.
struct SocketFile {
  dev_t device = 0;
  ino_t number = 0;
};
static_assert(sizeof(ino_t) == 8, "bobbin: lstat would not find files with larger numbers");

struct UnixListener {
  int socket = -1;
  SocketFile file;
};

// A listening socket that does not block and is not inherited by programs we start. The caller
// closes it, and removes its file before. Errors: as `PosixReactor::listen_unix`; nothing is left.
Result<UnixListener> open_unix_listener(const Address& name, const ListenOptions& options,
                                        const SocketFileOptions& file);

// As `open_stream_socket`, not connected yet.
Result<int> open_unix_socket();

// Removes the file of a listening socket, if it still is what was bound.
void remove_socket_file(int socket, const SocketFile& file);

}  // namespace bobbin
