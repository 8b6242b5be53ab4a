// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "histogram.hpp"
#include "message.hpp"

namespace bench {

struct LoadOptions {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t size = 64;      // bytes of a message that is to be echoed
  bool http = false;          // requests, of which those due at once leave together
  std::size_t pipelined = 1;  // messages under way on each connection
  pid_t server = 0;           // whose processor time is counted; 0: nobody's
};

// Says why, and ends the program with status 1.
[[noreturn]] void give_up(const char* reason);

// A socket with a connection to this machine's port; ends the program if there is none.
int connect_to(std::uint16_t port);

// Clients of an echo server, or of one that answers HTTP requests, all in one thread: each
// connection always has `pipelined` messages under way, and sends the next when one has come back.
// Every byte that comes back is compared. What fails ends the program with the reason.
class Load {
 public:
  explicit Load(const LoadOptions& options);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Opens the connections, a few at a time, and carries one message over each and back.
  void connect();

  // Resets every connection, so that none stays behind in TIME_WAIT.
  ~Load();

  // Sends without a pause for so long, or so many messages in all, and waits until everything has
  // come back.
  void run_for(std::int64_t ns);
  void run(std::size_t messages);

  // What was seen since `connect` or `clear` while messages were being sent.
  struct Seen {
    std::uint64_t messages = 0;
    std::int64_t ns = 0;
    std::int64_t server_ns = 0;  // the server's processor time
    Histogram latencies;
  };
  const Seen& seen() const { return seen_; }
  void clear() { seen_ = {}; }

 private:
  struct Connection {
    int socket = -1;
    std::size_t unsent = 0;           // bytes that are due
    std::size_t sent = 0;             // bytes into the message
    std::size_t received = 0;         // bytes into what comes back
    std::size_t first = 0;            // the oldest message under way, in `times`
    std::size_t under_way = 0;        // messages
    std::vector<std::int64_t> times;  // when each was sent, as a ring
  };

  void open(Connection& connection);
  void start(Connection& connection, std::int64_t now);
  void send_due(Connection& connection);
  void receive(Connection& connection);
  void take(Connection& connection, std::size_t bytes);
  void answered(Connection& connection, std::int64_t now);
  void step();
  void run_all();
  std::int64_t server_time() const;

  LoadOptions options_;
  std::vector<Connection> connections_;
  Message message_;
  Message answer_;
  std::vector<char> buffer_;
  int epoll_ = -1;
  std::size_t budget_ = 0;     // messages that may still be sent
  std::size_t under_way_ = 0;  // messages
  std::int64_t until_ = 0;     // when sending stops
  Seen seen_;
};

}  // namespace bench
