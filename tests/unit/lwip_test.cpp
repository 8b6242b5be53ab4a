// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/bobbin.hpp>

#include <lwip/memp.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <lwip/tcp.h>

#include "loopback_host.hpp"
#include "seed.hpp"

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

namespace bobbin {
namespace {

using namespace std::chrono_literals;

// What a connection does, and what became of it.
struct Script {
  std::string greeting;  // written when the connection is made
  bool starts_paused = false;
  bool echoes = false;
  bool closes_at_end = true;
  std::size_t message = 1;  // uses nothing before this many bytes are there

  Transport* transport = nullptr;  // of the latest connection, while it is open
  std::string received;
  int made = 0;
  int ended = 0;
  std::vector<Errc> lost;
};

class Scripted final : public Protocol {
 public:
  explicit Scripted(Script& script) : script_(script) {}

  void connection_made() override {
    ++script_.made;
    script_.transport = &transport();
    if (script_.starts_paused) transport().pause_producing();
    EXPECT_TRUE(transport().write_all(bytes_of(script_.greeting)));
  }

  std::size_t data_received(Bytes data) override {
    if (data.size() < script_.message) return 0;
    const std::size_t used = script_.echoes ? transport().write(data) : data.size();
    script_.received += text_of(data.first(used));
    return used;
  }

  void read_connection_lost() override {
    ++script_.ended;
    if (script_.closes_at_end) transport().lose_connection();
  }

  void connection_lost(Error reason) override {
    script_.lost.push_back(reason.code);
    if (script_.transport == &transport()) script_.transport = nullptr;
  }

 private:
  Script& script_;
};

constexpr ConnectionSizes small{.connections = 1, .receive = 256, .send = 512};
constexpr ConnectionSizes whole_window{.connections = 1, .receive = TCP_WND, .send = 64};
constexpr ConnectionSizes too_large{.connections = 1, .receive = TCP_WND + 1, .send = 64};
constexpr ConnectionSizes much_to_send{
    .connections = 1, .receive = TCP_WND, .send = 3 * TCP_SND_BUF};
constexpr ConnectionSizes beyond_backlog{BOBBIN_LWIP_BACKLOG + 2, 64, 64};
constexpr ConnectionSizes twice_backlog{2 * BOBBIN_LWIP_BACKLOG, 64, 64};
constexpr ConnectionSizes too_many{BOBBIN_LWIP_CONNECTIONS + 1, 64, 64};
constexpr ConnectionSizes roomy{.connections = 1, .receive = 256, .send = 4096};
constexpr ConnectionSizes two{.connections = 2, .receive = 256, .send = 256};

template <ConnectionSizes sizes = small>
struct Server final : Script, TcpServer<Scripted, sizes, Script> {
  Server() : TcpServer<Scripted, sizes, Script>(static_cast<Script&>(*this)) {}
};

template <ConnectionSizes sizes = small>
struct Client final : Script, TcpClient<Scripted, sizes, Script> {
  Client() : TcpClient<Scripted, sizes, Script>(static_cast<Script&>(*this)) {}
  void client_connection_failed(Error reason) override { failed = reason; }

  Error failed;
};

// Writes a text as fast as it is taken, then ends its side.
struct Stream final : PullProducer {
  Stream(Script& peer, std::string what) : script(peer), text(std::move(what)) {}

  void start() { EXPECT_FALSE(script.transport->register_producer(*this)); }
  void resume_producing() override {
    sent += script.transport->write(bytes_of(text).subspan(sent));
    if (sent < text.size()) return;
    script.transport->unregister_producer();
    script.transport->lose_write_connection();
  }
  void stop_producing() override {}

  Script& script;
  std::string text;
  std::size_t sent = 0;
};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

// Holds every free object of one of lwIP's pools.
class Exhausted {
 public:
  explicit Exhausted(memp_t type) : type_(type) {
    while (void* object = memp_malloc(type_)) held_.push_back(object);
  }
  ~Exhausted() { give_back(); }
  void give_back() {
    for (void* object : held_) memp_free(type_, object);
    held_.clear();
  }
  void give_back_one() {
    memp_free(type_, held_.back());
    held_.pop_back();
  }

 private:
  memp_t type_;
  std::vector<void*> held_;
};

class Lwip : public ::testing::Test {
 protected:
  static constexpr std::uint16_t port = 7000;

  // Everything must have gone back to lwIP's pools, once the last TIME_WAIT is over.
  void TearDown() override {
    host.cut(false);
    host.starve(false);
    LwipReactor<> rest(host);
    for (int seconds = 0; seconds < 300; ++seconds) rest.turn(1s);
    EXPECT_EQ(tcp_active_pcbs, nullptr);
    EXPECT_EQ(tcp_tw_pcbs, nullptr);
    EXPECT_EQ(tcp_bound_pcbs, nullptr);
    EXPECT_EQ(tcp_listen_pcbs.pcbs, nullptr);
    for (int type = 0; type < MEMP_MAX; ++type) {
      if (type == MEMP_SYS_TIMEOUT) continue;
      EXPECT_EQ(lwip_stats.memp[type]->used, 0) << "pool " << type;
    }
  }

  template <class Done>
  bool run_until(Done done, Duration limit = 60s) {
    const Instant end = host.now() + limit;
    while (!done()) {
      if (host.now() >= end) return false;
      reactor.turn(end - host.now());
    }
    return true;
  }

  void run_for(Duration length) {
    run_until([] { return false; }, length);
  }

