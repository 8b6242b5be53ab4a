// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Gets poems one after the other, with nothing but the system's sockets, for contrast: it is as
// simple as the coroutine, and waits for each server's slowness in turn.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "arguments.hpp"
#include "program.hpp"

namespace {

using namespace poetry;

// An address as the system's calls take it.
struct SocketName {
  explicit SocketName(const Address& address) {
    if (address.family() == Address::Family::ip4) {
      ip4.sin_family = AF_INET;
      ip4.sin_port = htons(address.port());
      std::memcpy(&ip4.sin_addr, address.ip4_bytes().data(), sizeof ip4.sin_addr);
      length = sizeof ip4;
    } else {
      ip6 = {};
      ip6.sin6_family = AF_INET6;
      ip6.sin6_port = htons(address.port());
      ip6.sin6_scope_id = address.scope();
      std::memcpy(&ip6.sin6_addr, address.ip6_bytes().data(), sizeof ip6.sin6_addr);
      length = sizeof ip6;
    }
  }

  union {
    sockaddr any;
    sockaddr_in ip4{};
    sockaddr_in6 ip6;
  };
  socklen_t length;
};

// A socket that waits no longer than `patience` for each answer; negative, with errno, if it cannot
// be connected.
int connected_socket(const Address& server, Duration patience) {
  const SocketName name(server);
  const int number = socket(name.any.sa_family, SOCK_STREAM, 0);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval limit{.tv_sec = microseconds / 1'000'000, .tv_usec = microseconds % 1'000'000};
  // For connecting too.
  setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(number, &name.any, name.length) == 0) return number;
  const int why = errno;
  close(number);
  errno = why;
  return -1;
}

// False, with errno, if it did not come to its end.
bool read_poem(int number, Poem& poem) {
  std::byte piece[1024];
  while (true) {
    const ssize_t size = recv(number, piece, sizeof piece, 0);
    if (size == 0) return true;
    if (size < 0) return false;
    if (!poem.add(Bytes(piece, static_cast<std::size_t>(size)))) {
      errno = EMSGSIZE;
      return false;
    }
  }
}

bool get_poem(const Address& server, Duration patience, Poem& poem) {
  const int number = connected_socket(server, patience);
  if (number < 0) return false;
  const bool whole = read_poem(number, poem);
  const int why = errno;
  close(number);
  errno = why;
  return whole;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const Duration patience = arguments.seconds("--timeout", 60s);
  static Poem poems[poems_max];
  std::size_t wanted = 0;
  do {
    poems[wanted++].want_from(arguments.server());
  } while (arguments.more() && wanted < poems_max);
  if (!arguments.all_taken()) return arguments.usage("[--timeout SECONDS] [HOST:]PORT ...");

  int status = 0;
  for (Poem& poem : std::span(poems).first(wanted)) {
    if (get_poem(poem.server(), patience, poem)) {
      write(example::Output::results, poem.text());
    } else {
      example::print_error("no poem from ", poem.server(), ": ", std::string_view(strerror(errno)));
      status = 1;
    }
  }
  return status;
}
