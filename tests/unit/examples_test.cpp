// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "fake_consumer.hpp"
#include "heartbeat/heartbeat.hpp"
#include "memory_party.hpp"
#include "pingpong/pingpong.hpp"
#include "streaming/streaming.hpp"

// What the examples' parts do, in virtual time.

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using test::FakeConsumer;
using test::Losses;
using test::Party;
using test::Side;
using test::Trace;

constexpr memory::NetworkSizes small_network{.links = 4, .window = 1024};
constexpr ConnectionSizes single{.connections = 1, .receive = 128, .send = 128};

// Ping-pong.

struct Listener final : PingPongLog {
  void wrote_a_byte(std::string_view who) override { note(who, " wrote a byte"); }
  void is_closing(std::string_view who) override { note(who, " is closing the connection"); }
  void lost(std::string_view who, Error reason) override {
    note(who, " lost the connection: ", describe(reason));
  }

  void note(std::string_view who, std::string_view what, std::string_view more = {}) {
    trace.push_back(std::string(who).append(what).append(more));
  }

  Trace trace;
};

TEST(PingPong, alternates_until_one_end_has_received_its_maximum_and_both_end_cleanly) {
  MemoryNetwork<small_network> network;
  network.behaviour.latency = 1ms;
  MemoryReactor<> reactor(network);
  Listener log;
  PingPongEnd server_end{.name = "Server", .maximum = 100, .log = log};
  PingPongEnd client_end{.name = "Client", .maximum = 100, .log = log};
  TcpServer<PingPong, single, PingPongEnd> server(server_end);
  TcpClient<PingPong, single, PingPongEnd> client(client_end);
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
  ASSERT_TRUE(reactor.run_until([&] {
    return server.connections().use().high_water == 1 && server.connections().use().in_use == 0 &&
           client.connections().use().in_use == 0;
  }));
  // Each writes once when it is connected and once for each byte received. Two bytes are on their
  // way at a time, so who is first changes; but nobody gets ahead.
  ASSERT_EQ(log.trace.size(), 2U * 101 + 4);
  const Trace last(log.trace.end() - 6, log.trace.end());
  EXPECT_EQ(last, (Trace{"Client wrote a byte", "Client is closing the connection",
                         "Server wrote a byte", "Server is closing the connection",
                         "Client lost the connection: connection closed cleanly",
                         "Server lost the connection: connection closed cleanly"}));
  std::erase_if(log.trace, [](const std::string& line) { return !line.ends_with("byte"); });
  for (std::size_t i = 0; i < log.trace.size(); i += 2) {
    EXPECT_NE(log.trace[i], log.trace[i + 1]) << "one byte each, in round " << i / 2;
  }
}

class PingPongAlone : public testing::Test {
 protected:
  void connect() {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    reactor_.run_for(1ms);
    ASSERT_TRUE(side_.connected());
  }

  MemoryNetwork<small_network> network_;
  MemoryReactor<> reactor_{network_};
  Listener log_;
  PingPongEnd end_{.name = "It", .maximum = 100, .log = log_};
  TcpServer<PingPong, single, PingPongEnd> server_{end_};
  Side side_;
  test::PartyClient<single> client_{side_};
};

TEST_F(PingPongAlone, writes_one_byte_when_it_is_connected) {
  connect();
  EXPECT_EQ(side_.received, "*");
}

TEST_F(PingPongAlone, writes_a_byte_for_a_byte) {
  connect();
  side_.party().write("*");
  reactor_.run_for(1ms);
  EXPECT_EQ(side_.received, "**");
}

TEST_F(PingPongAlone, is_disconnected_after_its_maximum) {
  connect();
  side_.party().write(std::string(99, '*'));
  reactor_.run_for(1ms);
  EXPECT_EQ(side_.received.size(), 100U);
  EXPECT_FALSE(side_.lost());
  side_.party().write("*");
  reactor_.run_for(1ms);
  EXPECT_EQ(side_.losses, Losses{Errc::connection_done});
  EXPECT_EQ(side_.received.size(), 101U);
  EXPECT_EQ(log_.trace.back(), "It lost the connection: connection closed cleanly");
  EXPECT_EQ(*(log_.trace.end() - 2), "It is closing the connection");
}

// Timers.