  template <class S>
  void listen(S& server) {
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(port), server));
  }

  template <class C>
  void connect(C& client) {
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(port), client));
  }

  template <class S, class C>
  void open(S& server, C& client) {
    listen(server);
    connect(client);
    ASSERT_TRUE(run_until([&] { return server.transport && client.transport; }));
  }

  test::LoopbackHost host;
  LwipReactor<> reactor{host};
};

using Lost = std::vector<Errc>;

TEST_F(Lwip, echoes) {
  Server server;
  server.echoes = true;
  Client client;
  client.greeting = "hello";
  open(server, client);
  ASSERT_TRUE(run_until([&] { return client.received == "hello"; }));
  client.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, echoes_over_ipv6) {
  if (!LWIP_IPV6) GTEST_SKIP();
  const Address localhost = *Address::parse("::1", port);
  Server server;
  server.echoes = true;
  Client client;
  client.greeting = "hello";
  ASSERT_FALSE(reactor.listen_tcp(localhost, server));
  ASSERT_FALSE(reactor.connect_tcp(localhost, client));
  ASSERT_TRUE(run_until([&] { return client.received == "hello"; }));
  EXPECT_EQ(server.host(), localhost);
  EXPECT_EQ(client.transport->peer(), localhost);
}

TEST_F(Lwip, knows_both_addresses) {
  Server server;
  Client client;
  open(server, client);
  EXPECT_EQ(server.transport->host(), Address::loopback(port));
  EXPECT_EQ(client.transport->peer(), Address::loopback(port));
  EXPECT_EQ(client.transport->host(), server.transport->peer());
  EXPECT_EQ(server.host(), Address::loopback(port));
}

TEST_F(Lwip, listens_on_a_port_of_its_choice) {
  Server server;
  ASSERT_FALSE(reactor.listen_tcp(Address::any(0), server));
  EXPECT_NE(server.host().port(), 0);
  Client client;
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(server.host().port()), client));
  EXPECT_TRUE(run_until([&] { return client.made == 1 && server.made == 1; }));
}

TEST_F(Lwip, carries_a_mebibyte_through_small_rings_both_ways) {
  Server server;
  server.echoes = true;
  Client client;
  open(server, client);
  Stream stream(client, pattern(1 << 20));
  stream.start();
  ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
  EXPECT_TRUE(client.received == stream.text);
  EXPECT_TRUE(server.received == stream.text);
}

TEST_F(Lwip, carries_a_mebibyte_through_rings_larger_than_the_send_buffer) {
  Server<much_to_send> server;
  server.echoes = true;
  Client<much_to_send> client;
  open(server, client);
  Stream stream(client, pattern(1 << 20));
  stream.start();
  ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
  EXPECT_TRUE(client.received == stream.text);
}

TEST_F(Lwip, carries_everything_over_a_link_that_fails_again_and_again) {
  test::for_each_seed([&](test::Random& random) {
    test::LoopbackHost::seed(random.bits());
    Server server;
    server.echoes = true;
    Client client;
    open(server, client);
    Stream stream(client, pattern(20000));
    stream.start();
    for (int i = 0; i < 2000 && client.ended == 0; ++i) {
      host.cut(random.one_in(4));
      reactor.turn(std::chrono::milliseconds(random.below(2000)));
    }
    host.cut(false);
    ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
    EXPECT_TRUE(client.received == stream.text);
  });
}

// As a task of an RTOS does: it sleeps on its own, and gives the reactor turns that do not.
class LwipInATask : public Lwip {
 protected:
  template <class Done>
  bool task_until(Done done) {
    for (int rounds = 0; rounds < 100'000 && !done(); ++rounds) {
      reactor.turn(0s);
      const Duration wait = reactor.longest_wait();
      if (wait > 0s) host.sleep_until(wait == forever ? never : host.now() + wait);
    }
    return done();
  }
};

// Between turns nothing but lwIP's timers can bring about what was lost.
TEST_F(LwipInATask, sends_again_what_was_lost) {
  Server server;
  server.echoes = true;
  Client client;
  listen(server);
  connect(client);
  ASSERT_TRUE(task_until([&] { return server.transport && client.transport; }));
  host.cut(true);
  ASSERT_EQ(client.transport->write(bytes_of("hello")), 5U);
  reactor.turn(0s);
  reactor.turn(0s);
  host.cut(false);
  const Instant before = host.now();
  EXPECT_TRUE(task_until([&] { return client.received == "hello"; }));
  EXPECT_GT(host.now(), before);
}

TEST_F(LwipInATask, sleeps_and_looks_again_for_a_frame_that_finds_no_buffer) {
  Server server;
  Client client;
  listen(server);
  host.starve(true);
  connect(client);
  reactor.turn(0s);
  const Instant before = host.now();
  EXPECT_TRUE(task_until([&] { return host.now() - before > 1s; }));
  EXPECT_LE(reactor.longest_wait(), 10ms);
  EXPECT_LE(host.sleeps(), 1000U);
  host.starve(false);
  EXPECT_TRUE(task_until([&] { return server.transport && client.transport; }));
}

// A chip that has more frames than one poll takes.
class BusyHost final : public LwipHost {
 public:
  explicit BusyHost(test::LoopbackHost& host) : host_(host) {}
  Instant now() override { return host_.now(); }
  Input poll_input() override { return host_.poll_input(), Input::more; }
  void sleep_until(Instant deadline) override { host_.sleep_until(deadline); }
  void wake() override { host_.wake(); }
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const override { return host_.in_own_context(); }
#endif

