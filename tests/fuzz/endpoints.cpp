// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <charconv>
#include <string>

#include <bobbin/net/endpoint.hpp>

#include "fuzz.hpp"

// Descriptions of endpoints; an input is one. A fault points into the description. What is
// understood is written again, in full and with the names of its arguments, and means the same.

namespace {

using namespace bobbin;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '\\' || c == '=') out += '\\';
    out += c;
  }
  return out;
}

std::string host_of(const Address& address) {
  const AddressText text(address);
  return escaped(text.view().substr(0, text.view().rfind(':')));
}

std::string octal(std::uint32_t number) {
  char digits[12];
  return {digits, std::to_chars(digits, std::end(digits), number, 8).ptr};
}

std::string seconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string written(const ServerEndpoint& endpoint) {
  const std::string backlog = ":backlog=" + std::to_string(endpoint.backlog);
  const Address& address = endpoint.address;
  if (address.family() == Address::Family::unix_path) {
    const std::string mode = endpoint.mode ? ":mode=" + octal(*endpoint.mode) : "";
    return "unix:address=" + escaped(address.path()) + mode + backlog;
  }
  return "tcp:interface=" + host_of(address) + ":port=" + std::to_string(address.port()) + backlog;
}

std::string written(const ClientEndpoint& endpoint) {
  const std::string timeout = ":timeout=" + seconds(endpoint.timeout);
  if (endpoint.address && endpoint.address->family() == Address::Family::unix_path) {
    return "unix:path=" + escaped(endpoint.address->path()) + timeout;
  }
  const std::string host =
      endpoint.address ? host_of(*endpoint.address) : std::string(endpoint.host.view());
  return "tcp:port=" + std::to_string(endpoint.port) + ":host=" + host + timeout;
}

bool is_same(const ServerEndpoint& one, const ServerEndpoint& other) {
  return one.address == other.address && one.backlog == other.backlog && one.mode == other.mode;
}

bool is_same(const ClientEndpoint& one, const ClientEndpoint& other) {
  return one.address == other.address && one.host == other.host && one.port == other.port &&
         one.timeout == other.timeout;
}

template <class Endpoint>
void check(std::string_view description) {
  Endpoint endpoint;
  if (const EndpointError error = parse_endpoint(description, endpoint)) {
    fuzz::expect(
        error.offset <= description.size() && error.size <= description.size() - error.offset,
        "the fault is outside");
    return fuzz::expect(!describe(error.fault).empty(), "the fault is none");
  }
  Endpoint again;
  fuzz::expect(!parse_endpoint(written(endpoint), again), "written again it is wrong");
  fuzz::expect(is_same(endpoint, again), "written again it is another");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view description(reinterpret_cast<const char*>(data), size);
  check<ServerEndpoint>(description);
  check<ClientEndpoint>(description);
  return 0;
}
