// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "support/seed.hpp"

// Sessions in which everything is left to chance: the network, the sizes, and what the connections
// do from inside every callback. What must hold whatever they do is checked after every turn.

namespace bobbin {
namespace {

using namespace std::chrono_literals;

// Bytes that tell where in which stream they belong; the period is prime.
char byte_at(std::uint32_t stream, std::size_t position) {
  return static_cast<char>((position + 17 * stream) % 251);
}

class Peer;
class Session;

// One direction of a connection, as its sender knows it.
struct Stream {
  std::uint32_t number = 0;
  std::size_t written = 0;
  std::size_t received = 0;
};

// Both directions, found by the client's port; server's end is 1.
struct Conversation {
  Stream from[2];
  bool aborted = false;  // by one of us, not by the network
};

class Peer final : public Protocol, private PushProducer {
 public:
  explicit Peer(Session& session) : session_(session), pull_(*this) {}
  ~Peer() { EXPECT_EQ(made_, lost_) << "one loss for each connection made"; }

  void connection_made() override;
  std::size_t data_received(Bytes data) override;
  void read_connection_lost() override;
  void connection_lost(Error reason) override;

  // Something, drawn from the session.
  void act();
  // From now on everything is read, and the connection ends.
  void wind_down();
  void check() const;
  void abort();
  // Nothing but an abort can end what both sides have closed without reading.
  bool closing() const { return closing_; }
  std::uint16_t client_port() const;

 private:
  class Pull final : public PullProducer {
   public:
    explicit Pull(Peer& peer) : peer_(peer) {}
    void resume_producing() override { peer_.asked_for_a_piece(); }
    void stop_producing() override { peer_.stopped(); }

   private:
    Peer& peer_;
  };

  enum class Producing { none, pushing, paused, pulling };

  void resume_producing() override;
  void pause_producing() override;
  void stop_producing() override { stopped(); }
  void asked_for_a_piece();
  void stopped();
  void unregister();
  void write_something();

  Stream& output() { return conversation_->from[end_]; }
  Stream& input() { return conversation_->from[1 - end_]; }

  Session& session_;
  Pull pull_;
  Conversation* conversation_ = nullptr;
  int end_ = 0;
  int made_ = 0;
  int lost_ = 0;
  Producing producing_ = Producing::none;
  std::size_t refused_ = 0;  // of the last offer
  bool closing_ = false;
  bool ended_ = false;  // read_connection_lost was called
  bool inside_write_ = false;
  bool shut_ = false;
};

constexpr ConnectionSizes server_sizes{.connections = 3, .receive = 40, .send = 56, .control = 8};
constexpr ConnectionSizes client_sizes{
    .connections = 1, .receive = 32, .send = 64, .high_water = 40, .low_water = 20};

class Client final : public TcpClient<Peer, client_sizes, Session> {
 public:
  explicit Client(Session& session) : TcpClient(session), session_(session) {}
  ~Client() { shut_down(); }
  void client_connection_failed(Error reason) override;
  void client_connection_lost(Error reason) override;

 private:
  void maybe_again();
  Session& session_;
};

class Session {
 public:
  explicit Session(std::uint64_t seed) : random(seed) {
    const auto maybe = [this](unsigned most) {
      return random.one_in(2) ? 0 : 1 + random.below(most);
    };
    network.behaviour = {.latency = Duration(maybe(5000)),
                         .jitter = Duration(maybe(5000)),
                         .segment_max = random.one_in(2) ? 1460 : 1 + random.below(40U),
                         .read_max = random.one_in(2) ? 1000 : 1 + random.below(40U),
                         .lends = random.one_in(2),
                         .short_reads = maybe(8),
                         .short_writes = maybe(8),
                         .refused_writes = 2 * maybe(8),
                         .resets = random.one_in(4) ? 400 : 0U,
                         .refusals = random.one_in(4) ? 8 : 0U};
    network.seed(random.bits());
    if (random.one_in(3)) {
      reactor.budget() = {
          .posted_calls = 1, .timers = 1, .events = 2, .write_rounds = 1, .bytes = 24};
    }
  }