 private:
  test::LoopbackHost& host_;
};

TEST_F(LwipInATask, does_not_sleep_while_frames_wait) {
  BusyHost busy(host);
  LwipReactor<> busy_reactor(busy);
  busy_reactor.turn(0s);
  EXPECT_EQ(busy_reactor.longest_wait(), 0s);
}

TEST_F(Lwip, offers_a_message_as_long_as_the_whole_window) {
  Server<whole_window> server;
  server.message = TCP_WND;
  Client client;
  open(server, client);
  Stream stream(client, pattern(3 * TCP_WND));
  stream.start();
  // One segment fills the client's ring, and its acknowledgement is delayed each time.
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }, 600s));
  EXPECT_TRUE(server.received == stream.text);
}

TEST_F(Lwip, rejects_a_receive_buffer_larger_than_the_window) {
  Server<too_large> server;
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), server), Errc::invalid_argument);
  Client<too_large> client;
  EXPECT_EQ(reactor.connect_tcp(Address::loopback(port), client), Errc::invalid_argument);
}

TEST_F(Lwip, rejects_a_pool_of_more_connections_than_lwip_has_memory_for) {
  Server<too_many> server;
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), server), Errc::invalid_argument);
}

TEST_F(Lwip, reports_a_refused_connection) {
  Client client;
  connect(client);
  ASSERT_TRUE(run_until([&] { return bool(client.failed); }, 1s));
  EXPECT_EQ(client.failed.code, Errc::connection_refused);
  EXPECT_EQ(client.failed.native, ERR_RST);
}

TEST_F(Lwip, gives_up_on_a_peer_that_does_not_answer) {
  Client client;
  // In the loopback net, but of no interface.
  const Address nobody = Address::ip4({127, 0, 0, 2}, port);
  ASSERT_FALSE(reactor.connect_tcp(nobody, client, {.timeout = 5s}));
  const Instant start = host.now();
  ASSERT_TRUE(run_until([&] { return bool(client.failed); }));
  EXPECT_EQ(client.failed.code, Errc::timed_out);
  EXPECT_EQ(host.now() - start, 5s);
}

TEST_F(Lwip, reports_that_lwip_gave_up_on_a_peer_that_does_not_answer) {
  Client client;
  const Address nobody = Address::ip4({127, 0, 0, 2}, port);
  ASSERT_FALSE(reactor.connect_tcp(nobody, client, {.timeout = 1h}));
  ASSERT_TRUE(run_until([&] { return bool(client.failed); }, 300s));
  EXPECT_EQ(client.failed.code, Errc::timed_out);
  EXPECT_EQ(client.failed.native, ERR_ABRT);
}

TEST_F(Lwip, fails_where_no_interface_leads) {
  Client client;
  EXPECT_EQ(reactor.connect_tcp(Address::ip4({192, 0, 2, 1}, port), client), Errc::unreachable);
  // The connector may be used again.
  Server server;
  open(server, client);
}

TEST_F(Lwip, rejects_a_family_it_was_built_without) {
  if (LWIP_IPV6) GTEST_SKIP();
  Client client;
  EXPECT_EQ(reactor.connect_tcp(Address::ip6({}, port), client), Errc::not_supported);
}

TEST_F(Lwip, delivers_what_came_before_a_reset) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  server.transport->write(bytes_of("last words"));
  run_for(1s);
  client.transport->resume_producing();
  server.transport->abort_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.received, "last words");
  EXPECT_EQ(client.lost, Lost{Errc::connection_lost});
  EXPECT_EQ(server.lost, Lost{Errc::connection_aborted});
}

TEST_F(Lwip, hears_of_a_reset_while_paused) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  server.transport->write(bytes_of("unread"));
  run_for(1s);
  server.transport->abort_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }, 1s));
  EXPECT_EQ(client.lost, Lost{Errc::connection_lost});
}

TEST_F(Lwip, loses_a_connection_whose_peer_has_vanished) {
  Server server;
  Client client;
  open(server, client);
  host.cut(true);
  client.transport->write(bytes_of("anybody there?"));
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }, 3600s));
  EXPECT_EQ(client.lost, Lost{Errc::timed_out});
}

TEST_F(Lwip, finds_out_that_a_peer_vanished_from_an_idle_connection) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  run_for(10s);
  host.cut(true);
  const std::chrono::seconds needed(BOBBIN_KEEPALIVE_IDLE_S +
                                    BOBBIN_KEEPALIVE_COUNT * BOBBIN_KEEPALIVE_INTERVAL_S);
  ASSERT_TRUE(run_until([&] { return server.lost.size() + client.lost.size() == 2; }, needed + 2s));
  EXPECT_EQ(server.lost, Lost{Errc::timed_out});
  EXPECT_EQ(client.lost, Lost{Errc::timed_out});
}

TEST_F(Lwip, keeps_an_idle_connection_whose_peer_is_there) {
  Server server;
  Client client;
  open(server, client);
  run_for(3600s);
  EXPECT_NE(server.transport, nullptr);
  EXPECT_NE(client.transport, nullptr);
}

// One segment each way for each round, also when a window has opened so far that lwIP would tell of
// it at once.
TEST_F(Lwip, tells_of_an_opened_window_with_the_answer) {
  Server<roomy> server;
  server.echoes = true;
  Client<roomy> client;
  client.echoes = true;
  client.greeting = pattern(1000);
  open(server, client);
  const auto rounds_back = [&](std::size_t rounds) {
    return run_until([&] { return client.received.size() >= rounds * 1000; });
  };
  ASSERT_TRUE(rounds_back(10));
  const auto before = lwip_stats.tcp.xmit;
  ASSERT_TRUE(rounds_back(30));
  EXPECT_EQ(lwip_stats.tcp.xmit - before, 40);
}

