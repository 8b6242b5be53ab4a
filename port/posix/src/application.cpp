// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/application.hpp>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <limits>

#include "unhandled_failures.hpp"
#include "write_some.hpp"

namespace bobbin {

namespace {

constexpr std::uint32_t id_max = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 is no id

constexpr std::uint32_t stop_within_max_s = 1'000'000;

std::size_t write_log(std::string_view line) { return write_some(STDERR_FILENO, line); }

template <class... Pieces>
void print(int descriptor, const Pieces&... pieces) {
  static_cast<void>((write_some(descriptor, pieces), ...));
}

void print_option(const CommandLineOption& option) {
  constexpr std::string_view spaces = "                        ";
  const std::size_t length = option.name.size() + option.value.size() + 5;
  const std::size_t gap = length < spaces.size() ? spaces.size() - length : 1;
  print(STDOUT_FILENO, "  --", option.name, " ", option.value, spaces.substr(0, gap), option.help,
        "\n");
}

std::string_view complaint(CommandLine::Outcome outcome) {
  switch (outcome) {
    case CommandLine::Outcome::argument: return "there are no arguments: ";
    case CommandLine::Outcome::no_value: return "a value is missing: ";
    case CommandLine::Outcome::no_use: return "takes no value: ";
    case CommandLine::Outcome::wrong_value: return "that value cannot be: ";
    default: return "there is no such option: ";
  }
}

extern "C" void bobbin_end_at_once(int signal) { _exit(128 + signal); }

Duration time_of_day() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                              std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

// Values are arguments of `main`, so they end in a zero.
Application::Application(PosixReactor& reactor, const ApplicationInfo& info)
    : reactor_(reactor),
      info_(info),
      publisher_(reactor),
      log_(publisher_, info.name),
      text_(write_log),
      json_(write_log),
      text_filter_(text_),
      json_filter_(json_),
      options_{
          {"help", "", "tell this", [this](std::string_view) { wish_ = Wish::help; }},
          {"version", "", "tell the version", [this](std::string_view) { wish_ = Wish::version; }},
          {"log-format", "FORMAT", "text or json",
           [this](std::string_view value) { return set_format(value); }},
          {"log-level", "LEVEL", "debug, info, warn, error or critical, and above",
           [this](std::string_view value) { return set_level(value); }},
          {"stop-within", "SECONDS", "wait no longer than this for services that stop",
           [this](std::string_view value) { return set_stop_within(value); }},
          {"pidfile", "FILE", "hold this file with the process's number in it",
           [this](std::string_view value) {
             pid_path_ = value.data();
             return value.empty() ? Errc::invalid_argument : Errc::ok;
           }},
          {"uid", "N", "become this user once ports are bound; with --gid",
           [this](std::string_view value) {
             const auto number = parse_number(value, id_max);
             if (number) identity_.user = *number;
             return number.error();
           }},
          {"gid", "N", "become this group, and give up all others",
           [this](std::string_view value) {
             const auto number = parse_number(value, id_max);
             if (number) identity_.group = *number;
             return number.error();
           }},
          {"chroot", "FOLDER", "make this the root once ports are bound",
           [this](std::string_view value) {
             identity_.root = value.data();
             return value.empty() ? Errc::invalid_argument : Errc::ok;
           }}} {}

Application::~Application() { log_unhandled_failures_to(nullptr); }

Error Application::set_format(std::string_view name) {
  as_json_ = name == "json";
  return as_json_ || name == "text" ? Errc::ok : Errc::invalid_argument;
}

Error Application::set_stop_within(std::string_view seconds) {
  const auto number = parse_number(seconds, stop_within_max_s);
  if (!number || *number == 0) return Errc::invalid_argument;
  stop_within_ = std::chrono::seconds(*number);
  return {};
}

Error Application::set_level(std::string_view name) {
  constexpr std::array levels{LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error,
                              LogLevel::critical};
  for (const LogLevel level : levels) {
    if (describe(level) != name) continue;
    level_ = level;
    return {};
  }
  return Errc::invalid_argument;
}

std::optional<int> Application::parse(int count, char* const* values) {
  const std::array<std::span<CommandLineOption>, 2> tables{options_, info_.options};
  CommandLine line(count, values);
  auto outcome = CommandLine::Outcome::option;
  while (wish_ == Wish::run && outcome != CommandLine::Outcome::end) {
    outcome = line.next(tables);
    const bool argument = outcome == CommandLine::Outcome::argument && info_.argument;
    if (argument && info_.argument(line.word())) return refuse(outcome, line.word());
    const bool fine =
        argument || outcome == CommandLine::Outcome::option || outcome == CommandLine::Outcome::end;
    if (!fine) return refuse(outcome, line.word());
  }
  switch (wish_) {
    case Wish::help: print_help(); return static_cast<int>(ExitStatus::done);
    case Wish::version:
      print(STDOUT_FILENO, info_.name, " ", info_.version, "\n");
      return static_cast<int>(ExitStatus::done);
    case Wish::run: break;
  }
  if (identity_.user && !identity_.group) return refuse(CommandLine::Outcome::no_value, "--gid");
  set_log();
  return std::nullopt;
}

int Application::refuse(CommandLine::Outcome outcome, std::string_view word) const {
  print(STDERR_FILENO, info_.name, ": ", complaint(outcome), word, "\nusage: ", info_.name,
        " [OPTION...]", info_.arguments.empty() ? "" : " ", info_.arguments,
        "; --help lists the options\n");
  return static_cast<int>(ExitStatus::usage);
}

void Application::print_help() const {
  print(STDOUT_FILENO, "usage: ", info_.name, " [OPTION...]", info_.arguments.empty() ? "" : " ",
        info_.arguments, "\n", info_.summary, "\n\n");
  for (const CommandLineOption& option : info_.options) print_option(option);
  for (const CommandLineOption& option : options_) print_option(option);
}

void Application::set_log() {
  log_errors(reactor_, log_);
  LogFilter<1>& filter = as_json_ ? json_filter_ : text_filter_;
  static_cast<void>(filter.set_level({}, level_));
  publisher_.add(filter);
  log_unhandled_failures_to(&log_);
  json_.set_epoch(time_of_day() - reactor_.present().time_since_epoch());
}

int Application::run(TopService& services) {
  services_ = &services;
  if (stop_within_) services.set_stop_within(*stop_within_);
  services.on_prepared([this] { return become(identity_); });
  Error error = catch_signals();
  if (!error && getpid() == 1) error = process_one_.begin(reactor_);
  if (!error) error = hold_pid_file();
  if (error) {
    let_go_of_signals();
    return static_cast<int>(ExitStatus::failed);
  }
  const Outcome<void> outcome = services.run();
  pid_file_.release();
  let_go_of_signals();
  return static_cast<int>(outcome ? ExitStatus::done : ExitStatus::failed);
}

Error Application::hold_pid_file() {
  if (pid_path_ == nullptr) return {};
  const Error error = pid_file_.acquire(pid_path_);
  if (error == Errc::already_running) {
    log_.failure(error, "process {pid} holds {path}", pid_file_.holder(), pid_path_);
  } else if (error) {
    log_.failure(error, "cannot hold {path}", pid_path_);
  }
  return error;
}

// The handlers are for the second signal: the first is read by the reactor, which then lets go.
Error Application::catch_signals() {
  const Error error = reactor_.stop_on_signals([this](int signal) {
    log_.info("received {signal}, stopping", signal == SIGINT ? "SIGINT" : "SIGTERM");
    services_->end();
  });
  if (error) log_.failure(error, "cannot catch signals");
  struct sigaction action {};
  action.sa_handler = bobbin_end_at_once;
  sigaction(SIGINT, &action, &interrupt_before_);
  sigaction(SIGTERM, &action, &terminate_before_);
  return error;
}

void Application::let_go_of_signals() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

}  // namespace bobbin
