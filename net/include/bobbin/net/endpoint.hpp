// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/address.hpp>
#include <bobbin/host_name.hpp>
#include <bobbin/time.hpp>

// Descriptions of endpoints, as Twisted's: where to listen or to connect, in a line that people
// write on a command line or in a file.
//
//   tcp:8080                          tcp:port=8080:interface=127.0.0.1:backlog=50
//   tcp6:8080:interface=\:\:1         unix:/run/printer.sock:mode=660
//
//   tcp:example.com:80                tcp:host=example.com:port=80:timeout=30
//   unix:/run/printer.sock            unix:path=/run/printer.sock:timeout=5
//
// A kind, and arguments behind colons: each in its place, or anywhere with its name and '='. A
// backslash takes away the meaning of what follows it: "\:", "\=", "\\".
namespace bobbin {

// Where to listen. Of TCP: `port`, `interface` (an address of IP; else all of IPv4, of tcp6 all of
// IPv6), `backlog`. Of unix: `address`, a path; `mode`, in octal; `backlog`.
struct ServerEndpoint {
  Address address{};
  int backlog = 128;
  std::optional<std::uint32_t> mode{};  // of the socket's file
};

// Where to connect. Of TCP: `host`, a name or an address of IP; `port`; `timeout`, in seconds. Of
// unix: `path`, `timeout`.
struct ClientEndpoint {
  std::optional<Address> address{};  // none: the host has to be looked up
  HostName host{};                   // with `port`
  std::uint16_t port = 0;
  Duration timeout = std::chrono::seconds(30);
};

enum class EndpointFault : std::uint8_t {
  none,
  unknown_kind,       // neither tcp nor tcp6 (of a client: tcp) nor unix
  unknown_argument,   // no argument of this kind has such a name
  too_many,           // more arguments than the kind has
  repeated,           // an argument for the second time
  missing,            // an argument that there has to be: `argument` says which
  bad_port,           // no number from 0 (of a client: 1) to 65535
  bad_address,        // no address of IP
  bad_host,           // no name that a host can have
  bad_path,           // no path that a socket can have
  bad_number,         // no number, or one out of range
  too_long,           // longer than anything of this kind
  unfinished_escape,  // a backslash with nothing behind it
  not_supported,      // the build leaves this family out
};
std::string_view describe(EndpointFault fault);

// What is wrong with a description, and with which part of it.
struct EndpointError {
  EndpointFault fault = EndpointFault::none;
  std::size_t offset = 0;       // where in the description,
  std::size_t size = 0;         // and how many bytes; 0 at the end, where something is missing
  std::string_view argument{};  // the argument's name, if it is one's; in static storage

  explicit operator bool() const { return fault != EndpointFault::none; }
};

// Reads a description. After an error `endpoint` is of no use. Nothing is looked up or opened.
[[nodiscard]] EndpointError parse_endpoint(std::string_view description, ServerEndpoint& endpoint);
[[nodiscard]] EndpointError parse_endpoint(std::string_view description, ClientEndpoint& endpoint);

}  // namespace bobbin