TEST_F(Lwip, tells_of_an_opened_window_when_there_is_no_answer) {
  Server<whole_window> server;
  server.starts_paused = true;
  Client<much_to_send> client;
  client.greeting = pattern(TCP_WND);
  open(server, client);
  run_for(100ms);
  EXPECT_EQ(tcp_active_pcbs->snd_wnd + tcp_active_pcbs->next->snd_wnd, TCP_WND);
  server.transport->resume_producing();
  reactor.turn({});
  reactor.turn({});
  EXPECT_EQ(server.received.size(), std::size_t{TCP_WND});
  EXPECT_EQ(tcp_active_pcbs->snd_wnd + tcp_active_pcbs->next->snd_wnd, 2 * TCP_WND);
}

TEST_F(Lwip, closes_the_window_of_a_peer_that_nobody_reads_and_loses_nothing) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  Stream stream(client, pattern(100000));
  stream.start();
  run_for(60s);
  EXPECT_EQ(server.received, "");
  EXPECT_GE(stream.sent, TCP_WND / 2);
  EXPECT_LE(stream.sent, std::size_t{TCP_WND} + small.send);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }, 300s));
  EXPECT_TRUE(server.received == stream.text);
}

TEST_F(Lwip, bounds_the_pbufs_of_a_peer_that_sends_bytes_one_by_one) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  const std::string text = pattern(200);
  for (std::size_t sent = 0; sent < text.size();) {
    sent += client.transport->write(bytes_of(text).subspan(sent, 1));
    reactor.turn(10ms);
    // Each byte that arrived takes one of lwIP's smallest buffers, each that was sent another.
    ASSERT_LT(lwip_stats.memp[MEMP_POOL_FIRST]->used,
              3 * (TCP_WND / TCP_MSS + 1) + TCP_SND_QUEUELEN / 2 + 10);
  }
  run_for(5s);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return server.received.size() == text.size(); }));
  EXPECT_TRUE(server.received == text);
}

TEST_F(Lwip, serves_those_who_waited_for_a_connection_with_what_they_sent_early) {
  Server server;
  listen(server);
  std::vector<std::unique_ptr<Client<>>> clients;
  for (char name = 'a'; name < 'e'; ++name) {
    clients.push_back(std::make_unique<Client<>>());
    clients.back()->greeting = std::string(1, name);
    connect(*clients.back());
    ASSERT_TRUE(run_until([&] { return clients.back()->made == 1; }));
  }
  run_for(1s);
  EXPECT_EQ(server.received, "a");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    // The next one is served when the one before has left, at once.
    const Instant start = host.now();
    ASSERT_TRUE(run_until([&] { return server.received.size() == i + 1; }));
    EXPECT_LE(host.now() - start, 1ms);
    clients[i]->transport->lose_connection();
    ASSERT_TRUE(run_until([&] { return server.lost.size() == i + 1; }));
  }
  EXPECT_EQ(server.received, "abcd");
  EXPECT_EQ(server.lost, Lost(4, Errc::connection_done));
}

constexpr int default_segment = 536;

// The client's side of a connection.
const tcp_pcb& pcb_of(const Transport& client) {
  const tcp_pcb* pcb = tcp_active_pcbs;
  while (pcb->local_port != client.host().port()) pcb = pcb->next;
  return *pcb;
}

TEST_F(Lwip, lets_one_who_waits_send_a_segment_and_no_more) {
  Server<whole_window> server;
  Client first;
  open(server, first);
  EXPECT_EQ(pcb_of(*first.transport).snd_wnd_max, TCP_WND);
  Client<much_to_send> second;
  second.greeting = pattern(3 * TCP_MSS);
  connect(second);
  ASSERT_TRUE(run_until([&] { return second.made == 1; }));
  run_for(3s);
  const tcp_pcb& pcb = pcb_of(*second.transport);
  EXPECT_EQ(pcb.snd_wnd_max, default_segment);
  EXPECT_EQ(pcb.snd_wnd, 0);
  EXPECT_EQ(pcb.unacked, nullptr);
  first.transport->lose_connection();
  EXPECT_TRUE(run_until([&] { return server.received == second.greeting; }));
  EXPECT_GT(pcb.snd_wnd_max, TCP_WND - default_segment);
}

TEST_F(Lwip, tells_clients_who_come_at_once_the_window_of_the_connections_that_are_free) {
  Server<two> server;
  listen(server);
  Client<> clients[3];
  for (Client<>& client : clients) connect(client);
  ASSERT_TRUE(run_until([&] { return clients[2].made == 1; }));
  EXPECT_EQ(pcb_of(*clients[0].transport).snd_wnd_max, TCP_WND);
  EXPECT_EQ(pcb_of(*clients[1].transport).snd_wnd_max, TCP_WND);
  EXPECT_EQ(pcb_of(*clients[2].transport).snd_wnd_max, default_segment);
}

