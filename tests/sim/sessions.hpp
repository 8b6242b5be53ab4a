// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <vector>

#include <bobbin/memory/simulation.hpp>
#include <echo/echo.hpp>

#include "shortages.hpp"
#include "streams.hpp"

// Sessions of everything at once: callers on one host have things echoed, sent and taken by servers
// on another, directly or through a proxy on a third. The network, the hosts' moods, all sizes and
// what everybody does are drawn from the seed; both ends are checked against what was written.

namespace bobbin::sim {

inline constexpr SimulationSizes simulation_sizes{
    .hosts = 3, .reactor = {.timers = 40}, .network = {.links = 24, .window = 400}, .trace = 400};

class Sessions;

// Connections whose sizes are drawn.
class DrawnConnections {
 public:
  DrawnConnections(memory::Random& random, std::size_t connections)
      : sizes_(draw(random, connections)),
        memory_(ConnectionRegion::bytes_needed(sizes_) / sizeof(std::max_align_t) + 1),
        pool_(std::as_writable_bytes(std::span(memory_)), sizes_) {}

  ConnectionRegion& pool() { return pool_; }
  const ConnectionSizes& sizes() const { return sizes_; }

 private:
  static ConnectionSizes draw(memory::Random& random, std::size_t connections);

  ConnectionSizes sizes_;
  std::vector<std::max_align_t> memory_;
  ConnectionRegion pool_;
};

// A protocol whose limits are checked after every event while it is open.
class Watched : public Protocol {
 public:
  Watched(Sessions& sessions, const ConnectionSizes& sizes) : sessions_(sessions), sizes_(sizes) {}

  void connection_made() override;
  void connection_lost(Error reason) override;
  bool within_limits() const;

 protected:
  ~Watched() = default;
  Sessions& sessions_;

 private:
  const ConnectionSizes& sizes_;
};

// What a caller says first: which session this is, and how long its stream. Eight bytes.
struct Request {
  std::uint32_t session = 0;
  std::uint32_t length = 0;
};
inline constexpr std::size_t request_bytes = 8;

// Sends the stream that was asked for, and ends.
class Source final : public Watched {
 public:
  Source(Sessions& sessions, const ConnectionSizes& sizes);
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override {}
  void connection_lost(Error reason) override;

 private:
  Writer writer_;
};

// Takes the stream that was announced, and says so with one byte when all of it has come.
class Sink final : public Watched {
 public:
  using Watched::Watched;
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override;

 private:
  Request request_;
  Stream* stream_ = nullptr;
};

// Sends one stream while it takes another, neither waiting for the other.
class Duplex final : public Watched {
 public:
  Duplex(Sessions& sessions, const ConnectionSizes& sizes);
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override { ended_ = true; }
  void connection_lost(Error reason) override;

 private:
  Writer writer_;
  Request request_;
  Stream* stream_ = nullptr;
  bool ended_ = false;
};

// One of the two connections of a relay. What it receives it writes to the other.
class RelayEnd final : public Watched {
 public:
  using Watched::Watched;
  void connection_made() override;
  std::size_t data_received(Bytes data) override { return other->transport().write(data); }
  void read_connection_lost() override;
  void connection_lost(Error reason) override;

  class Relay* relay = nullptr;
  RelayEnd* other = nullptr;
  bool open = false;
};

// A connection that was accepted, and the one that it is passed on to.
class Relay final : public ClientFactory {
 public:
  Relay(Sessions& sessions, std::uint16_t port);

  RelayEnd& front() { return front_; }
  void front_made();
  void back_made();
  void lost(RelayEnd& end, Error reason);
  void front_done() { front_done_ = true; }
  bool front_is_done() const { return front_done_; }
  bool over() const;

  Protocol* build_protocol(const Address&) override { return &back_; }
  void client_connection_failed(Error reason) override;

 private:
  void connect();

  Sessions& sessions_;
  std::uint16_t port_;
  DelayedCall retry_;
  RelayEnd front_;
  RelayEnd back_;
  Connector connector_;
  bool front_done_ = false;
};

// Makes one call after the other.
class Caller final : public Watched, public ClientFactory {
 public:
  Caller(Sessions& sessions, std::size_t calls);

  void begin();

  bool has_room() const override;
  Protocol* build_protocol(const Address&) override { return this; }
  void client_connection_failed(Error reason) override;
  void client_connection_lost(Error reason) override;

  void connection_made() override;
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override;
  void connection_lost(Error reason) override;

  bool finished() const { return calls_ == 0 && connector_.state() == disconnected; }

