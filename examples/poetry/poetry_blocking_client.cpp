// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Gets poems one after the other, with nothing but the system's sockets, for contrast: it is as
// simple as the coroutine, and waits for each server's slowness in turn.

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "arguments.hpp"
#include "program.hpp"

namespace {

using namespace poetry;

// What the system knows of a host, which may take a while too.
class Addresses {
 public:
  explicit Addresses(const Server& server) {
    std::string host(server.host);
    if (host.front() == '[') host = host.substr(1, host.size() - 2);
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    code_ = getaddrinfo(host.c_str(), std::to_string(server.port).c_str(), &wanted, &first_);
  }
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  ~Addresses() {
    if (first_ != nullptr) freeaddrinfo(first_);
  }

  const addrinfo* first() const { return first_; }
  std::string_view trouble() const { return gai_strerror(code_); }

 private:
  addrinfo* first_ = nullptr;
  int code_;
};

// A socket that waits no longer than `patience` for each answer; negative, with errno, if it cannot
// be connected.
int connected_socket(const addrinfo& address, Duration patience) {
  const int number = socket(address.ai_family, SOCK_STREAM, 0);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval limit{.tv_sec = microseconds / 1'000'000, .tv_usec = microseconds % 1'000'000};
  // For connecting too.
  setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(number, address.ai_addr, address.ai_addrlen) == 0) return number;
  const int why = errno;
  close(number);
  errno = why;
  return -1;
}

// To the first of its addresses that answers.
int connected_socket(const Addresses& server, Duration patience) {
  int number = -1;
  for (const addrinfo* each = server.first(); each != nullptr && number < 0; each = each->ai_next) {
    number = connected_socket(*each, patience);
  }
  return number;
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

bool get_poem(const Addresses& server, Duration patience, Poem& poem) {
  const int number = connected_socket(server, patience);
  if (number < 0) return false;
  const bool whole = read_poem(number, poem);
  const int why = errno;
  close(number);
  errno = why;
  return whole;
}

// The exit status.
int complain_of(const Server& server, std::string_view why) {
  example::print_error("no poem from ", server, ": ", why);
  return 1;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments(count, words);
  const Duration patience = arguments.seconds("--timeout", 60s);
  Server servers[poems_max];
  std::size_t wanted = 0;
  do {
    servers[wanted++] = arguments.server();
  } while (arguments.more() && wanted < poems_max);
  if (!arguments.all_taken()) return arguments.usage("[--timeout SECONDS] [HOST:]PORT ...");

  static Poem poem;
  int status = 0;
  for (const Server& server : std::span(servers).first(wanted)) {
    const Addresses addresses(server);
    poem.want_from({});
    if (addresses.first() == nullptr) {
      status = complain_of(server, addresses.trouble());
    } else if (get_poem(addresses, patience, poem)) {
      write(example::Output::results, poem.text());
    } else {
      status = complain_of(server, strerror(errno));
    }
  }
  return status;
}