// What a client sends that does not wait for anybody: so much, right behind its handshake.
struct Hasty {
  explicit Hasty(std::size_t size) : bytes(pattern(size)) {
    pcb = tcp_new_ip_type(IPADDR_TYPE_V4);
    const ip_addr_t loopback = IPADDR4_INIT_BYTES(127, 0, 0, 1);
    tcp_arg(pcb, this);
    tcp_err(pcb, [](void* self, err_t) { static_cast<Hasty*>(self)->pcb = nullptr; });
    EXPECT_EQ(tcp_connect(pcb, &loopback, 7000, send), ERR_OK);
  }
  ~Hasty() {
    if (pcb != nullptr) tcp_abort(pcb);
  }

  static err_t send(void* self, tcp_pcb* pcb, err_t) {
    const std::string& bytes = static_cast<Hasty*>(self)->bytes;
    EXPECT_EQ(tcp_write(pcb, bytes.data(), static_cast<u16_t>(bytes.size()), 0), ERR_OK);
    return tcp_output(pcb);
  }

  std::string bytes;
  tcp_pcb* pcb = nullptr;
};

TEST_F(Lwip, keeps_all_of_what_comes_right_behind_the_handshake_for_a_free_connection) {
  Server<whole_window> server;
  listen(server);
  const Hasty client(3 * TCP_MSS);
  EXPECT_TRUE(run_until([&] { return server.received == client.bytes; }, 50ms));
}

// That all of lwIP's pools are as before is seen at the end of each test.
TEST_F(Lwip, gives_back_what_came_early_of_one_who_is_reset_or_whose_port_closes) {
  for (const bool reset : {true, false}) {
    Server<whole_window> server;
    Client first;
    open(server, first);
    {
      const Hasty client(500);
      run_for(1s);
      EXPECT_EQ(server.received, "");
      if (!reset) server.stop_listening();
    }
    run_for(1s);
    server.stop_listening();
    first.transport->lose_connection();
    run_for(1s);
  }
}

struct OneProtocol final : Script, TcpServer<Scripted, two, Script> {
  OneProtocol() : TcpServer<Scripted, two, Script>(static_cast<Script&>(*this)) {}
  bool has_room() const override { return connections().use().in_use == 0; }
};

TEST_F(Lwip, lets_one_who_waits_for_a_protocol_send_no_more_either) {
  OneProtocol server;
  listen(server);
  Client<> first;
  connect(first);
  ASSERT_TRUE(run_until([&] { return first.made == 1 && server.made == 1; }));
  Client<> second;
  connect(second);
  ASSERT_TRUE(run_until([&] { return second.made == 1; }));
  EXPECT_EQ(pcb_of(*second.transport).snd_wnd_max, default_segment);
}

struct SharedFactory final : Script, Factory {
  Protocol* build_protocol(const Address&) override {
    return slots.emplace(static_cast<Script&>(*this));
  }
  void protocol_done(Protocol& protocol) override {
    slots.release(static_cast<Scripted&>(protocol));
  }
  Pool<Scripted, 2> slots;
};

TEST_F(Lwip, reckons_with_those_who_come_to_another_port_of_the_pool) {
  Connections<small> pool;
  SharedFactory factory;
  ListeningPort one{factory, pool};
  ListeningPort other{factory, pool};
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7000), one));
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7001), other));
  Client<> first;
  Client<> second;
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7000), first));
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7001), second));
  ASSERT_TRUE(run_until([&] { return first.made == 1 && second.made == 1; }));
  EXPECT_EQ(pcb_of(*second.transport).snd_wnd_max, default_segment);
}

TEST_F(Lwip, serves_more_than_the_backlog_in_the_end) {
  Server server;
  listen(server);
  std::vector<std::unique_ptr<Client<>>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<Client<>>());
    clients.back()->greeting = "x";
    connect(*clients.back());
  }
  run_for(15s);  // SYNs are repeated
  EXPECT_EQ(server.received, "x");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    ASSERT_TRUE(run_until([&] { return server.received.size() == i + 1; }));
    server.transport->lose_connection();
  }
  EXPECT_TRUE(run_until([&] { return server.lost.size() == clients.size(); }));
}

TEST_F(Lwip, has_more_connections_than_the_backlog) {
  constexpr std::size_t count = beyond_backlog.connections;
  Server<beyond_backlog> server;
  listen(server);
  Client<> clients[count];
  for (Client<>& client : clients) {
    connect(client);
    ASSERT_TRUE(run_until([&] { return client.made == 1; }, 1s));
  }
  run_for(1s);
  EXPECT_EQ(server.made, static_cast<int>(count));
}

TEST_F(Lwip, serves_at_once_as_many_as_come_at_once_and_find_a_free_connection) {
  constexpr std::size_t count = twice_backlog.connections;
  Server<twice_backlog> server;
  listen(server);
  Client<> clients[count];
  for (Client<>& client : clients) {
    client.greeting = "x";
    connect(client);
  }
  EXPECT_TRUE(run_until([&] { return server.received.size() == count; }, 100ms));
}

TEST_F(Lwip, forgets_those_who_waited_and_left) {
  Server server;
  Client first;
  open(server, first);
  Client second;
  Client third;
  Client fourth;
  connect(second);
  connect(third);
  connect(fourth);
  ASSERT_TRUE(run_until([&] { return second.made + third.made + fourth.made == 3; }));
  second.transport->abort_connection();
  run_for(1s);
  first.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return server.made == 2; }));
  EXPECT_EQ(server.transport->peer(), third.transport->host());
  // The next place in the queue is its now.
  fourth.transport->abort_connection();
  run_for(1s);
  third.transport->lose_connection();
  run_for(1s);
  EXPECT_EQ(server.made, 2);
  EXPECT_TRUE(server.listening());
}

