// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>

#include "contract/correspondents.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using contract::Correspondent;
using contract::Texts;
using contract::Trace;
using memory::PortCall;

class ANetworkOfDatagrams : public testing::Test {
 protected:
  ~ANetworkOfDatagrams() override {
    ann_.improvise();
    bob_.improvise();
    ann_port_.stop_listening();
    bob_port_.stop_listening();
    reactor_.run_for(1s);
    EXPECT_EQ(network_.datagrams_in_use().in_use, 0U);
    EXPECT_EQ(network_.timer_use().in_use, 0U);
  }

  void listen() {
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), ann_port_));
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), bob_port_));
  }
  Error write(std::string_view text) { return ann_port_.write(bytes_of(text), bob_port_.host()); }
  // Sends so many, each its own number, one in each millisecond.
  void send_numbers(int count) {
    for (int number = 0; number < count; ++number) {
      ASSERT_FALSE(write(std::to_string(number)));
      reactor_.run_for(1ms);
    }
    reactor_.run_for(1s);
  }

  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 256, .datagrams = 32, .datagram = 100}>
      network_;
  MemoryReactor<> reactor_{network_};
  Correspondent ann_;
  Correspondent bob_;
  UdpPort<64> ann_port_{ann_};
  UdpPort<64> bob_port_{bob_};
};

TEST_F(ANetworkOfDatagrams, picks_no_port_that_another_has) {
  ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), ann_port_));
  const auto next = static_cast<std::uint16_t>(ann_port_.host().port() + 1);
  ASSERT_FALSE(reactor_.listen_udp(Address::loopback(next), bob_port_));
  UdpPort<64> third(bob_);
  ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), third));
  EXPECT_EQ(third.host().port(), next + 1);
}

TEST_F(ANetworkOfDatagrams, takes_its_latency) {
  network_.behaviour.latency = 20ms;
  Instant arrived{};
  bob_.on_datagram = [&](Bytes, const Address&) { arrived = reactor_.now(); };
  listen();
  ASSERT_FALSE(write("hello"));
  reactor_.run_for(1s);
  EXPECT_EQ(arrived, Instant(20ms));
}

TEST_F(ANetworkOfDatagrams, loses_doubles_and_mixes_up_and_does_it_again_with_the_same_seed) {
  listen();
  network_.behaviour = {.jitter = 10ms, .lost_datagrams = 4, .doubled_datagrams = 4};
  constexpr int count = 200;
  std::vector<Texts> runs;
  for (const std::uint64_t seed : {5, 6, 5}) {
    network_.seed(seed);
    bob_.received.clear();
    send_numbers(count);
    runs.push_back(bob_.received);
    const std::set<std::string> different(bob_.received.begin(), bob_.received.end());
    EXPECT_LT(different.size(), count) << "some are lost";
    EXPECT_GT(different.size(), count / 2);
    EXPECT_GT(bob_.received.size(), different.size()) << "some come twice";
    const auto earlier = [](const std::string& a, const std::string& b) {
      return std::stoi(a) < std::stoi(b);
    };
    EXPECT_FALSE(std::ranges::is_sorted(bob_.received, earlier)) << "some overtake others";
  }
  EXPECT_EQ(runs[0], runs[2]);
  EXPECT_NE(runs[0], runs[1]);
}

TEST_F(ANetworkOfDatagrams, carries_so_many_at_a_time_and_refuses_more) {
  network_.behaviour.latency = 1ms;
  network_.behaviour.datagrams_waiting = 100;
  listen();
  for (int i = 0; i < 32; ++i) ASSERT_FALSE(write("one of many"));
  EXPECT_EQ(write("one too many"), Errc::would_block);
  EXPECT_EQ(ann_port_.statistics().sent, 32U);
  reactor_.run_for(1s);
  EXPECT_EQ(bob_.received.size(), 32U);
  EXPECT_FALSE(write("later"));
}

TEST_F(ANetworkOfDatagrams, carries_them_up_to_a_length) {
  listen();
  EXPECT_EQ(write(std::string(101, 'x')), Errc::message_too_long);
  EXPECT_FALSE(write(std::string(100, 'x')));
}

TEST_F(ANetworkOfDatagrams, lets_so_many_wait_in_a_port_and_drops_more) {
  network_.behaviour.datagrams_waiting = 3;
  listen();
  bob_port_.pause_producing();
  send_numbers(5);
  EXPECT_EQ(bob_port_.statistics().dropped_no_room, 2U);
  bob_port_.resume_producing();
  reactor_.run_for(1s);
  EXPECT_EQ(bob_.received, (Texts{"0", "1", "2"}));
  bob_port_.stop_listening();
  EXPECT_EQ(bob_port_.statistics().dropped_no_room, 2U) << "it is remembered";
}

