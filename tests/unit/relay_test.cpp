// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <bobbin/looping_call.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/tcp.hpp>

// E7.11: a relay between two clients that cannot reach each other. Both connect to it and say the
// same token; from then on each is sent what the other one sends.

namespace bobbin {
namespace {

using namespace std::chrono_literals;

class RelayEnd;

// The connections that wait for another with their token, which are few.
struct Relay {
  RelayEnd* first = nullptr;
};

class RelayEnd final : public Protocol {
 public:
  explicit RelayEnd(Relay& relay) : relay_(relay) {}

  std::size_t data_received(Bytes data) override {
    switch (state_) {
      case State::greeting: return greeted(data);
      case State::waiting: return 0;
      case State::glued: return buddy_->transport().write(data);
      case State::alone: return data.size();
    }
    return 0;
  }

  void connection_lost(Error) override {
    if (state_ == State::waiting) leave();
    if (state_ != State::glued) return;
    buddy_->state_ = State::alone;
    buddy_->transport().lose_connection();
  }

 private:
  enum class State : std::uint8_t { greeting, waiting, glued, alone };
  using Token = std::array<std::byte, 4>;

  std::size_t greeted(Bytes data) {
    if (data.size() < token_.size()) return 0;
    std::copy_n(data.begin(), token_.size(), token_.begin());
    if (RelayEnd* const buddy = other()) {
      buddy->leave();
      buddy->glue(*this);
      glue(*buddy);
    } else {
      wait();
    }
    return token_.size();
  }

  RelayEnd* other() const {
    RelayEnd* end = relay_.first;
    while (end != nullptr && end->token_ != token_) end = end->next_;
    return end;
  }

  // What its client says meanwhile stays where it is.
  void wait() {
    state_ = State::waiting;
    transport().pause_producing();
    next_ = std::exchange(relay_.first, this);
  }

  void leave() {
    RelayEnd** link = &relay_.first;
    while (*link != this) link = &(*link)->next_;
    *link = next_;
  }

  void glue(RelayEnd& buddy) {
    state_ = State::glued;
    buddy_ = &buddy;
    EXPECT_FALSE(transport().register_producer(buddy.transport()));
    buddy.transport().resume_producing();
  }

  Relay& relay_;
  State state_ = State::greeting;
  Token token_{};
  RelayEnd* next_ = nullptr;
  RelayEnd* buddy_ = nullptr;
};

// What a client says and hears, as long as that is little.
struct Talk {
  Transport* transport = nullptr;
  std::string says;
  std::string heard;
  int losses = 0;
};

class Client final : public Protocol {
 public:
  explicit Client(Talk& talk) : talk_(talk) {}

  void connection_made() override {
    talk_.transport = &transport();
    EXPECT_TRUE(transport().write_all(bytes_of(talk_.says)));
  }
  std::size_t data_received(Bytes data) override {
    talk_.heard += text_of(data);
    return data.size();
  }
  void connection_lost(Error) override {
    talk_.transport = nullptr;
    ++talk_.losses;
  }

 private:
  Talk& talk_;
};

constexpr ConnectionSizes relay_sizes{.connections = 4, .receive = 64, .send = 64};
constexpr ConnectionSizes client_sizes{.receive = 64, .send = 64};

struct RelayTest : testing::Test {
  RelayTest() {
    network.behaviour.latency = 10ms;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  }

  void connect(TcpClient<Client, client_sizes, Talk>& client, Talk& talk, std::string_view says) {
    talk.says = says;
    ASSERT_FALSE(reactor.connect_tcp(server.host(), client));
    reactor.run_for(100ms);
  }

  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  Relay relay;
  TcpServer<RelayEnd, relay_sizes, Relay> server{relay};
  Talk alice;
  Talk bob;
  Talk carol;
  TcpClient<Client, client_sizes, Talk> alices{alice};
  TcpClient<Client, client_sizes, Talk> bobs{bob};
  TcpClient<Client, client_sizes, Talk> carols{carol};
};

TEST_F(RelayTest, E7_11_two_with_the_same_token_hear_each_other) {
  connect(alices, alice, "tok1early ");
  connect(bobs, bob, "tok1hello ");
  EXPECT_EQ(bob.heard, "early ");
  EXPECT_EQ(alice.heard, "hello ");
  for (const char* const word : {"one ", "two ", "three "}) {
    ASSERT_TRUE(alice.transport->write_all(bytes_of(word)));
    ASSERT_TRUE(bob.transport->write_all(bytes_of(word)));
    reactor.run_for(5ms);
  }
  reactor.run_for(100ms);
  EXPECT_EQ(bob.heard, "early one two three ");
  EXPECT_EQ(alice.heard, "hello one two three ");
}

TEST_F(RelayTest, E7_11_those_with_other_tokens_do_not) {
  connect(alices, alice, "tok1from alice");
  connect(bobs, bob, "tok2from bob");
  EXPECT_EQ(alice.heard, "");
  EXPECT_EQ(bob.heard, "");
  connect(carols, carol, "tok1from carol");
  EXPECT_EQ(alice.heard, "from carol");
  EXPECT_EQ(bob.heard, "");
  EXPECT_EQ(carol.heard, "from alice");
}

TEST_F(RelayTest, E7_11_when_one_disconnects_the_other_is_closed) {
  connect(alices, alice, "tok1");
  connect(bobs, bob, "tok1");
  ASSERT_TRUE(alice.transport->write_all(bytes_of("last words")));
  alice.transport->lose_connection();
  reactor.run_for(1s);
  EXPECT_EQ(bob.heard, "last words");
  EXPECT_EQ(alice.losses, 1);
  EXPECT_EQ(bob.losses, 1);
  EXPECT_EQ(server.connections().use().in_use, 0U);
}

TEST_F(RelayTest, E7_11_when_one_is_reset_the_other_is_closed) {
  connect(alices, alice, "tok1");
  connect(bobs, bob, "tok1");
  alice.transport->abort_connection();
  reactor.run_for(1s);
  EXPECT_EQ(bob.losses, 1);
  EXPECT_EQ(server.connections().use().in_use, 0U);
}

TEST_F(RelayTest, E7_11_who_waited_and_is_gone_is_glued_to_nobody) {
  connect(alices, alice, "tok1");
  alice.transport->abort_connection();
  reactor.run_for(1s);
  connect(bobs, bob, "tok1hello");
  EXPECT_NE(relay.first, nullptr);
  connect(carols, carol, "tok1");
  EXPECT_EQ(carol.heard, "hello");
}

// A transfer: bytes by their place in it, so that none can be missing or double.
constexpr std::uint64_t file_size = 100'000'000;
constexpr std::size_t period = 251;

class Pattern {
 public:
  Pattern() {
    for (std::size_t i = 0; i < sizeof(bytes_); ++i) bytes_[i] = static_cast<std::byte>(i % period);
  }
  Bytes at(std::uint64_t place, std::size_t length) const {
    return Bytes(bytes_).subspan(static_cast<std::size_t>(place % period), length);
  }

