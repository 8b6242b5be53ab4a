// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

// What the programs of the bench have in common.
namespace bench {

// The command line: pairs of a name and a number, `--port 0`. A name that is not asked for later is
// not noticed; anything that is not such a pair ends the program with status 2.
class Options {
 public:
  Options(int count, char** values);

  std::size_t number(const std::string& name, std::size_t otherwise) const;

 private:
  std::map<std::string, std::size_t> numbers_;
};

// What every echo server is told.
struct ServerOptions {
  explicit ServerOptions(const Options& options);

  std::uint16_t port;
  std::size_t connections;  // at most so many at a time, for servers that want to know
  std::size_t receive;      // bytes of the buffer that is read into
  std::size_t send;         // bytes a connection may hold unsent, where that is bounded
};

constexpr int backlog = 1024;

// As many descriptors as the administrator allows; false if those are fewer than `needed`.
bool allow_descriptors(std::size_t needed);

// Ends the program in order when a SIGTERM comes. bobbin has its own way.
void end_on_sigterm();

// Prints "listening on 127.0.0.1:PORT" for those who wait for it.
void announce(std::uint16_t port);

// Of a bound IPv4 socket.
std::uint16_t port_of(int socket);

// Says what failed, with errno's text, and ends the program with status 1.
[[noreturn]] void fail(const char* what);

std::int64_t monotonic_ns();

}  // namespace bench
