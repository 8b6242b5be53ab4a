// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "pipe.hpp"

#include <string_view>

#include <bobbin/net/endpoint.hpp>

#include "point_at.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{.connections = 1, .receive = 4096, .send = 16384};

// To an address, or by a name.
template <class Client>
class There final : public Client {
 public:
  explicit There(Pipe& pipe) : Client(pipe), pipe_(pipe) {}
  ~There() {
    if constexpr (requires { this->abandon(); }) this->abandon();
  }
  void client_connection_failed(bobbin::Error reason) override { pipe_.end(reason); }

 private:
  Pipe& pipe_;
};

std::string_view description;
bobbin::ClientEndpoint destination;

bobbin::Error connect_to(const bobbin::Address& address, example::Reactor& reactor, Pipe& pipe) {
  static There<bobbin::TcpClient<Side, sizes, Pipe>> there(pipe);
  const bobbin::ConnectOptions options{.timeout = destination.timeout};
  return address.family() == bobbin::Address::Family::unix_path
             ? reactor.connect_unix(address, there, options)
             : reactor.connect_tcp(address, there, options);
}

bobbin::Error connect_by_name(example::Reactor& reactor, Pipe& pipe) {
  static bobbin::PosixThreadPool<> threads;
  static bobbin::PosixResolver<> names(reactor, threads);
  static There<bobbin::HostClient<Side, sizes, Pipe>> there(pipe);
  if (bobbin::Error error = threads.start(reactor)) return error;
  const bobbin::Duration limit = destination.timeout;
  return there.connect(reactor, names, destination.host.view(),
                       {.port = destination.port,
                        .lookup_timeout = limit,
                        .race = {.attempt_timeout = limit, .timeout = limit}});
}

}  // namespace

const std::uint16_t example::default_port = 7777;

bool example::take_option(std::string_view name, const char* value) {
  if (name != "--connect") return false;
  description = value;
  const bobbin::EndpointError error = bobbin::parse_endpoint(description, destination);
  if (error) point_at(description, error);
  return !error;
}
const char* example::own_options() { return " [--connect ENDPOINT]"; }

int example::run(Reactor& reactor, const Options& options) {
  static bobbin::StandardIo standard_io;
  static Pipe pipe(reactor, standard_io);
  static bobbin::StreamClient<Side, sizes, Pipe> here(pipe);
  if (description.empty()) destination.address = options.address;
  const bobbin::Error begun = destination.address ? connect_to(*destination.address, reactor, pipe)
                                                  : connect_by_name(reactor, pipe);
  const bobbin::Error error = pipe.run(begun, here);
  if (!error) return 0;
  if (description.empty()) {
    print_error("pipe to ", options.address, ": ", error);
  } else {
    print_error("pipe to ", description, ": ", error);
  }
  return 1;
}