TEST_F(Lwip, serves_one_who_sent_and_ended_while_waiting) {
  Server server;
  Client first;
  open(server, first);
  Client with_data;
  with_data.greeting = "early";
  connect(with_data);
  Client without;
  connect(without);
  ASSERT_TRUE(run_until([&] { return with_data.made == 1 && without.made == 1; }));
  with_data.transport->lose_connection();
  without.transport->lose_connection();
  run_for(3s);
  first.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return server.lost.size() == 3; }));
  EXPECT_EQ(server.received, "early");
  EXPECT_EQ(server.ended, 3);
  EXPECT_EQ(server.lost, Lost(3, Errc::connection_done));
}

TEST_F(Lwip, refuses_those_who_wait_when_it_stops_listening) {
  Server server;
  Client first;
  open(server, first);
  Client second;
  connect(second);
  ASSERT_TRUE(run_until([&] { return second.made == 1; }));
  server.stop_listening();
  ASSERT_TRUE(run_until([&] { return !second.lost.empty(); }, 1s));
  EXPECT_EQ(second.lost, Lost{Errc::connection_lost});
  EXPECT_NE(first.transport, nullptr);
}

TEST_F(Lwip, does_not_listen_twice_on_one_port) {
  Server server;
  listen(server);
  Server other;
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), other), Errc::address_in_use);
  server.stop_listening();
  EXPECT_FALSE(reactor.listen_tcp(Address::loopback(port), other));
}

TEST_F(Lwip, cannot_share_a_port) {
  Server server;
  EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), server, {.share_port = true}),
            Errc::not_supported);
}

TEST_F(Lwip, listens_again_while_connections_are_open) {
  if (!SO_REUSE) GTEST_SKIP();
  Server server;
  Client client;
  open(server, client);
  server.stop_listening();
  EXPECT_FALSE(reactor.listen_tcp(Address::loopback(port), server));
  client.transport->write(bytes_of("still here"));
  EXPECT_TRUE(run_until([&] { return server.received == "still here"; }));
}

TEST_F(Lwip, fails_cleanly_without_a_free_pcb_and_recovers) {
  Client client;
  Server server;
  {
    const Exhausted pcbs(MEMP_TCP_PCB);
    EXPECT_EQ(reactor.connect_tcp(Address::loopback(port), client), Errc::no_capacity);
    EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), server), Errc::no_capacity);
  }
  {
    const Exhausted listeners(MEMP_TCP_PCB_LISTEN);
    EXPECT_EQ(reactor.listen_tcp(Address::loopback(port), server), Errc::no_capacity);
  }
  {
    const Exhausted segments(MEMP_TCP_SEG);
    EXPECT_EQ(reactor.connect_tcp(Address::loopback(port), client), Errc::no_capacity);
  }
  open(server, client);
}

TEST_F(Lwip, gives_the_pcbs_of_closed_connections_to_new_ones) {
  Server server;
  listen(server);
  // Far more than there are pcbs, in less than TIME_WAIT takes.
  for (int i = 1; i <= 3 * MEMP_NUM_TCP_PCB; ++i) {
    Client client;
    connect(client);
    ASSERT_TRUE(run_until([&] { return client.made == 1 && server.made == i; }, 1s));
    client.transport->lose_connection();
    ASSERT_TRUE(run_until([&] { return client.lost.size() == 1; }, 1s));
    ASSERT_TRUE(run_until([&] { return server.lost.size() == static_cast<std::size_t>(i); }, 1s));
  }
}

TEST_F(Lwip, gives_the_pcbs_of_connections_whose_end_is_not_confirmed_to_new_ones) {
  Server server;
  listen(server);
  for (int i = 1; i <= 3 * MEMP_NUM_TCP_PCB; ++i) {
    host.cut(false);
    Client client;
    connect(client);
    ASSERT_TRUE(run_until([&] { return client.made == 1 && server.made == i; }, 1s));
    host.cut(true);
    server.transport->abort_connection();
    client.transport->lose_connection();
    ASSERT_TRUE(run_until([&] { return client.lost.size() == 1 && !server.transport; }, 1s));
    run_for(1ms);
  }
}

TEST_F(Lwip, waits_for_segments_when_there_are_none) {
  Server server;
  Client client;
  open(server, client);
  run_for(1s);
  {
    const Exhausted segments(MEMP_TCP_SEG);
    client.transport->write(bytes_of("patience"));
    const std::uint32_t turns = reactor.statistics().turns;
    run_for(10s);
    EXPECT_EQ(server.received, "");
    EXPECT_NE(client.transport, nullptr);
    // A try each half second, and no more.
    EXPECT_LE(reactor.statistics().turns - turns, 25U);
  }
  EXPECT_TRUE(run_until([&] { return server.received == "patience"; }, 600ms));
}

TEST_F(Lwip, gets_along_with_one_segment) {
  Server server;
  Client<much_to_send> client;
  open(server, client);
  run_for(1s);
  Exhausted segments(MEMP_TCP_SEG);
  segments.give_back_one();
  const std::string text = pattern(8000);
  client.transport->write(bytes_of(text));
  ASSERT_TRUE(run_until([&] { return server.received.size() == text.size(); }));
  EXPECT_TRUE(server.received == text);
  segments.give_back();
}

