// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "program.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace bench {

namespace {

[[noreturn]] void refuse(const char* word) {
  std::fprintf(stderr, "not an option with a number: %s\n", word);
  std::exit(2);
}

}  // namespace

Options::Options(int count, char** values) {
  for (int i = 1; i < count; i += 2) {
    const std::string name = values[i];
    if (name.rfind("--", 0) != 0 || i + 1 == count) refuse(values[i]);
    const char* const text = values[i + 1];
    const char* const end = text + std::strlen(text);
    std::size_t number = 0;
    const auto parsed = std::from_chars(text, end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) refuse(text);
    numbers_[name.substr(2)] = number;
  }
}

std::size_t Options::number(const std::string& name, std::size_t otherwise) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? otherwise : found->second;
}

ServerOptions::ServerOptions(const Options& options)
    : port(static_cast<std::uint16_t>(options.number("port", 0))),
      connections(options.number("connections", 1024)),
      receive(options.number("receive", 64 * 1024)),
      send(options.number("send", 64 * 1024)) {}

bool allow_descriptors(std::size_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed;
}

void end_on_sigterm() {
  std::signal(SIGTERM, [](int) { _exit(0); });
}

void announce(std::uint16_t port) {
  std::printf("listening on 127.0.0.1:%u\n", unsigned{port});
  std::fflush(stdout);
}

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::int64_t monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace bench
