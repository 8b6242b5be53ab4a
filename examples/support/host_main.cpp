// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "example.hpp"

namespace example {

void write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (text.ends_with('\n')) std::fflush(stdout);
}

void write(const bobbin::Address& address) { write(bobbin::AddressText(address).view()); }

void write(bobbin::Error error) { write(bobbin::describe(error)); }

void write(std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  write(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

Console::Console(Reactor& reactor, const bobbin::ConnectionPool& connections)
    : reactor_(reactor), connections_(connections) {}

Console::~Console() = default;

namespace {

struct Arguments {
  std::string_view host = "127.0.0.1";
  std::uint16_t port = default_port;
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
    } else if (name != "--port" || !parse_port(value, arguments.port)) {
      return false;
    }
  }
  return true;
}

std::optional<Options> options_from(int count, char** values) {
  Arguments arguments;
  if (!parse(count, values, arguments)) return std::nullopt;
  const auto address = bobbin::Address::parse(arguments.host, arguments.port);
  if (!address) return std::nullopt;
  return Options{.address = *address};
}

}  // namespace

}  // namespace example

int main(int count, char** values) {
  const auto options = example::options_from(count, values);
  if (!options) {
    std::fprintf(stderr, "usage: %s [--host ADDRESS] [--port N]\n", values[0]);
    return 2;
  }
  static example::Reactor reactor;
  if (bobbin::Error error = reactor.stop_on_signals()) {
    std::fprintf(stderr, "%s: cannot start: error %d\n", values[0], int{error.native});
    return 1;
  }
  return example::run(reactor, *options);
}