TEST_F(Lwip, takes_the_segments_another_connection_gives_back_at_once) {
  Server<two> server;
  Client first;
  Client second;
  open(server, first);
  connect(second);
  ASSERT_TRUE(run_until([&] { return server.made == 2 && second.made == 1; }));
  run_for(1s);
  Exhausted segments(MEMP_TCP_SEG);
  segments.give_back_one();
  // The first one's acknowledgement is delayed by at most 250 ms. The time for lwIP's poll, every
  // half second, is sooner in some of these trials and later in others.
  for (int trial = 0; trial < 8; ++trial) {
    run_for(650ms);
    server.received.clear();
    const Instant start = host.now();
    first.transport->write(bytes_of("1"));
    second.transport->write(bytes_of("2"));
    ASSERT_TRUE(run_until([&] { return server.received == "12"; }));
    EXPECT_LE(host.now() - start, 251ms);
  }
}

TEST_F(Lwip, closes_without_a_segment_for_its_fin) {
  Server server;
  Client client;
  open(server, client);
  run_for(1s);
  Exhausted segments(MEMP_TCP_SEG);
  client.transport->lose_connection();
  run_for(1s);
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
  EXPECT_TRUE(server.lost.empty());
  segments.give_back();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty(); }, 600ms));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_its_side_without_a_segment_for_its_fin) {
  Server server;
  server.closes_at_end = false;
  Client client;
  open(server, client);
  run_for(1s);
  Exhausted segments(MEMP_TCP_SEG);
  client.transport->lose_write_connection();
  run_for(1s);
  segments.give_back();
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }, 600ms));
  server.transport->write(bytes_of("still listening?"));
  ASSERT_TRUE(run_until([&] { return client.received == "still listening?"; }));
  EXPECT_TRUE(client.lost.empty());
}

TEST_F(Lwip, aborts_with_segments_on_their_way) {
  auto server = std::make_unique<Server<>>();
  auto client = std::make_unique<Client<>>();
  open(*server, *client);
  host.cut(true);
  client->transport->write(bytes_of(pattern(400)));
  run_for(100ms);
  host.cut(false);
  client->transport->abort_connection();
  client.reset();  // and the ring that the segments pointed into
  ASSERT_TRUE(run_until([&] { return !server->lost.empty(); }));
  EXPECT_EQ(server->lost, Lost{Errc::connection_lost});
}

TEST_F(Lwip, sends_what_was_written_before_it_closes) {
  Server server;
  Client client;
  open(server, client);
  host.cut(true);
  const std::string text = pattern(400);
  client.transport->write(bytes_of(text));
  client.transport->lose_connection();
  run_for(2s);
  EXPECT_TRUE(client.lost.empty());
  host.cut(false);
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_TRUE(server.received == text);
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, closes_in_order_with_unread_input) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  client.transport->write(bytes_of(pattern(400)));
  run_for(1s);
  server.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.ended, 1);
}

TEST_F(Lwip, closes_in_order_with_input_in_the_receive_buffer_and_refused) {
  Server server;
  server.message = 200;
  Client client;
  open(server, client);
  for (int i = 0; i < 100; ++i) {
    client.transport->write(bytes_of("x"));
    reactor.turn(1ms);
  }
  server.transport->pause_producing();
  for (int i = 0; i < 60; ++i) {
    client.transport->write(bytes_of("y"));
    reactor.turn(1ms);
  }
  server.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.ended, 1);
}

TEST_F(Lwip, keeps_the_last_bytes_of_a_peer_through_its_time_wait) {
  Server server;
  server.closes_at_end = false;
  Client client;
  client.starts_paused = true;
  open(server, client);
  client.transport->lose_write_connection();
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }));
  server.transport->write(bytes_of("bye"));
  server.transport->lose_connection();
  run_for(300s);  // lwIP has freed both pcbs without a word
  EXPECT_EQ(tcp_tw_pcbs, nullptr);
  EXPECT_EQ(client.received, "");
  Client other;  // has one of these pcbs now
  connect(other);
  ASSERT_TRUE(run_until([&] { return other.made == 1 && server.made == 2; }));
  client.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.received, "bye");
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
  other.transport->write(bytes_of("unharmed"));
  ASSERT_TRUE(run_until([&] { return server.received == "unharmed"; }, 1s));
}

// A peer that uses lwIP itself, to send its last bytes and its end in one segment.
struct RawPeer {
  explicit RawPeer(std::uint16_t port) : pcb(tcp_new()) {
    ip_addr_t ip;
    IP_ADDR4(&ip, 127, 0, 0, 1);
    tcp_nagle_disable(pcb);
    tcp_recv(pcb, [](void*, tcp_pcb*, pbuf*, err_t) -> err_t { return ERR_OK; });
    EXPECT_EQ(tcp_connect(pcb, &ip, port, [](void*, tcp_pcb*, err_t) -> err_t { return ERR_OK; }),
              ERR_OK);
  }
  void write(const char* text) {
    const auto size = static_cast<u16_t>(std::char_traits<char>::length(text));
    EXPECT_EQ(tcp_write(pcb, text, size, 0), ERR_OK);
  }

  tcp_pcb* pcb;
};

