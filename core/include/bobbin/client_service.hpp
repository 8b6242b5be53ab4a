// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <bobbin/clock.hpp>
#include <bobbin/reconnecting_client.hpp>
#include <bobbin/service.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

// From when a client's service counts as running.
enum class RunsFrom : std::uint8_t {
  start,             // at once; who needs the connection waits for it
  first_connection,  // so that what is started behind it finds one
};

struct ClientServiceOptions {
  ReconnectOptions reconnect;
  RunsFrom runs_from = RunsFrom::start;

  // How long the connection has to end in order when the service stops: what was written goes out.
  // It is then aborted. Zero or more.
  Duration drain = std::chrono::seconds(5);
};

// What such services have in common, whatever the reactor and the protocol.
class ClientServiceBase : public Service {
 public:
  // Hears how it goes, for the log; see Reconnector.
  void on_event(Reconnector::Observer observer) { observer_ = observer; }

 protected:
  ClientServiceBase(std::string_view name, Clock& clock, RunsFrom runs_from, Duration drain)
      : Service(name), clock_(clock), runs_from_(runs_from), drain_(drain) {}
  ~ClientServiceBase() { timer_.cancel(); }

  void heard(const Reconnector::Report& report);
  void wait(DeferredCore& waiter) { wait_in(patient_, waiter); }
  void wait_bounded(DeferredCore& waiter) { wait_in(bounded_, waiter); }

  // Of all attempts so far; counts round and round.
  std::uint32_t failures() const { return failures_; }

 private:
  virtual Error begin() = 0;
  virtual Reconnector& client() = 0;
  virtual bool has_connection() = 0;
  virtual std::uint32_t last_failure_for(const DeferredCore& bounded) const = 0;
  virtual void tell_connection(DeferredCore& waiter) = 0;
  virtual void tell_failure(DeferredCore& waiter, const Failure& failure) = 0;

  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;
  void wait_in(Waiters& waiters, DeferredCore& waiter);
  Error hold_timer();
  Error timer_fired();
  void goes_on();
  void has_ended();
  bool tell_connection_to_all(Waiters& waiters);
  bool tell_failure_to_all(Waiters& waiters, const Failure& failure);
  void tell_failure_to_those_due();

  Clock& clock_;
  RunsFrom runs_from_;
  Duration drain_;
  DelayedCall timer_;
  Error reason_;  // of the last failure
  std::uint32_t failures_ = 0;
  Reconnector::Observer observer_;
  Waiters patient_;
  Waiters bounded_;
  Deferred<void>* starting_ = nullptr;
  Deferred<void>* stopping_ = nullptr;
};

// A Deferred for a connection that fails with the reason of the last attempt, when so many have
// failed since it was given to `when_connected`: Twisted's failAfterFailures. One or more.
template <std::derived_from<Protocol> P>
class BoundedConnection final : public Deferred<P*> {
 public:
  explicit BoundedConnection(std::uint32_t failures_max) : failures_max_(failures_max) {}

 private:
  template <TcpReactor R, class Client>
  friend class ClientService;

  std::uint32_t failures_max_;
  std::uint32_t last_failure_ = 0;  // while it waits: that count of all failures is one too many
};

namespace detail {
template <class P, ConnectionSizes sizes, class Shared>
P* protocol_of(const ReconnectingClient<P, sizes, Shared>&);
}

// A client that stays connected while the service runs: Twisted's ClientService. `Client` is a
// ReconnectingClient or a class derived from one. It takes one timer more than that.
//
// To start it fails as `ReconnectingClient::start` does, and with no_capacity when there is no
// timer. From then on it tries until it is stopped or has used up `reconnect.retries_max`, which is
// the service's failure. To stop it ends the connection in order. It may be started again.
//
//   ClientService<EpollReactor<>, ReconnectingClient<Console, sizes>> console(
//       "console", reactor, address, {}, random);
//   Deferred<Console*> connected;
//   connected.add_callback([](Console* there) { there->greet(); });
//   console.when_connected(connected);
template <TcpReactor R, class Client>
class ClientService final : public ClientServiceBase {
 public:
  using Options = ClientServiceOptions;
  using P = std::remove_pointer_t<decltype(detail::protocol_of(std::declval<const Client&>()))>;

  // What follows the options is given to the Client: first of all its Random.
  template <class... Arguments>
  ClientService(std::string_view name, R& reactor, const Address& address, Options options,
                Arguments&&... arguments)
      : ClientServiceBase(name, reactor, options.runs_from, options.drain),
        reactor_(reactor),
        address_(address),
        reconnect_(options.reconnect),
        client_(*this, arguments...) {}
  ~ClientService() { abandon(); }

  // Fires with the protocol while there is a connection that nobody has ended: at once, or in the
  // turn after it was made, as long as that takes; also when it is asked before the start. The
  // protocol is there until its `connection_lost`. Fails when the service stops: with its failure,
  // or `cancelled`. `add_timeout` and BoundedConnection end the wait before that.
  void when_connected(Deferred<P*>& connected) { wait(connected); }
  void when_connected(BoundedConnection<P>& connected) {
    connected.last_failure_ = failures() + connected.failures_max_;
    wait_bounded(connected);
  }

  // The protocol of that connection; null while there is none.
  P* protocol() { return has_connection() ? client_.protocol() : nullptr; }

  // As those of Reconnector.
  Reconnector::State connection_state() const { return client_.state(); }
  void reset_delay() { client_.reset_delay(); }

 private:
  class Told final : public Client {
   public:
    template <class... Arguments>
    explicit Told(ClientService& service, Arguments&&... arguments) : Client(arguments...) {
      this->Reconnector::on_event(
          [&service](const Reconnector::Report& report) { service.heard(report); });
    }
    ~Told() {
      this->abandon();
      this->shut_down();
    }

    Protocol* build_protocol(const Address& peer) override {
      Protocol* const built = Client::build_protocol(peer);
      protocol_ = static_cast<P*>(built);
      return built;
    }
    void protocol_done(Protocol& protocol) override {
      protocol_ = nullptr;
      Client::protocol_done(protocol);
    }
    P* protocol() const { return protocol_; }

   private:
    P* protocol_ = nullptr;
  };

  Error begin() override { return client_.start(reactor_, address_, reconnect_); }
  Reconnector& client() override { return client_; }
  bool has_connection() override {
    return client_.state() == Reconnector::State::connected && client_.protocol() != nullptr &&
           client_.protocol()->transport().connected();
  }
  std::uint32_t last_failure_for(const DeferredCore& bounded) const override {
    return static_cast<const BoundedConnection<P>&>(bounded).last_failure_;
  }
  void tell_connection(DeferredCore& waiter) override {
    static_cast<Deferred<P*>&>(waiter).callback(client_.protocol());
  }
  void tell_failure(DeferredCore& waiter, const Failure& failure) override {
    static_cast<Deferred<P*>&>(waiter).errback(failure);
  }

  R& reactor_;
  Address address_;
  ReconnectOptions reconnect_;
  Told client_;
};

}  // namespace bobbin
