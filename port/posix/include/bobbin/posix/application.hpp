// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/log.hpp>
#include <bobbin/posix/command_line.hpp>
#include <bobbin/posix/pid_file.hpp>
#include <bobbin/posix/posix_reactor.hpp>
#include <bobbin/posix/privileges.hpp>
#include <bobbin/posix/process_one.hpp>
#include <bobbin/top_service.hpp>

namespace bobbin {

struct ApplicationInfo {
  std::string_view name;
  std::string_view version;
  std::string_view summary;  // one line of help
  // The program's own options, beside those of every Application.
  std::span<CommandLineOption> options = {};
  // What help calls the words that are no options, such as "FILE...", and who takes each. Without
  // a function there must be none.
  std::string_view arguments = {};
  CommandLineOption::Set argument = {};
};

// How an Application ends. One that is ended by a second signal ends with 128 + its number.
enum class ExitStatus : std::uint8_t {
  done = 0,    // it was to end: by a signal, or by itself
  failed = 1,  // it could not start, a service failed, or did not stop in time
  usage = 2,   // the command line makes no sense
};

// Runs services as a program of a host does (Twisted's twist): command line, log on standard error,
// pid file, privileges that are given up once ports are bound, and an orderly stop.
//
//   int main(int count, char** values) {
//     static EpollReactor<> reactor;
//     static Application application(reactor, {.name = "echod", .version = "1.0", ...});
//     if (const auto status = application.parse(count, values)) return *status;
//     static TopService services(reactor, application.log());
//     ...
//     return application.run(services);
//   }
//
// The first SIGINT or SIGTERM stops the services in order. The next one ends the process at once,
// whatever it is doing, also where it is process 1 of a container and the kernel would ignore
// signals without a handler. As process 1 it also does what a ProcessOne does, from before services
// are prepared until they have stopped.
//
// From `parse` on, and as long as it lives, failures that nobody handled in its thread are logged,
// unless the program has its own `bobbin_unhandled_failure`. One Application for each thread.
class Application {
 public:
  Application(PosixReactor& reactor, const ApplicationInfo& info);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // Reads the command line, of which the program's options hear meanwhile. Nothing: go on. Else the
  // status to end with: it was asked for help or its version, and has told; or there was a mistake,
  // of which it has told on standard error. `values` outlives this.
  std::optional<int> parse(int count, char* const* values);

  // Runs the services until they have stopped and returns the status to end with. Once, and before
  // there are other threads, which would get the signals. In this order: signals are caught, the
  // pid file is made, services are prepared, privileges given up, services started; at the end the
  // pid file is removed.
  int run(TopService& services);

  // Events go to standard error as the command line says: as text or JSON, of some level and above.
  LogPublisher& publisher() { return publisher_; }

  // Of the namespace that is the program's name.
  const Logger& log() const { return log_; }

 private:
  enum class Wish : std::uint8_t { run, help, version };

  int refuse(CommandLine::Outcome outcome, std::string_view word) const;
  void print_help() const;
  void set_log();
  Error hold_pid_file();
  Error catch_signals();
  void let_go_of_signals();
  Error set_stop_within(std::string_view seconds);
  Error set_level(std::string_view name);
  Error set_format(std::string_view name);

  PosixReactor& reactor_;
  ApplicationInfo info_;
  LogPublisher publisher_;
  Logger log_;
  TextLog<512> text_;
  JsonLog<1024> json_;
  LogFilter<1> text_filter_;
  LogFilter<1> json_filter_;
  bool as_json_ = false;
  LogLevel level_ = LogLevel::info;
  Wish wish_ = Wish::run;
  Identity identity_;
  const char* pid_path_ = nullptr;
  PidFile pid_file_;
  ProcessOne process_one_;
  TopService* services_ = nullptr;
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
  std::optional<Duration> stop_within_;
  CommandLineOption options_[9];
};

}  // namespace bobbin
