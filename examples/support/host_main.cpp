// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>
#include <optional>

#include "example.hpp"
#include "point_at.hpp"

namespace example {

namespace {

struct Arguments {
  std::string_view host = "127.0.0.1";
  std::uint16_t port = default_port;
  std::string_view listen{};
};

bool parse_port(std::string_view text, std::uint16_t& port) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

bool parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (i + 1 == count) return false;
    const std::string_view value = values[i + 1];
    if (name == "--host") {
      arguments.host = value;
    } else if (name == "--listen" || name == "-l") {
      arguments.listen = value;
    } else if (name == "--port") {
      if (!parse_port(value, arguments.port)) return false;
    } else if (take_option == nullptr || !take_option(name, values[i + 1])) {
      return false;
    }
  }
  return true;
}

std::optional<Options> options_of(std::string_view description) {
  bobbin::ServerEndpoint endpoint;
  if (const bobbin::EndpointError error = bobbin::parse_endpoint(description, endpoint)) {
    point_at(description, error);
    return std::nullopt;
  }
  return Options{.address = endpoint.address, .backlog = endpoint.backlog, .mode = endpoint.mode};
}

std::optional<Options> options_from(int count, char** values) {
  Arguments arguments;
  if (!parse(count, values, arguments)) return std::nullopt;
  if (!arguments.listen.empty()) return options_of(arguments.listen);
  const auto address = bobbin::Address::parse(arguments.host, arguments.port);
  if (!address) return std::nullopt;
  return Options{.address = *address};
}

}  // namespace

void point_at(std::string_view description, const bobbin::EndpointError& error) {
  print_error(description);
  const std::size_t marks = error.size == 0 ? 1 : error.size;
  for (std::size_t i = 0; i < error.offset; ++i) write(Output::errors, " ");
  for (std::size_t i = 0; i < marks; ++i) write(Output::errors, "^");
  print_error(" ", error.argument, error.argument.empty() ? "" : ": ",
              bobbin::describe(error.fault));
}

}  // namespace example

int main(int count, char** values) {
  const auto options = example::options_from(count, values);
  if (!options) {
    const bool has_own = example::own_options != nullptr;
    example::print_error("usage: ", std::string_view(values[0]),
                         " [--host ADDRESS] [--port N] [-l|--listen ENDPOINT]",
                         std::string_view(has_own ? example::own_options() : ""));
    return 2;
  }
  example::allow_descriptors();
  static example::Reactor reactor;
  if (bobbin::Error error = reactor.stop_on_signals()) {
    example::print_error("cannot start: ", error);
    return 1;
  }
  return example::run(reactor, *options);
}