// However many small segments came before: one of these counts is just what a connection keeps,
// and beyond it as many as the peer can have on their way.
TEST_F(Lwip, keeps_bytes_that_come_with_the_end_of_a_full_connection) {
  for (const bool ended_before : {false, true}) {
    for (std::size_t count = 1; count < 12 + TCP_SND_QUEUELEN / 3; ++count) {
      Server server;
      server.starts_paused = true;
      listen(server);
      RawPeer peer(port);
      ASSERT_TRUE(run_until([&] { return server.transport != nullptr; }));
      if (ended_before) server.transport->lose_write_connection();
      run_for(1s);
      for (std::size_t sent = 0; sent < count; ++sent) {
        peer.write("x");
        tcp_output(peer.pcb);
        reactor.turn(1ms);
      }
      peer.write("last");
      tcp_close(peer.pcb);
      run_for(1s);
      if (!ended_before) server.transport->lose_write_connection();
      run_for(3s);
      server.transport->resume_producing();
      ASSERT_TRUE(run_until([&] { return !server.lost.empty(); })) << count;
      EXPECT_EQ(server.received, std::string(count, 'x') + "last");
      EXPECT_EQ(server.lost, Lost{Errc::connection_done});
      server.stop_listening();
      // Its port is free again when TIME_WAIT is over.
      run_for(130s);
    }
  }
}

TEST_F(Lwip, keeps_the_last_bytes_of_a_peer_after_both_have_ended) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  client.transport->write(bytes_of("bye"));
  client.transport->lose_connection();
  run_for(1s);
  server.transport->lose_write_connection();
  run_for(10s);  // LAST_ACK is over: lwIP has freed the pcb
  EXPECT_NE(server.transport, nullptr);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty(); }));
  EXPECT_EQ(server.received, "bye");
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_when_both_close_at_once) {
  Server server;
  Client client;
  open(server, client);
  server.transport->lose_connection();
  client.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_when_both_end_their_sides_at_once) {
  Server server;
  Client client;
  open(server, client);
  server.transport->lose_write_connection();
  client.transport->lose_write_connection();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_everything_when_the_reactor_stops) {
  Server server;
  Client client;
  open(server, client);
  EXPECT_FALSE(reactor.stop());
  reactor.turn(0s);
  EXPECT_EQ(server.lost, Lost{Errc::connection_aborted});
  EXPECT_EQ(client.lost, Lost{Errc::connection_aborted});
  EXPECT_FALSE(server.listening());
}

TEST_F(Lwip, spends_no_turns_on_timers_of_lwip) {
  Server server;
  Client client;
  open(server, client);
  run_for(1s);
  const std::uint32_t turns = reactor.statistics().turns;
  const std::uint32_t wakeups = reactor.wakeups();
  run_for(100s);
  EXPECT_EQ(reactor.statistics().turns - turns, 1U);
  EXPECT_GE(reactor.wakeups() - wakeups, 100U);
}

TEST_F(Lwip, keeps_time_for_the_application_to_the_microsecond) {
  const Instant start = host.now();
  std::vector<Duration> called;
  reactor.turn(0s);
  for (const Duration delay : {1234567us, 7us, 250us}) {
    ASSERT_TRUE(reactor.call_later(delay, [&] { called.push_back(host.now() - start); }));
  }
  run_for(2s);
  EXPECT_EQ(called, (std::vector<Duration>{7us, 250us, 1234567us}));
}

TEST_F(Lwip, wakes_for_a_posted_call) {
  reactor.turn(0s);
  const Instant start = host.now();
  bool called = false;
  ASSERT_TRUE(reactor.call_from_isr([&] { called = true; }));
  ASSERT_TRUE(run_until([&] { return called; }));
  EXPECT_EQ(host.now(), start);
}

TEST_F(Lwip, takes_only_posted_calls_from_an_interrupt) {
  Server server;
  Client client;
  open(server, client);
  bool ran = false;
  host.interrupt(true);
#ifdef BOBBIN_CHECK_CONTEXT
  EXPECT_DEATH(client.transport->write(bytes_of("x")), "in_own_context");
  EXPECT_DEATH(std::ignore = reactor.call_later(1s, [] {}), "in_own_context");
  EXPECT_DEATH(reactor.turn(0s), "in_own_context");
  // lwIP fed from the interrupt.
  EXPECT_DEATH(
      {
        host.interrupt(false);
        EXPECT_EQ(client.transport->write(bytes_of("x")), 1U);
        reactor.turn(0s);
        host.interrupt(true);
        host.poll_input();
      },
      "in_own_context");
#endif
  EXPECT_TRUE(reactor.call_from_isr([&ran] { ran = true; }));
  host.interrupt(false);
  EXPECT_TRUE(run_until([&] { return ran; }, 1s));
}

TEST_F(Lwip, naps_while_lwip_has_no_buffer_for_what_came) {
  Server server;
  Client client;
  open(server, client);
  host.starve(true);
  client.transport->write(bytes_of("later"));
  const std::uint32_t turns = reactor.statistics().turns;
  const std::uint32_t sleeps = host.sleeps();
  run_for(1s);
  EXPECT_EQ(server.received, "");
  EXPECT_LE(reactor.statistics().turns - turns, 3U);
  EXPECT_LE(host.sleeps() - sleeps, 120U);
  host.starve(false);
  EXPECT_TRUE(run_until([&] { return server.received == "later"; }, 20ms));
}

TEST(WholeMilliseconds, are_those_of_a_division) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 100000; ++i) {
      const std::uint64_t us = random.bits() >> random.below(64);
      ASSERT_EQ(whole_milliseconds(us), static_cast<std::uint32_t>(us / 1000)) << us;
      const std::uint64_t edge = us / 1000 * 1000;
      ASSERT_EQ(whole_milliseconds(edge), static_cast<std::uint32_t>(edge / 1000)) << edge;
      const std::uint64_t before = edge - 1;
      ASSERT_EQ(whole_milliseconds(before), static_cast<std::uint32_t>(before / 1000)) << edge;
    }
  });
}

}  // namespace
}  // namespace bobbin
