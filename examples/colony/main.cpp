// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>

#include <bobbin/posix.hpp>
#include <bobbin/posix/application.hpp>

#include "colony.hpp"

namespace {

constexpr std::uint32_t hour_ms = 3'600'000;

bobbin::Error set_time(bobbin::Duration& time, std::string_view value) {
  const auto number = bobbin::parse_number(value, hour_ms);
  if (!number || *number == 0) return bobbin::Errc::invalid_argument;
  time = std::chrono::milliseconds(*number);
  return {};
}

bobbin::Error set_directory(colony::Settings& settings, std::string_view word) {
  if (settings.directory != nullptr || word.empty()) return bobbin::Errc::invalid_argument;
  settings.directory = word.data();
  return {};
}

// A supervisor and its process take a timer each.
constexpr bobbin::ReactorSizes sizes{.timers = 2 * colony::Colony::members_max + 16};

}  // namespace

int main(int count, char** values) {
  static colony::Settings settings;
  static std::array<bobbin::CommandLineOption, 3> options{{
      {"poll", "MS", "how often to look at the directory, 1000 by default",
       [](std::string_view value) { return set_time(settings.poll, value); }},
      {"delay", "MS", "before the first restart, 100 by default; it doubles with each",
       [](std::string_view value) { return set_time(settings.restarts.delay, value); }},
      {"period", "MS", "in which there are five restarts at most, 60000 by default",
       [](std::string_view value) { return set_time(settings.restarts.period, value); }},
  }};
  static bobbin::EpollReactor<sizes> reactor;
  static bobbin::Application application(
      reactor, {.name = "colony",
                .version = "0.1.0",
                .summary = "Runs a process for each JSON file of a directory.",
                .options = options,
                .arguments = "DIRECTORY",
                .argument = [](std::string_view word) { return set_directory(settings, word); }});
  if (const auto status = application.parse(count, values)) return *status;
  if (settings.directory == nullptr) settings.directory = ".";
  static bobbin::TopService all(reactor, application.log());
  static colony::Colony processes(reactor, application.log(), settings);
  static bobbin::TimerService watch("watch", reactor, settings.poll,
                                    [] { return processes.look(); });
  if (all.add(processes) || all.add(watch)) return 1;
  return application.run(all);
}
