// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/tcp_service.hpp>

#include <chrono>
#include <optional>
#include <string>

#include <bobbin/memory.hpp>

#include "service_support.hpp"

namespace bobbin::test {
namespace {

using namespace std::chrono_literals;
using State = Service::State;

constexpr ConnectionSizes sizes{.connections = 2, .receive = 64, .send = 64};
constexpr ConnectionSizes one{.connections = 1, .receive = 64, .send = 64};

struct Echo final : Protocol, private PushProducer {
  void connection_made() override {
    if (!holds) return;
    EXPECT_FALSE(transport().register_producer(*this));
  }
  std::size_t data_received(Bytes data) override {
    if (text_of(data) == "quit") {
      EXPECT_FALSE(on_quit());
    }
    return transport().write(data);
  }
  void connection_lost(Error reason) override { say("server: " + std::string(describe(reason))); }

  static inline Callback on_quit;
  static inline bool holds = false;  // a producer, which keeps the connection open

 private:
  void pause_producing() override {}
  void resume_producing() override {}
  void stop_producing() override {}
};

struct Visitor final : Protocol {
  void connection_made() override { static_cast<void>(transport().write(bytes_of(greeting))); }
  std::size_t data_received(Bytes data) override {
    heard += std::string(text_of(data));
    return data.size();
  }
  void connection_lost(Error reason) override { say("client: " + std::string(describe(reason))); }

  static inline std::string_view greeting;
  static inline std::string heard;
};

struct TcpServiceTest : DeferredTest {
  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  TcpServerService<MemoryReactor<>, TcpServer<Echo, sizes>> service{
      "echo", reactor, Address::loopback(0), {.listen = {}, .drain = 5s}};
  struct Client final : TcpClient<Visitor, one> {
    ~Client() { shut_down(); }
    using TcpClient::shut_down;
  } client;
  Deferred<void> started, stopped;

  TcpServiceTest() {
    Visitor::heard.clear();
    Visitor::greeting = "hello";
    Echo::on_quit = {};
    Echo::holds = false;
    EXPECT_TRUE(reactor.call_later(24h, [] {}));
  }

  void run() {
    service.start(started);
    EXPECT_EQ(result_of(started), "done");
  }
  void visit() {
    EXPECT_FALSE(reactor.connect_tcp(service.host(), client));
    EXPECT_TRUE(reactor.run_until([] { return Visitor::heard == "hello"; }));
  }
  bool ends() {
    return reactor.run_until([this] { return stopped.has_result(); });
  }
};

TEST_F(TcpServiceTest, listens_while_it_runs) {
  EXPECT_FALSE(service.server().listening());
  run();
  EXPECT_TRUE(service.server().listening());
  EXPECT_NE(service.host().port(), 0);
  visit();
  client.disconnect();
  EXPECT_TRUE(reactor.run_until([this] { return client.state() != Connector::State::connected; }));
  reactor.run_for(1s);
  service.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_FALSE(service.server().listening());
}

TEST_F(TcpServiceTest, listens_from_when_it_is_prepared) {
  EXPECT_FALSE(service.prepare());
  EXPECT_TRUE(service.server().listening());
  service.stop(stopped);
  EXPECT_FALSE(service.server().listening());
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(TcpServiceTest, says_why_it_cannot_listen) {
  run();
  TcpServerService<MemoryReactor<>, TcpServer<Echo, sizes>> other("other", reactor, service.host());
  Deferred<void> other_started;
  other.start(other_started);
  EXPECT_EQ(result_of(other_started), "address already in use");
  EXPECT_EQ(other.state(), State::stopped);
}

TEST_F(TcpServiceTest, ends_its_connections_in_order) {
  run();
  visit();
  service.stop(stopped);
  EXPECT_EQ(service.state(), State::stopping);
  EXPECT_EQ(result_of(stopped), "nothing yet");
  EXPECT_TRUE(ends());
  EXPECT_EQ(result_of(stopped), "done");
  reactor.run_for(1s);
  EXPECT_EQ(said(),
            (Lines{"server: connection closed cleanly", "client: connection closed cleanly"}));
  EXPECT_LT(network.now() - Instant(), 5s);
}

TEST_F(TcpServiceTest, aborts_those_that_have_not_ended_in_time) {
  Echo::holds = true;
  run();
  visit();
  service.stop(stopped);
  const Instant then = network.now();
  EXPECT_TRUE(ends());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(network.now() - then, 5s);
  EXPECT_EQ(said(), (Lines{"server: connection aborted", "client: connection lost"}));
}

TEST_F(TcpServiceTest, may_be_stopped_by_one_of_its_connections) {
  Echo::on_quit = [this] { service.stop(stopped); };
  run();
  visit();
  client.shut_down();
  Visitor::greeting = "quit";
  EXPECT_FALSE(reactor.connect_tcp(service.host(), client));
  EXPECT_TRUE(ends());
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(service.state(), State::stopped);
  reactor.run_for(1s);
  EXPECT_EQ(Visitor::heard, "helloquit") << "what was written goes out";
}

TEST_F(TcpServiceTest, may_be_destroyed_by_who_hears_that_it_has_stopped) {
  std::optional<TcpServerService<MemoryReactor<>, TcpServer<Echo, sizes>>> other;
  other.emplace("other", reactor, Address::loopback(0));
  other->start(started);
  EXPECT_FALSE(reactor.connect_tcp(other->host(), client));
  EXPECT_TRUE(reactor.run_until([] { return Visitor::heard == "hello"; }));
  stopped.add_callback([&other] { other.reset(); });
  other->stop(stopped);
  EXPECT_TRUE(ends());
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(TcpServiceTest, listens_again_when_it_is_started_again) {
  run();
  visit();
  service.stop(stopped);
  EXPECT_TRUE(ends());
  Deferred<void> again;
  service.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_TRUE(service.server().listening());
}

TEST_F(TcpServiceTest, ends_what_it_has_when_it_is_destroyed) {
  {
    TcpServerService<MemoryReactor<>, TcpServer<Echo, sizes>> other("other", reactor,
                                                                    Address::loopback(0));
    other.start(started);
    EXPECT_FALSE(reactor.connect_tcp(other.host(), client));
    EXPECT_TRUE(reactor.run_until([] { return Visitor::heard == "hello"; }));
  }
  EXPECT_EQ(said(), Lines{"server: connection aborted"});
  EXPECT_EQ(result_of(started), "done");
  EXPECT_EQ(reactor.timer_use().in_use, 1U) << "the one of this test";
}

TEST_F(TcpServiceTest, does_not_listen_without_a_timer_to_stop_by) {
  while (reactor.call_later(1h, [] {})) {
  }
  service.start(started);
  EXPECT_EQ(result_of(started), "out of capacity");
  EXPECT_FALSE(service.server().listening());
}

}  // namespace
}  // namespace bobbin::test
