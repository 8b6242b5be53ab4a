// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <concepts>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/service.hpp>
#include <bobbin/tcp.hpp>

namespace bobbin {

struct TcpServerServiceOptions {
  ListenOptions listen;

  // How long connections have to end in order when the service stops: what was written goes out.
  // Those that are left are then aborted. Zero or more.
  Duration drain = std::chrono::seconds(5);
};

// What such services have in common, whatever the reactor and the protocol.
class ServerService : public Service {
 protected:
  ServerService(std::string_view name, Clock& clock, Duration drain)
      : Service(name), clock_(clock), drain_(drain) {}
  ~ServerService() { timer_.cancel(); }

  // One of its connections is about to be given back, from inside a call that needs this service.
  void connection_done();

 private:
  virtual Error listen() = 0;
  virtual ListeningPort& port() = 0;
  // Those that are left, with `connection_lost(connection_aborted)`.
  virtual void abort_connections() = 0;

  Error privileged_start_service() override;
  void stop_service(Deferred<void>& stopped) override;
  void drained();

  Clock& clock_;
  Duration drain_;
  DelayedCall timer_;
  Deferred<void>* stopping_ = nullptr;
};

// A server that listens while the service runs: Twisted's TCPServer. `Server` is a TcpServer or a
// class derived from one. It listens from `prepare` on, so that a port that needs privileges has
// them; the errors are those of `listen_tcp`, and no_capacity when there is no timer for it. To
// stop it listens no more, ends its connections in order, and waits for them. It may be started
// again, at the same port or, where that was 0, at another.
//
//   TcpServerService<EpollReactor<>, TcpServer<Echo, sizes>> echo("echo", reactor, address);
template <TcpReactor R, std::derived_from<ListeningPort> Server>
class TcpServerService final : public ServerService {
 public:
  using Options = TcpServerServiceOptions;

  // What follows the options is given to the Server.
  template <class... Arguments>
  TcpServerService(std::string_view name, R& reactor, const Address& address, Options options,
                   Arguments&&... arguments)
      : ServerService(name, reactor, options.drain),
        reactor_(reactor),
        address_(address),
        listen_(options.listen),
        server_(*this, arguments...) {}
  TcpServerService(std::string_view name, R& reactor, const Address& address)
      : TcpServerService(name, reactor, address, Options()) {}
  ~TcpServerService() { abandon(); }

  Server& server() { return server_; }

  // Where it listens, as `ListeningPort::host`.
  Address host() const { return server_.host(); }

 private:
  class Told final : public Server {
   public:
    template <class... Arguments>
    explicit Told(TcpServerService& service, Arguments&&... arguments)
        : Server(arguments...), service_(service) {}
    ~Told() { this->shut_down(); }

    using Server::shut_down;

    void protocol_done(Protocol& protocol) override {
      Server::protocol_done(protocol);
      service_.connection_done();
    }

   private:
    TcpServerService& service_;
  };

  Error listen() override { return reactor_.listen_tcp(address_, server_, listen_); }
  ListeningPort& port() override { return server_; }
  void abort_connections() override { server_.shut_down(); }

  R& reactor_;
  Address address_;
  ListenOptions listen_;
  Told server_;
};

}  // namespace bobbin