  void run() {
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(80), server));
    const std::size_t clients_wanted = 1 + random.below(std::size_t{5});
    for (std::size_t i = 0; i < clients_wanted; ++i) {
      clients.emplace_back(*this);
      ASSERT_FALSE(reactor.connect_tcp(Address::loopback(80), clients.back()));
    }
    ASSERT_FALSE(ticks.start(Duration(1 + random.below(3000))));
    const std::size_t turns = 100 + random.below(std::size_t{300});
    for (std::size_t i = 0; i < turns && !testing::Test::HasFailure(); ++i) turn();
    wind_down();
  }

  Conversation& conversation(std::uint16_t client_port) {
    const auto [place, is_new] = conversations.try_emplace(client_port);
    if (is_new) {
      place->second.from[0].number = 2 * client_port;
      place->second.from[1].number = 2 * client_port + 1;
    }
    return place->second;
  }

  // Anyone who is alive acts.
  void someone_acts() {
    if (!alive.empty() && !winding_down) alive[random.below(alive.size())]->act();
  }

  test::Random random;
  MemoryNetwork<memory::NetworkSizes{.links = 16, .window = 300}> network;
  MemoryReactor<ReactorSizes{.timers = 32}> reactor{network};
  LoopingCall ticks{reactor, [this] { someone_acts(); }};
  std::vector<Peer*> alive;
  std::map<std::uint16_t, Conversation> conversations;
  std::size_t losses = 0;
  bool winding_down = false;
  TcpServer<Peer, server_sizes, Session> server{*this};
  std::deque<Client> clients;

 private:
  void turn() {
    reactor.turn(1h);
    for (const Peer* peer : alive) peer->check();
    for (const auto& [port, talk] : conversations) {
      for (const Stream& stream : talk.from) EXPECT_LE(stream.received, stream.written);
    }
    EXPECT_LE(server.connections().use().in_use, server_sizes.connections);
  }

  template <class Done>
  bool turn_until(Done done, Duration limit) {
    const Instant end = network.now() + limit;
    memory::Standstill standstill(100'000);
    while (!done() && network.now() < end && !testing::Test::HasFailure()) {
      turn();
      if (!standstill.after_turn_at(network.now())) continue;
      ADD_FAILURE() << "time stands still";
      break;
    }
    return done();
  }

  bool nothing_in_use() const {
    return alive.empty() && server.connections().use().in_use == 0 &&
           reactor.timer_use().in_use == 0 && network.links_in_use().in_use == 0 &&
           std::ranges::all_of(clients, [](const Client& client) {
             return client.connections().use().in_use == 0;
           });
  }

  void wind_down() {
    winding_down = true;
    ticks.stop();
    for (Client& client : clients) client.stop_connecting();
    for (Peer* peer : std::vector(alive)) peer->wind_down();
    // Keeps time from jumping to the end while something waits.
    turn_until([this] { return nothing_in_use(); }, 2min);
    for (Peer* peer : std::vector(alive)) {
      // Both sides have closed and neither reads what the other still has to send.
      EXPECT_TRUE(peer->closing());
      EXPECT_EQ(std::ranges::count_if(alive,
                                      [peer](const Peer* other) {
                                        return other->client_port() == peer->client_port();
                                      }),
                2);
    }
    for (Peer* peer : std::vector(alive)) peer->abort();
    turn_until([this] { return nothing_in_use(); }, 1min);
    EXPECT_TRUE(nothing_in_use());
    server.stop_listening();
    EXPECT_EQ(network.timer_use().in_use, 0U);
    const Statistics& statistics = reactor.statistics();
    EXPECT_EQ(statistics.connections_opened, statistics.connections_lost);
    EXPECT_EQ(statistics.connections_opened, losses);
    EXPECT_EQ(statistics.errors, 0U);
    std::size_t received = 0;
    for (const auto& [port, talk] : conversations) {
      for (const Stream& stream : talk.from) received += stream.received;
    }
    EXPECT_EQ(statistics.bytes_received, received);
  }
};

// The client's port names the connection at both of its ends.
std::uint16_t Peer::client_port() const {
  return end_ == 1 ? transport().peer().port() : transport().host().port();
}

void Peer::connection_made() {
  ++made_;
  session_.alive.push_back(this);
  end_ = transport().host().port() == 80 ? 1 : 0;
  conversation_ = &session_.conversation(client_port());
  if (session_.winding_down) return wind_down();
  write_something();
  if (session_.random.one_in(4)) act();
}

std::size_t Peer::data_received(Bytes data) {
  EXPECT_FALSE(data.empty());
  EXPECT_FALSE(ended_) << "nothing follows the end";
  EXPECT_FALSE(closing_) << "nothing is received after lose_connection";
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (text_of(data)[i] == byte_at(input().number, input().received + i)) continue;
    ADD_FAILURE() << "not the byte that was sent, at " << input().received + i;
    break;
  }
  std::size_t used = data.size();
  if (!session_.winding_down && session_.random.one_in(4)) used = session_.random.below(used + 1);
  // Refusing a whole buffer would be a message that is too long.
  if (used == 0 && data.size() >= 32) used = 1;
  input().received += used;
  refused_ = used == 0 ? data.size() : 0;
  if (!session_.winding_down && session_.random.one_in(3)) act();
  return used;
}

