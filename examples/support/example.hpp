// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_BOARD
#include <bobbin/lwip.hpp>
#include <bobbin/mps2/board.hpp>

#include <lwip/opt.h>
#else
#include <bobbin/posix.hpp>

// What a board has: memory that outlives a reset, and last words (see its board.hpp).
#define BOBBIN_NOINIT
extern "C" [[gnu::weak]] void bobbin_last_words();
#endif

// What the examples have in common, so that one source is a host program and a firmware image:
// which reactor it is, the command line (on a board: constants), printing, and the report a board
// gives when its console asks for it.
namespace example {

#ifdef BOBBIN_BOARD
// As many as lwIP was built for, and for each a timer that it holds and one that it may set.
inline constexpr std::size_t connections_max = BOBBIN_LWIP_CONNECTIONS;
using Reactor = bobbin::LwipReactor<bobbin::ReactorSizes{.timers = 2 * connections_max}>;
inline constexpr bool on_board = true;
#else
inline constexpr std::size_t connections_max = 1024;
// One timer for each connection, and those that a reactor has by default.
using Reactor = bobbin::EpollReactor<bobbin::ReactorSizes{.timers = connections_max + 16}>;
inline constexpr bool on_board = false;
#endif

struct Options {
  bobbin::Address address;
  int backlog = 128;
  std::optional<std::uint32_t> mode{};  // of a socket's file
};

// The default port of the example: where it listens when nobody says otherwise.
extern const std::uint16_t default_port;

// The example. `main`, in host_main.cpp or board_main.cpp, makes the reactor and calls it; what it
// returns is the exit status.
int run(Reactor& reactor, const Options& options);

#ifndef BOBBIN_BOARD
// The options of an example that has its own: whether this is one, and how the usage tells of them.
[[gnu::weak]] bool take_option(std::string_view name, const char* value);
[[gnu::weak]] const char* own_options();
#endif

// Where lines go: on a host standard output and standard error, on a board its console.
enum class Output : std::uint8_t { results, errors };

void write(Output output, std::string_view text);
void write(Output output, const bobbin::Address& address);
void write(Output output, bobbin::Error error);
void write(Output output, std::uint64_t number);

// Writes the pieces one after the other and ends the line, at once: text, numbers, addresses,
// errors.
template <class... Pieces>
void print(const Pieces&... pieces) {
  (write(Output::results, pieces), ...);
  write(Output::results, "\n");
}

template <class... Pieces>
void print_error(const Pieces&... pieces) {
  (write(Output::errors, pieces), ...);
  write(Output::errors, "\n");
}

#ifndef BOBBIN_BOARD
// Lets the program have as many descriptors as the administrator allows.
void allow_descriptors();
#endif

// On a board, the console's `r` prints a report and its `q` stops the reactor, for as long as this
// object lives. On a host there are signals, and it does nothing.
class Console {
 public:
  Console(Reactor& reactor, const bobbin::ConnectionPool* connections);
  ~Console();

 private:
  void obey();

  Reactor& reactor_;
  const bobbin::ConnectionPool* connections_;
};

// Tells of each Error that a callback of the reactor's returns: on a host in a log on standard
// error, on a board in a line on its console.
void report_errors(Reactor& reactor);

// Listens with `port` where the options say, prints "listening on ADDRESS:PORT", and runs, with a
// Console, until the reactor is stopped. Returns the exit status: 0, or 1 if it could not listen,
// which it then says.
int serve(Reactor& reactor, const Options& options, bobbin::ListeningPort& port,
          const bobbin::ListenOptions& listen_options = {});
int serve(Reactor& reactor, const Options& options, bobbin::DatagramPort& port);

// Prints how far the reactor's fixed capacities, and the connections if there are any, are and were
// used.
void report(const Reactor& reactor, const bobbin::ConnectionPool* connections);

}  // namespace example