TEST(HelloFromThePast, is_said_a_second_and_a_half_later_unless_it_is_cancelled) {
  for (const bool cancelled : {false, true}) {
    ManualClock clock;
    std::string said;
    DelayedCall call = *clock.call_later(1500ms, [&said] { said += "Hello from the past."; });
    EXPECT_TRUE(!cancelled || call.cancel());
    clock.advance(1499ms);
    EXPECT_EQ(said, "");
    clock.advance(1ms);
    EXPECT_EQ(said, cancelled ? "" : "Hello from the past.");
  }
}

TEST(ThreeTimers, run_in_the_order_of_their_delays) {
  ManualClock clock;
  std::string ran;
  for (const int delay : {2, 1, 3}) {
    ASSERT_TRUE(clock.call_later(1s * delay, [&ran, delay] { ran += std::to_string(delay); }));
  }
  clock.advance(3s);
  EXPECT_EQ(ran, "123");
}

// Sets itself again, and then stops the reactor.
struct Countdown {
  Error count() {
    if (counter == 0) return reactor.stop();
    seen.push_back(std::to_string(counter--) + " ... at " + std::to_string(seconds()));
    return reactor.call_later(1s, [this] { return count(); }).error();
  }
  std::int64_t seconds() const { return (reactor.now() - Instant()) / 1s; }

  Reactor& reactor;
  Trace& seen;
  int counter = 5;
};

TEST(Countdown, counts_once_a_second_and_stops) {
  MemoryNetwork<small_network> network;
  MemoryReactor<> reactor(network);
  Trace seen;
  Countdown countdown{.reactor = reactor, .seen = seen};
  ASSERT_FALSE(reactor.call_when_running([&] {
    seen.emplace_back("Start!");
    return countdown.count();
  }));
  EXPECT_FALSE(reactor.run());
  seen.push_back("Stop! at " + std::to_string(countdown.seconds()));
  EXPECT_EQ(seen, (Trace{"Start!", "5 ... at 0", "4 ... at 1", "3 ... at 2", "2 ... at 3",
                         "1 ... at 4", "Stop! at 5"}));
  EXPECT_EQ(reactor.statistics().errors, 0U);
}

// Heartbeat.

// Keeps the one heart it builds within reach.
struct HeartServer final : TcpServer<Heartbeat, single, Clock> {
  using TcpServer::TcpServer;
  Protocol* build_protocol(const Address& peer) override {
    Protocol* const built = TcpServer::build_protocol(peer);
    heart = static_cast<Heartbeat*>(built);
    return built;
  }
  void protocol_done(Protocol& protocol) override {
    beating_at_the_end = heart->beating();
    TcpServer::protocol_done(protocol);
  }
  Heartbeat* heart = nullptr;
  bool beating_at_the_end = true;
};

class AHeartbeat : public testing::Test {
 protected:
  void connect() {
    ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
    ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
    while (side_.received.empty() && network_.now() == Instant()) reactor_.turn({});
  }

  MemoryNetwork<small_network> network_;
  MemoryReactor<ReactorSizes{.timers = 2}> reactor_{network_};
  HeartServer server_{reactor_};
  Side side_;
  test::PartyClient<single> client_{side_};
};

TEST_F(AHeartbeat, beats_at_once_and_every_thirty_seconds) {
  connect();
  EXPECT_EQ(side_.received, "*");
  EXPECT_TRUE(server_.heart->beating());
  reactor_.run_for(29s);
  EXPECT_EQ(side_.received, "*");
  reactor_.run_for(1001ms);
  EXPECT_EQ(side_.received, "**");
  reactor_.run_for(10min);
  EXPECT_EQ(side_.received.size(), 22U);
}

TEST_F(AHeartbeat, stops_with_the_connection) {
  connect();
  side_.party().transport().lose_connection();
  ASSERT_TRUE(reactor_.run_until([this] { return server_.connections().use().in_use == 0; }));
  EXPECT_FALSE(server_.beating_at_the_end);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
}

TEST_F(AHeartbeat, leaves_out_beats_that_find_no_room) {
  connect();
  side_.party().transport().pause_producing();
  reactor_.run_for(24h);
  EXPECT_TRUE(server_.heart->beating());
  side_.party().transport().resume_producing();
  reactor_.run_for(1ms);
  EXPECT_EQ(side_.received.size(), 1 + single.send + small_network.window);
}

