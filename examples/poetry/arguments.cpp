// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "arguments.hpp"

#include <charconv>
#include <utility>

#include "example.hpp"

namespace {

using namespace std::chrono_literals;

template <class Number>
bool parse(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

// With brackets around an address of IPv6, whose colons would else be taken for the port's.
bool is_host(std::string_view host) {
  const bool has_colons = host.find(':') != std::string_view::npos;
  if (has_colons && !host.starts_with('[')) return false;
  return bobbin::Address::parse(host, 0) || bobbin::HostName::parse(host);
}

bool is_option(const char* word) {
  const std::string_view text = word;
  return text.size() > 1 && text.front() == '-';
}

}  // namespace

Arguments::Arguments(int count, char** words)
    : program_(words[0]), words_(words + 1, static_cast<std::size_t>(count - 1)) {}

std::string_view Arguments::text(std::string_view name, std::string_view otherwise) {
  const std::string_view text = option(name);
  return text.data() == nullptr ? otherwise : text;
}

std::uint64_t Arguments::number(std::string_view name, std::uint64_t otherwise,
                                std::uint64_t at_least) {
  const std::string_view text = option(name);
  if (text.data() == nullptr) return otherwise;
  std::uint64_t number = 0;
  if (!parse(text, number) || number < at_least || number > 1'000'000) {
    complain("no number for this: ", name);
  }
  return number;
}

bobbin::Duration Arguments::seconds(std::string_view name, bobbin::Duration otherwise) {
  const std::string_view text = option(name);
  if (text.data() == nullptr) return otherwise;
  double seconds = 0;
  if (!parse(text, seconds) || !(seconds >= 0 && seconds <= 1e6)) {
    complain("no time in seconds: ", text);
    return otherwise;
  }
  return std::chrono::duration_cast<bobbin::Duration>(std::chrono::duration<double>(seconds));
}

std::size_t Arguments::choose(std::string_view name,
                              std::initializer_list<std::string_view> words) {
  const std::string_view text = option(name);
  if (text.data() == nullptr) return 0;
  std::size_t index = 0;
  for (const std::string_view word : words) {
    if (word == text) return index;
    ++index;
  }
  complain("not one of those for this option: ", text);
  return 0;
}

bobbin::Address Arguments::listens_at(std::uint16_t port) {
  const std::string_view host = text("--host", "127.0.0.1");
  const std::string_view wanted = option("--port");
  if (wanted.data() != nullptr && !parse(wanted, port)) complain("not a port: ", wanted);
  const auto address = bobbin::Address::parse(host, port);
  if (address) return *address;
  complain("not an address (names are not looked up): ", host);
  return {};
}

std::string_view Arguments::word(std::string_view what) {
  for (std::size_t index = 0; index < words_.size(); ++index) {
    if (words_[index] != nullptr && !is_option(words_[index])) return take(index);
  }
  complain("missing: ", what);
  return {};
}

Server Arguments::server() { return server_at(word("[HOST:]PORT")); }

bobbin::Address Arguments::server(std::string_view name) {
  const std::string_view text = option(name);
  if (text.data() == nullptr) complain("missing: ", name);
  const Server server = server_at(text);
  const auto address = bobbin::Address::parse(server.host, server.port);
  if (address) return *address;
  complain("not an address (this name is not looked up): ", server.host);
  return {};
}

Server Arguments::server_at(std::string_view text) {
  Server server;
  if (text.empty()) return server;
  const std::size_t colon = text.rfind(':');
  const bool has_host = colon != std::string_view::npos;
  if (has_host) server.host = text.substr(0, colon);
  const bool has_port = parse(has_host ? text.substr(colon + 1) : text, server.port);
  if (!has_port || server.port == 0 || !is_host(server.host)) {
    complain("not a port, nor a host with one: ", text);
  }
  return server;
}

bool Arguments::more() {
  for (const char* const word : words_) {
    if (word != nullptr && !is_option(word)) return true;
  }
  return false;
}

bool Arguments::all_taken() {
  for (const char* const word : words_) {
    if (word != nullptr) complain("what is this: ", word);
  }
  return !complained_;
}

int Arguments::usage(std::string_view synopsis) const {
  example::print_error("usage: ", program_, " ", synopsis);
  return 2;
}

// Without data if it is left out.
std::string_view Arguments::option(std::string_view name) {
  for (std::size_t index = 0; index < words_.size(); ++index) {
    const std::string_view word = words_[index] == nullptr ? "" : words_[index];
    if (!word.starts_with(name)) continue;
    if (word.size() > name.size()) {
      if (word[name.size()] == '=') return take(index).substr(name.size() + 1);
      continue;
    }
    take(index);
    if (index + 1 < words_.size() && words_[index + 1] != nullptr) return take(index + 1);
    complain("an option without its value: ", name);
    return {};
  }
  return {};
}

std::string_view Arguments::take(std::size_t index) {
  return std::exchange(words_[index], nullptr);
}

void Arguments::complain(std::string_view what, std::string_view about) {
  if (!complained_) example::print_error(what, about);
  complained_ = true;
}
