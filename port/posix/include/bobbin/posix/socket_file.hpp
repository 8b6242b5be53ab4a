// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin {

// The file of a Unix-domain socket that listens at a path. Abstract names have none.
struct SocketFileOptions {
  // Its permission bits, whatever the process's umask is: who may write to it may connect. They
  // hold before anybody can.
  std::uint32_t mode = 0600;

  // A socket's file that is there already is removed, if nobody listens at it: what a program that
  // crashed has left. To find out it is connected to; whoever does listen there sees a connection
  // that ends at once. Anything but a socket stays, and is address_in_use.
  //
  // Programs that do this in one directory wait for each other (by flock on the directory, which
  // they must be able to read), so that none takes the other's fresh file for an old one. Somebody
  // who does not, and is between bind and listen at that moment, would lose his file.
  bool remove_stale = false;
};

}  // namespace bobbin
