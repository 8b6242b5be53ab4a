// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
//
// reverser PORT [OTHER]: serves on PORT, and first has the reverser on port OTHER try a word.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <bobbin/posix.hpp>

#include "reverser.hpp"

namespace {

std::size_t print(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stderr);
}

// Where failures go that nobody handles. It is this program's business that there is but one.
bobbin::LogPublisher* the_log = nullptr;

bobbin::Address local(const char* port) {
  return bobbin::Address::loopback(static_cast<std::uint16_t>(std::atoi(port)));
}

}  // namespace

void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  if (the_log != nullptr) log_unhandled(bobbin::Logger(*the_log, "reverser"), failure);
}

int main(int count, char** arguments) {
  if (count < 2) return 2;
  bobbin::EpollReactor<> reactor;
  bobbin::LogPublisher log(reactor);
  bobbin::TextLog<200> lines(print);
  log.add(lines);
  the_log = &log;

  static bobbin::TcpServer<Reverser, {.connections = 8, .receive = 512, .send = 1024}> server;
  Question question{"live", {}};
  AskingClient client(question);
  if (count > 2 && reactor.connect_tcp(local(arguments[2]), client)) return 1;
  if (reactor.stop_on_signals() || reactor.listen_tcp(local(arguments[1]), server)) return 1;
  std::printf("serving on port %u\n", unsigned{server.host().port()});
  std::fflush(stdout);
  const bool failed = bool(reactor.run());
  question.answered.reset();
  the_log = nullptr;
  return failed ? 1 : 0;
}