TEST_F(ANetworkOfDatagrams, swallows_and_cannot_reach_as_it_does_with_connections) {
  listen();
  EXPECT_EQ(ann_port_.write(bytes_of("x"), Address::ip4({198, 51, 100, 1}, 9)), Errc::unreachable);
  EXPECT_EQ(ann_port_.connect(Address::ip4({198, 51, 100, 1}, 9)), Errc::unreachable);
  ASSERT_FALSE(ann_port_.connect(Address::ip4({192, 0, 2, 1}, 9)));
  ASSERT_FALSE(ann_port_.write(bytes_of("x")));
  reactor_.run_for(1s);
  EXPECT_EQ(ann_.trace, Trace{"start"}) << "not even a refusal";
}

TEST_F(ANetworkOfDatagrams, carries_broadcasts_to_all_who_listen_everywhere) {
  ASSERT_FALSE(reactor_.listen_udp(Address::any(0), ann_port_, {.broadcast = true}));
  ASSERT_FALSE(reactor_.listen_udp(Address::any(7), bob_port_));
  ASSERT_FALSE(ann_port_.write(bytes_of("all"), Address::ip4({255, 255, 255, 255}, 7)));
  reactor_.run_for(1s);
  EXPECT_EQ(bob_.received, Texts{"all"});
  EXPECT_EQ(bob_.from, Address::loopback(ann_port_.host().port()));
}

TEST_F(ANetworkOfDatagrams, leads_from_one_machine_to_another) {
  MemoryReactor<> other(network_);
  Correspondent cid;
  UdpPort<64> cid_port(cid);
  UdpOptions silent;
  silent.multicast_loop = false;
  const Address group = Address::ip4({239, 0, 0, 1}, 7);
  ASSERT_FALSE(reactor_.listen_udp(Address::any(0), ann_port_, silent));
  UdpOptions shared;
  shared.shared = true;
  ASSERT_FALSE(reactor_.listen_udp(Address::any(7), bob_port_, shared));
  ASSERT_FALSE(other.listen_udp(Address::any(7), cid_port, shared));
  ASSERT_FALSE(bob_port_.join_group(group));
  ASSERT_FALSE(cid_port.join_group(group));
  ASSERT_FALSE(ann_port_.write(bytes_of("to others"), group));
  for (int i = 0; i < 10; ++i) {
    reactor_.turn({});
    other.turn({});
  }
  EXPECT_EQ(cid.received, Texts{"to others"});
  EXPECT_EQ(bob_.received, Texts{}) << "on the sender's machine";
}

TEST_F(ANetworkOfDatagrams, shows_them_where_they_lie_if_it_lends) {
  network_.behaviour.lends = true;
  const std::byte* seen = nullptr;
  bob_.on_datagram = [&](Bytes datagram, const Address&) {
    seen = datagram.data();
    EXPECT_EQ(network_.datagrams_in_use().in_use, 1U) << "until it was looked at";
    bob_port_.stop_listening();
    EXPECT_EQ(text_of(datagram), "lent");
    EXPECT_EQ(network_.datagrams_in_use().in_use, 1U) << "after the stop as well";
  };
  listen();
  ASSERT_FALSE(write("lent"));
  reactor_.run_for(1s);
  const auto* const port = reinterpret_cast<const std::byte*>(&bob_port_);
  EXPECT_TRUE(seen < port || seen >= port + sizeof bob_port_);
  EXPECT_EQ(network_.datagrams_in_use().in_use, 0U);
}

TEST_F(ANetworkOfDatagrams, does_not_let_a_busy_port_starve_others) {
  listen();
  Correspondent cid;
  UdpPort<64> cid_port(cid);
  ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), cid_port));
  reactor_.budget().datagrams = 4;
  // Bob's own answers keep him busy for ever.
  bob_.on_datagram = [&](Bytes datagram, const Address&) {
    EXPECT_FALSE(bob_port_.write(datagram, bob_port_.host()));
  };
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(write("busy"));
  for (int i = 0; i < 100; ++i) reactor_.turn({});
  ASSERT_FALSE(ann_port_.write(bytes_of("me too"), cid_port.host()));
  const std::size_t before = bob_.received.size();
  for (int i = 0; i < 3 && cid.received.empty(); ++i) reactor_.turn({});
  EXPECT_EQ(cid.received, Texts{"me too"});
  EXPECT_LE(bob_.received.size() - before, 3U * 4);
}

// What reads nothing until it is told to, and what writes there.
struct Line {
  std::string received;
  Transport* reader = nullptr;
  Transport* writer = nullptr;
};
struct Reader final : Protocol {
  explicit Reader(Line& line_in) : line(line_in) {}
  void connection_made() override {
    line.reader = &transport();
    transport().pause_producing();
  }
  std::size_t data_received(Bytes data) override {
    line.received += text_of(data);
    return data.size();
  }
  Line& line;
};
struct Writer final : Protocol {
  explicit Writer(Line& line_in) : line(line_in) {}
  void connection_made() override { line.writer = &transport(); }
  Line& line;
};

