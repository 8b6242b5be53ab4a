// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "example.hpp"
#include "site.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 2048, .send = 4096};
constexpr bobbin::http::ClientSizes client_sizes{.connections = 16, .receive = 4096, .send = 1024};

// One for each connection to a server; those that were given up keep their places until the system
// has answered.
constexpr bobbin::ResolverSizes lookups{.lookups = 2 * client_sizes.connections};

std::array<feeds::Source, feeds::sources_max> sources;
std::size_t source_count = 0;
bool logs_json = false;

bool add_source(std::string_view url) {
  const std::optional<feeds::Source> source = feeds::parse_source(url);
  if (!source || source_count == sources.size()) return false;
  sources[source_count++] = *source;
  return true;
}

bool choose_log(std::string_view format) {
  logs_json = format == "json";
  return logs_json || format == "text";
}

std::size_t write_line(std::string_view line) {
  example::write(example::Output::results, line);
  return line.size();
}

// What an operator of Twisted's looks for, and how much there is room for.
void log_start(const feeds::Shared& shared, const bobbin::ListeningPort& server) {
  const bobbin::Logger& log = shared.network.log;
  log.info("Site starting on {address}", server.host());
  log.info("Starting factory; connections: {connections}, feeds: {feeds}",
           server.connections().use().capacity, shared.sources.size());
  log.info("Starting reactor.");
}

}  // namespace

const std::uint16_t example::default_port = 8080;

bool example::take_option(std::string_view name, const char* value) {
  if (name == "--feed") return add_source(value);
  return name == "--log-format" && choose_log(value);
}

const char* example::own_options() { return " [--feed URL]... [--log-format text|json]"; }

int example::run(Reactor& reactor, const Options& options) {
  static bobbin::TextLog<400> text(write_line);
  static bobbin::JsonLog<600> json(write_line);
  static bobbin::LogPublisher publisher(reactor);
  publisher.add(logs_json ? static_cast<bobbin::LogObserver&>(json) : text);
  static bobbin::PosixThreadPool<> threads;
  if (bobbin::Error error = threads.start(reactor)) {
    print_error("cannot start threads: ", error);
    return 1;
  }
  static bobbin::PosixResolver<lookups> names(reactor, threads);
  static bobbin::http::ResolvingClient<client_sizes> client(reactor, names);
  static feeds::Shared shared{
      .network = {.clock = reactor, .client = client, .log = {publisher, "feeds"}},
      .sources = std::span(sources).first(source_count)};
  static bobbin::TcpServer<feeds::Site, sizes, feeds::Shared> server(shared);
  // When it listens, so that the log says where it does.
  if (bobbin::Error error = reactor.call_when_running([] { log_start(shared, server); })) {
    print_error("cannot start: ", error);
    return 1;
  }
  return serve(reactor, options, server, {.when_full = bobbin::WhenFull::evict});
}