// Everything the peer wrote has been used, or was offered last and refused.
void Peer::read_connection_lost() {
  EXPECT_FALSE(ended_) << "told once";
  ended_ = true;
  EXPECT_EQ(input().received + refused_, input().written);
  if (session_.winding_down || session_.random.one_in(2)) {
    unregister();
    closing_ = true;
    transport().lose_connection();
  } else {
    act();
  }
}

void Peer::connection_lost(Error reason) {
  ++lost_;
  ++session_.losses;
  EXPECT_EQ(std::erase(session_.alive, this), 1U);
  EXPECT_EQ(producing_, Producing::none) << "stopped before";
  const bool clean = reason == Errc::connection_done;
  EXPECT_TRUE(!clean || closing_ || (ended_ && shut_));
  EXPECT_TRUE(clean || reason == Errc::connection_lost ||
              (reason == Errc::connection_aborted && conversation_->aborted))
      << describe(reason);
  if (reason == Errc::connection_lost) {
    // The network's own resets, or the other side went away with something unread.
    EXPECT_EQ(transport().write(bytes_of("x")), 0U);
  }
  if (session_.random.one_in(4)) {
    transport().lose_connection();
    transport().abort_connection();
    transport().resume_producing();
    EXPECT_TRUE(transport().register_producer(*this)) << "there is nothing to write to";
  }
  session_.someone_acts();
}

void Peer::write_something() {
  char text[120];
  const std::size_t size = session_.random.below(sizeof text);
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = byte_at(output().number, output().written + i);
  }
  const Bytes bytes = bytes_of({text, size});
  const std::size_t room = transport().room();
  inside_write_ = true;
  std::size_t taken = 0;
  switch (session_.random.below(5)) {
    case 0: taken = transport().write_all(bytes) ? size : 0; break;
    case 1: taken = transport().write_control(bytes) ? size : 0; break;
    case 2: {
      const MutableBytes space = transport().reserve();
      EXPECT_LE(space.size(), room);
      taken = std::min(space.size(), size);
      std::ranges::copy(bytes.first(taken), space.begin());
      transport().commit(taken);
      break;
    }
    default:
      taken = transport().write(bytes);
      EXPECT_EQ(taken, std::min(room, size));
      break;
  }
  inside_write_ = false;
  EXPECT_TRUE(taken == 0 || !shut_);
  output().written += taken;
}