TEST_F(AHeartbeat, is_no_connection_without_a_timer) {
  ASSERT_TRUE(reactor_.call_later(1h, [] {}));
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server_));
  ASSERT_FALSE(reactor_.connect_tcp(server_.host(), client_));
  // The connector has the other one until it is connected, which is after the server is.
  ASSERT_TRUE(reactor_.run_until([this] { return side_.lost(); }));
  EXPECT_EQ(side_.losses, Losses{Errc::connection_lost});
  EXPECT_EQ(side_.received, "");
  EXPECT_FALSE(server_.beating_at_the_end);
}

// Streaming.

struct StreamTrace final : StreamLog {
  void writing(std::size_t bytes) override { wanted.push_back(bytes); }
  void pausing() override {
    EXPECT_FALSE(paused) << "pauses and resumes come in turn";
    paused = true;
    ++pauses;
  }
  void resuming() override {
    EXPECT_TRUE(paused) << "pauses and resumes come in turn";
    paused = false;
    ++resumes;
  }

  std::vector<std::size_t> wanted;
  bool paused = false;
  int pauses = 0;
  int resumes = 0;
};

using FakeProducer = StreamingProducer<FakeConsumer>;
static_assert(std::derived_from<FakeProducer, PushProducer>);

class AStreamingProducer : public testing::Test {
 protected:
  ManualClock<> clock_;
  FakeConsumer consumer_;
  StreamTrace log_;
  FakeProducer producer_{clock_, consumer_, log_};
};

TEST_F(AStreamingProducer, writes_at_once_and_twice_as_much_each_millisecond) {
  EXPECT_EQ(consumer_.written, "") << "not before it was told to";
  EXPECT_FALSE(producer_.producing());
  ASSERT_FALSE(producer_.start());
  EXPECT_TRUE(producer_.producing());
  EXPECT_EQ(consumer_.written, "*");
  for (int i = 0; i < 4; ++i) clock_.advance(1ms);
  EXPECT_EQ(log_.wanted, (std::vector<std::size_t>{1, 2, 4, 8, 16}));
  EXPECT_EQ(consumer_.written, std::string(31, '*'));
}

TEST_F(AStreamingProducer, stops_while_paused_and_starts_again_when_resumed) {
  ASSERT_FALSE(producer_.start());
  clock_.advance(1ms);
  producer_.pause_producing();
  EXPECT_FALSE(producer_.producing());
  EXPECT_EQ(clock_.timer_use().in_use, 0U);
  clock_.advance(1h);
  EXPECT_EQ(consumer_.written.size(), 3U);
  producer_.resume_producing();
  EXPECT_EQ(consumer_.written.size(), 4U) << "one at once";
  clock_.advance(1ms);
  EXPECT_EQ(consumer_.written.size(), 6U) << "more as time goes by";
}

TEST_F(AStreamingProducer, is_not_started_twice_by_being_resumed_twice) {
  ASSERT_FALSE(producer_.start());
  producer_.pause_producing();
  producer_.resume_producing();
  producer_.resume_producing();
  EXPECT_EQ(clock_.timer_use().in_use, 1U);
  EXPECT_EQ(consumer_.written.size(), 2U);
}

TEST_F(AStreamingProducer, stops_for_good_also_while_paused) {
  for (const bool paused : {false, true}) {
    ASSERT_FALSE(producer_.start());
    if (paused) producer_.pause_producing();
    producer_.stop_producing();
    const std::size_t written = consumer_.written.size();
    clock_.advance(1h);
    EXPECT_EQ(consumer_.written.size(), written);
    EXPECT_EQ(clock_.timer_use().in_use, 0U);
  }
}

TEST_F(AStreamingProducer, writes_no_more_in_one_tick_than_is_taken) {
  consumer_.room = 1000;
  ASSERT_FALSE(producer_.start());
  clock_.advance(1ms);
  for (int i = 0; i < 20; ++i) clock_.advance(1ms);
  EXPECT_EQ(consumer_.written.size(), 1000U);
  EXPECT_TRUE(producer_.producing());
}

TEST_F(AStreamingProducer, lets_its_consumer_go_when_there_is_no_timer_to_resume_with) {
  ASSERT_FALSE(producer_.start());
  ASSERT_FALSE(consumer_.register_producer(producer_));
  producer_.pause_producing();
  while (clock_.call_later(1h, [] {})) {
  }
  producer_.resume_producing();
  EXPECT_EQ(consumer_.registered, nullptr);
  EXPECT_FALSE(producer_.producing());
}