 private:
  static constexpr auto disconnected = Connector::State::disconnected;
  enum class Kind { echo, download, upload, duplex };
  enum class Quit { never, in_order, abort };

  struct Call {
    Request request;
    Kind kind = Kind::echo;
    bool half_closes = false;  // an echo's caller, when it has written everything
    bool proxied = false;
    bool ended = false;      // the peer's end has come
    bool confirmed = false;  // an upload was
    Stream* said = nullptr;
    Stream* heard = nullptr;
    Quit quit = Quit::never;  // before it is complete
    bool gone = false;        // has quit
  };

  void draw_call();
  void begin_later();
  void begin_or_connect();
  void connect();
  void connect_later();
  void make_request();
  std::size_t confirmation(Bytes data);
  bool rest_a_while();
  void quit();
  bool faithful() const;
  bool complete() const;
  Duration a_while(std::uint64_t most_ms);

  Writer writer_;
  Call call_;
  OwnTimer next_;  // to begin, or to connect once more
  bool begins_ = true;
  DelayedCall rest_;
  DelayedCall quit_;
  std::size_t calls_;
  Connector connector_;
};

// A server of protocols P.
template <class P>
class Service final : public Factory {
 public:
  Service(Sessions& sessions, memory::Random& random, const Places& places)
      : sessions_(sessions), connections_(random, 1 + random.below(4)), places_(places) {}

  bool has_room() const override { return places_.has_room(protocols_.size()); }
  Protocol* build_protocol(const Address&) override {
    places_.take(protocols_.size());
    if constexpr (std::default_initializable<P>) {
      return &protocols_.emplace_back();
    } else {
      return &protocols_.emplace_back(sessions_, connections_.sizes());
    }
  }
  void protocol_done(Protocol& protocol) override {
    protocols_.remove_if([&](const P& each) { return &each == &protocol; });
  }

  ListeningPort& port() { return port_; }

 private:
  Sessions& sessions_;
  DrawnConnections connections_;
  Places places_;
  std::list<P> protocols_;
  ListeningPort port_{*this, connections_.pool()};
};

// Passes on to one port of the servers' host.
class RelayService final : public Factory {
 public:
  RelayService(Sessions& sessions, std::uint16_t port);

  bool has_room() const override;
  Protocol* build_protocol(const Address&) override;
  void protocol_done(Protocol& protocol) override {
    static_cast<RelayEnd&>(protocol).relay->front_done();
  }
  ListeningPort& port() { return port_; }
  void forget_those_over();

 private:
  Sessions& sessions_;
  std::size_t taken() const;

  std::uint16_t target_;
  Places places_;
  std::list<Relay> relays_;
  ListeningPort port_;
};

class Sessions {
 public:
  explicit Sessions(std::uint64_t seed);

  // Null when all held what it promises, else a sentence on what did not.
  const char* run();

  Stream& stream(std::uint32_t number) {
    Stream& stream = streams[number];
    stream.number = number;
    return stream;
  }

  // Whether nothing may be lost between these two hosts.
  bool faithful(std::size_t one, std::size_t other) {
    return simulation.between(one, other).faithful();
  }

  void require(bool condition, const char* otherwise) {
    if (!condition) simulation.fail(otherwise);
  }

  // A timer of this host, if there is one.
  Result<DelayedCall> call_later(std::size_t host, Duration delay, Callback call);

  // Now and then, in some sessions.
  void post_calls();
  std::uint64_t calls_refused() const;

  Simulation<simulation_sizes> simulation;
  std::uint64_t protocols_refused = 0;
  Places places() { return {simulation, protocols_refused}; }
  std::map<std::uint32_t, Stream> streams;
  std::vector<const Watched*> open;
  std::uint32_t sessions = 0;
  std::set<std::uint32_t> quit;
  std::size_t completed = 0;
  bool clocks_step = false;
  bool posts_calls = false;
  std::uint64_t timers_refused = 0;
  bool relays_give_up = false;  // one has, for want of a timer
  DrawnConnections callers_connections;
  DrawnConnections front_connections;
  DrawnConnections back_connections;

 private:
  void draw_faults();
  void step_a_clock();
  void between_turns();
  const char* broken();
  template <class Look>
  void for_each_pool(Look look);
  const char* given_back();

  Service<Echo> echo_;
  Service<Source> source_;
  Service<Sink> sink_;
  Service<Duplex> duplex_;
  std::list<RelayService> relays_;
  std::deque<Caller> callers_;
  std::deque<Posts> posts_;  // one for each host
  std::deque<TimerFamine> famines_;
};

}  // namespace bobbin::sim