void Peer::act() {
  if (lost_ > 0) return;
  test::Random& random = session_.random;
  switch (random.below(24)) {
    default: write_something(); break;
    case 0:
    case 1: transport().pause_producing(); break;
    case 2:
    case 3:
    case 4:
    case 5: transport().resume_producing(); break;
    case 6:
    case 7: {
      const bool busy = producing_ != Producing::none;
      const Error error = transport().register_producer(*this);
      EXPECT_TRUE(!busy || error == Errc::already_registered);
      if (!error && producing_ == Producing::none) producing_ = Producing::pushing;
      break;
    }
    case 8:
      if (producing_ == Producing::none && !transport().register_producer(pull_)) {
        producing_ = Producing::pulling;
      }
      break;
    case 9:
    case 10: unregister(); break;
    case 11:
      if (random.one_in(4)) {
        shut_ = true;
        transport().lose_write_connection();
      }
      break;
    case 12:
      if (random.one_in(6)) {
        closing_ = true;
        transport().lose_connection();
      }
      break;
    case 13:
      if (random.one_in(20)) abort();
      break;
    case 14:
      if (session_.alive.size() > 1) session_.alive.front()->transport().resume_producing();
      break;
    case 15:
      (void)session_.reactor.call_later(Duration(random.below(2000)), [this_session = &session_] {
        this_session->someone_acts();
      });
      break;
  }
}

void Peer::wind_down() {
  transport().resume_producing();
  unregister();
  // Half-closed, each side reads the other's rest.
  shut_ = true;
  transport().lose_write_connection();
}

void Peer::abort() {
  conversation_->aborted = true;
  transport().abort_connection();
}

void Peer::check() const {
  const ConnectionSizes& sizes = end_ == 1 ? server_sizes : client_sizes;
  EXPECT_LE(transport().unsent(), sizes.send);
  EXPECT_LE(transport().room(), sizes.send - sizes.control);
}

void Peer::resume_producing() {
  EXPECT_FALSE(inside_write_) << "never from inside a call of ours";
  EXPECT_EQ(producing_, Producing::paused) << "pauses and resumes come in turn";
  producing_ = Producing::pushing;
  write_something();
  if (session_.random.one_in(4)) act();
}

void Peer::pause_producing() {
  // Registering may pause at once, before we know that it succeeded.
  EXPECT_TRUE(producing_ == Producing::pushing || producing_ == Producing::none);
  producing_ = Producing::paused;
}

void Peer::asked_for_a_piece() {
  EXPECT_EQ(producing_, Producing::pulling);
  EXPECT_GT(transport().room(), 0U);
  const std::size_t before = output().written;
  write_something();
  if (output().written == before || session_.random.one_in(4)) unregister();
}

void Peer::stopped() {
  EXPECT_NE(producing_, Producing::none) << "stopped once, while registered";
  producing_ = Producing::none;
}

void Peer::unregister() {
  transport().unregister_producer();
  producing_ = Producing::none;
}

void Client::client_connection_failed(Error reason) {
  EXPECT_TRUE(reason == Errc::connection_refused || reason == Errc::cancelled ||
              reason == Errc::timed_out || reason == Errc::connection_lost)
      << describe(reason);
  maybe_again();
}

void Client::client_connection_lost(Error) { maybe_again(); }

void Client::maybe_again() {
  if (session_.winding_down || session_.random.one_in(3)) return;
  EXPECT_FALSE(session_.reactor.connect_tcp(Address::loopback(80), *this));
}

TEST(RandomSession, keeps_every_promise) {
  std::vector<std::uint64_t> seeds;
  if (const char* given = std::getenv("BOBBIN_SEED")) {
    seeds = {std::strtoull(given, nullptr, 0)};
  } else {
    std::mt19937_64 derive(20240229);
    for (int i = 0; i < 2000; ++i) seeds.push_back(derive());
  }
  std::size_t bytes = 0;
  std::size_t connections = 0;
  std::size_t pauses = 0;
  for (const std::uint64_t seed : seeds) {
    SCOPED_TRACE("replay with BOBBIN_SEED=" + std::to_string(seed));
    Session session(seed);
    session.run();
    if (HasFailure()) return;
    bytes += session.reactor.statistics().bytes_received;
    connections += session.losses;
    pauses += session.reactor.statistics().pauses;
  }
  if (seeds.size() == 1) return;
  // That they were worth it.
  EXPECT_GT(bytes, 100'000U);
  EXPECT_GT(connections, 1000U);
  EXPECT_GT(pauses, 1000U);
}

}  // namespace
}  // namespace bobbin