TEST_F(ANetworkOfDatagrams, are_read_no_faster_than_a_connection_takes_them) {
  static constexpr ConnectionSizes small{.connections = 1, .receive = 16, .send = 64};
  Line line;
  TcpServer<Reader, small, Line> server(line);
  TcpClient<Writer, small, Line> client(line);
  network_.behaviour.datagrams_waiting = 32;
  bob_.on_datagram = [&](Bytes datagram, const Address&) {
    EXPECT_EQ(line.writer->write(datagram), datagram.size());
  };
  listen();
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server));
  ASSERT_FALSE(reactor_.connect_tcp(server.host(), client));
  reactor_.run_for(1s);
  ASSERT_FALSE(line.writer->register_producer(bob_port_));

  std::string sent;
  for (char c = 'A'; c < 'A' + 50; ++c) {
    ASSERT_FALSE(write(std::string(10, c)));
    sent += std::string(10, c);
    reactor_.run_for(1ms);
  }
  EXPECT_LT(bob_.received.size(), 50U) << "paused while the reader takes nothing";
  line.reader->resume_producing();
  reactor_.run_for(1s);
  EXPECT_EQ(line.received, sent);
  EXPECT_EQ(bob_port_.statistics().dropped_no_room, 0U);
  client.disconnect();
  line.writer->dismiss_producer();
  EXPECT_FALSE(bob_port_.listening()) << "stop_producing is stop_listening";
  server.stop_listening();
  reactor_.run_for(1s);
}

// A question is asked until it is answered; whatever fails, it is answered in the end, and
// everything is given back.
class Asking {
 public:
  Asking() {
    network.behaviour.latency = 2ms;
    bob_.on_datagram = [this](Bytes datagram, const Address& from) {
      // What cannot be sent now is asked for again.
      (void)bob_port_.write(datagram, from);
    };
    ann_.on_datagram = [this](Bytes, const Address&) { ++answers_; };
  }
  ~Asking() {
    ann_.improvise();
    bob_.improvise();
  }

  // Each step is tried again until it works.
  void run() {
    ASSERT_FALSE(tries_.start(10ms, {.now = false}));
    reactor_.run_for(1s);
    tries_.stop();
    EXPECT_EQ(answers_, questions);
    ann_port_.stop_listening();
    bob_port_.stop_listening();
    reactor_.run_for(1s);
    EXPECT_EQ(ann_.trace.front(), "start");
    EXPECT_EQ(ann_.trace.back(), "stop");
    EXPECT_EQ(network.datagrams_in_use().in_use, 0U);
    EXPECT_EQ(network.timer_use().in_use, 0U);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  }

  MemoryNetwork<memory::NetworkSizes{.links = 1, .window = 256, .datagrams = 8, .datagram = 64}>
      network;

 private:
  static constexpr int questions = 5;

  Error go_on() {
    if (!bob_port_.listening()) {
      if (Error error = reactor_.listen_udp(Address::any(7), bob_port_)) return error;
    }
    if (!joined_) {
      if (Error error = bob_port_.join_group(Address::ip4({239, 0, 0, 1}, 0))) return error;
      joined_ = true;
    }
    if (!ann_port_.listening()) {
      if (Error error = reactor_.listen_udp(Address::loopback(0), ann_port_)) return error;
    }
    if (!connected_) {
      if (Error error = ann_port_.connect(Address::loopback(7))) return error;
      connected_ = true;
    }
    return answers_ < questions ? ann_port_.write(bytes_of("well?")) : Error();
  }

  MemoryReactor<> reactor_{network};
  Correspondent ann_;
  Correspondent bob_;
  UdpPort<64> ann_port_{ann_};
  UdpPort<64> bob_port_{bob_};
  LoopingCall tries_{reactor_, [this] { return go_on(); }};
  bool joined_ = false;
  bool connected_ = false;
  int answers_ = 0;
};

class TheNthFailureOfDatagrams : public testing::TestWithParam<bool> {
 protected:
  // How many runs it took until there was no n-th use.
  int of(PortCall call) {
    for (std::uint32_t n = 1;; ++n) {
      SCOPED_TRACE("the use number " + std::to_string(n));
      Asking asking;
      asking.network.behaviour.lends = GetParam();
      asking.network.fail.fail(call, n);
      asking.run();
      if (!asking.network.fail.fired()) return static_cast<int>(n);
      if (HasFailure()) return -1;
    }
  }
};

TEST_P(TheNthFailureOfDatagrams, of_listening_is_made_good) {
  EXPECT_EQ(of(PortCall::listen_udp), 3);
}

TEST_P(TheNthFailureOfDatagrams, of_joining_is_made_good) {
  EXPECT_EQ(of(PortCall::join_group), 2);
}

TEST_P(TheNthFailureOfDatagrams, of_connecting_is_made_good) {
  EXPECT_EQ(of(PortCall::connect_udp), 2);
}

TEST_P(TheNthFailureOfDatagrams, of_sending_is_made_good) { EXPECT_EQ(of(PortCall::send), 11); }

TEST_P(TheNthFailureOfDatagrams, of_receiving_is_made_good) {
  EXPECT_GT(of(PortCall::receive), 10);
}

INSTANTIATE_TEST_SUITE_P(OnANetworkThat, TheNthFailureOfDatagrams, testing::Bool(),
                         [](const auto& lends) {
                           return std::string(lends.param ? "lends" : "copies");
                         });

}  // namespace
}  // namespace bobbin