 private:
  std::byte bytes_[(1U << 16) + period];
};

struct Transfer {
  Pattern pattern;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t in_order = 0;  // of these
  std::uint64_t most_under_way = 0;
  int pauses = 0;
  Transport* reader = nullptr;
};

// Writes as fast as its transport takes it.
class Writer final : public Protocol, private PushProducer {
 public:
  explicit Writer(Transfer& transfer) : transfer_(transfer) {}

  void connection_made() override {
    ASSERT_TRUE(transport().write_all(bytes_of("file")));
    ASSERT_FALSE(transport().register_producer(static_cast<PushProducer&>(*this)));
    resume_producing();
  }

 private:
  void resume_producing() override {
    paused_ = false;
    while (!paused_ && transfer_.sent < file_size) write();
    if (transfer_.sent < file_size) return;
    transport().unregister_producer();
    transport().lose_write_connection();
  }
  void pause_producing() override {
    paused_ = true;
    ++transfer_.pauses;
  }
  void stop_producing() override {}

  void write() {
    const auto length = std::min<std::uint64_t>(file_size - transfer_.sent, 1U << 14);
    transfer_.sent +=
        transport().write(transfer_.pattern.at(transfer_.sent, static_cast<std::size_t>(length)));
    transfer_.most_under_way =
        std::max(transfer_.most_under_way, transfer_.sent - transfer_.received);
  }

  Transfer& transfer_;
  bool paused_ = false;
};

// Reads one offer, and then nothing until it is told to.
class Reader final : public Protocol {
 public:
  explicit Reader(Transfer& transfer) : transfer_(transfer) {}

  void connection_made() override {
    transfer_.reader = &transport();
    ASSERT_TRUE(transport().write_all(bytes_of("file")));
  }
  std::size_t data_received(Bytes data) override {
    const Bytes expected = transfer_.pattern.at(transfer_.received, data.size());
    if (std::equal(data.begin(), data.end(), expected.begin())) transfer_.in_order += data.size();
    transfer_.received += data.size();
    transport().pause_producing();
    return data.size();
  }
  void connection_lost(Error) override { transfer_.reader = nullptr; }

 private:
  Transfer& transfer_;
};

constexpr std::size_t ring = 1U << 15;
constexpr std::size_t window = 1U << 15;
constexpr ConnectionSizes pair{.connections = 2, .receive = ring, .send = ring};
constexpr ConnectionSizes one{.receive = ring, .send = ring};

TEST(ARelay, E7_11_a_slow_reader_holds_back_a_fast_writer) {
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = window}> network;
  MemoryReactor<> reactor(network);
  Relay relay;
  TcpServer<RelayEnd, pair, Relay> server(relay);
  Transfer all;
  TcpClient<Writer, one, Transfer> writer(all);
  TcpClient<Reader, one, Transfer> reader(all);
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(reactor.connect_tcp(server.host(), writer));
  ASSERT_FALSE(reactor.connect_tcp(server.host(), reader));
  LoopingCall reads(reactor, [&all] {
    if (all.reader != nullptr) all.reader->resume_producing();
  });
  ASSERT_FALSE(reads.start(1ms));
  ASSERT_TRUE(reactor.run_until([&all] { return all.received == file_size; }));
  EXPECT_EQ(all.in_order, file_size);
  EXPECT_GT(all.pauses, 1000);
  // A send ring and a receive buffer of each end of the two connections, and what is in between.
  EXPECT_LE(all.most_under_way, 2 * (ring + window + ring));
  reactor.run_for(1s);
  EXPECT_EQ(server.connections().use().in_use, 0U);
}

}  // namespace
}  // namespace bobbin