// Numbers the bytes that a producer writes to a transport, so that the other end can tell whether
// one is missing.
class Numbering {
 public:
  explicit Numbering(Transport& transport) : transport_(transport) {}

  static std::byte byte_at(std::uint64_t position) {
    return static_cast<std::byte>(position % 251);
  }

  std::size_t write(Bytes bytes) {
    std::array<std::byte, 256> numbered;
    for (std::size_t i = 0; i < bytes.size(); ++i) numbered[i] = byte_at(written + i);
    const std::size_t taken = transport_.write(Bytes(numbered).first(bytes.size()));
    written += taken;
    return taken;
  }
  Error register_producer(PushProducer& producer) { return transport_.register_producer(producer); }
  Error register_producer(PullProducer& producer) { return transport_.register_producer(producer); }
  void unregister_producer() { transport_.unregister_producer(); }

  std::uint64_t written = 0;

 private:
  Transport& transport_;
};
static_assert(Consumer<Numbering>);

struct Stream {
  explicit Stream(Clock& clock_in) : clock(clock_in) {}
  Clock& clock;
  StreamTrace log;
  std::uint64_t written = 0;
  std::uint64_t received = 0;
  bool in_order = true;
};

struct Streamer final : Protocol {
  explicit Streamer(Stream& stream) : stream_(stream) {}
  void connection_made() override {
    numbering_.emplace(transport());
    producer_.emplace(stream_.clock, *numbering_, stream_.log);
    ASSERT_FALSE(transport().register_producer(*producer_));
    ASSERT_FALSE(producer_->start());
  }
  void connection_lost(Error reason) override {
    EXPECT_EQ(reason, Errc::connection_done);
    stream_.written = numbering_->written;
  }
  void finish() {
    transport().unregister_producer();
    producer_->stop_producing();
    transport().lose_connection();
  }
  Stream& stream_;
  std::optional<Numbering> numbering_;
  std::optional<StreamingProducer<Numbering>> producer_;
};

// As slow as a reader that stops for a while after each piece.
struct SlowReceiver final : Protocol {
  explicit SlowReceiver(Stream& stream) : stream_(stream) {}
  std::size_t data_received(Bytes data) override {
    for (const std::byte byte : data) {
      stream_.in_order = stream_.in_order && byte == Numbering::byte_at(stream_.received++);
    }
    transport().pause_producing();
    resume_ = *stream_.clock.call_later(3ms, [this] { transport().resume_producing(); });
    return data.size();
  }
  void connection_lost(Error) override { resume_.cancel(); }

  Stream& stream_;
  DelayedCall resume_;
};

struct StreamClient final
    : TcpClient<Streamer, ConnectionSizes{.receive = 16, .send = 1024}, Stream> {
  using TcpClient::TcpClient;
  Protocol* build_protocol(const Address& peer) override {
    Protocol* const built = TcpClient::build_protocol(peer);
    streamer = static_cast<Streamer*>(built);
    return built;
  }
  Streamer* streamer = nullptr;
};

TEST(AStream, goes_on_for_ten_minutes_in_the_memory_it_was_made_with_and_loses_nothing) {
  for (const bool lends : {false, true}) {
    MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 512}> network;
    network.behaviour = {.latency = 1ms, .jitter = 1ms, .lends = lends};
    MemoryReactor<ReactorSizes{.timers = 2}> reactor(network);
    Stream stream(reactor);
    TcpServer<SlowReceiver, ConnectionSizes{.receive = 256, .send = 16}, Stream> server(stream);
    StreamClient client(stream);
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
    ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
    reactor.run_for(10min);
    EXPECT_GT(stream.log.pauses, 10'000);
    EXPECT_LE(stream.log.pauses - stream.log.resumes, 1);
    EXPECT_GT(stream.received, 10'000'000U);
    EXPECT_EQ(reactor.statistics().pauses, static_cast<std::uint32_t>(stream.log.pauses));
    EXPECT_EQ(reactor.statistics().resumes, static_cast<std::uint32_t>(stream.log.resumes));
    client.streamer->finish();
    ASSERT_TRUE(
        reactor.run_until([&] { return client.state() == Connector::State::disconnected; }));
    reactor.run_for(1s);
    EXPECT_TRUE(stream.in_order);
    EXPECT_EQ(stream.received, stream.written);
    EXPECT_EQ(reactor.timer_use().refused, 0U);
  }
}

}  // namespace
}  // namespace bobbin
