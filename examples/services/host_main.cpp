// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>

#include <bobbin/posix.hpp>
#include <bobbin/posix/application.hpp>

#include "services.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{.connections = 64, .receive = 1024, .send = 4096};
constexpr std::uint32_t hour_ms = 3'600'000;

struct CommandLine {
  std::string_view host = "127.0.0.1";
  std::uint16_t port = 7777;
  services::Settings settings;

  bobbin::Error set_port(std::string_view value) {
    const auto number = bobbin::parse_number(value, 65535);
    if (number) port = static_cast<std::uint16_t>(*number);
    return number.error();
  }
  bobbin::Error set_host(std::string_view value) {
    host = value;
    return bobbin::Address::parse(host, 0) ? bobbin::Errc::ok : bobbin::Errc::invalid_argument;
  }
  bobbin::Error set_interval(std::string_view value) {
    const auto number = bobbin::parse_number(value, hour_ms);
    if (!number || *number == 0) return bobbin::Errc::invalid_argument;
    settings.interval = std::chrono::milliseconds(*number);
    return {};
  }
  bobbin::Error set_drain(std::string_view value) {
    const auto number = bobbin::parse_number(value, hour_ms);
    if (number) settings.drain = std::chrono::milliseconds(*number);
    return number.error();
  }
  bobbin::Error set_readings(std::string_view value) {
    const auto number = bobbin::parse_number(value, 1'000'000);
    if (number) settings.readings = *number;
    return number.error();
  }
};

}  // namespace

int main(int count, char** values) {
  static CommandLine given;
  static std::array<bobbin::CommandLineOption, 5> options{{
      {"host", "ADDRESS", "where to listen, 127.0.0.1 by default",
       [](std::string_view value) { return given.set_host(value); }},
      {"port", "N", "7777 by default; 0 for one that is free",
       [](std::string_view value) { return given.set_port(value); }},
      {"interval", "MS", "between heartbeats, and between readings of the sensor",
       [](std::string_view value) { return given.set_interval(value); }},
      {"drain", "MS", "how long clients have to end when this does",
       [](std::string_view value) { return given.set_drain(value); }},
      {"readings", "N", "after so many the sensor fails",
       [](std::string_view value) { return given.set_readings(value); }},
  }};
  static bobbin::EpollReactor<> reactor;
  static bobbin::Application application(
      reactor, {.name = "services",
                .version = "0.1.0",
                .summary = "An echo server, a heartbeat, and a sensor that is supervised.",
                .options = options});
  if (const auto status = application.parse(count, values)) return *status;
  given.settings.address = *bobbin::Address::parse(given.host, given.port);
  static bobbin::TopService all(reactor, application.log());
  static services::Program<bobbin::EpollReactor<>, sizes> program(reactor, application.log(),
                                                                  given.settings);
  if (program.add_to(all)) return 1;
  return application.run(all);
}
