// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <memory>
#include <string>
#include <vector>

#include "lwip_fixture.hpp"

namespace bobbin {
namespace {

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

// lwIP looks first at the connection that it heard of last.
TEST_F(Lwip, serves_those_who_waited_in_the_order_they_came_whoever_spoke_last) {
  Server server;
  Client first;
  open(server, first);
  Client<> waiting[3];
  for (Client<>& client : waiting) {
    connect(client);
    ASSERT_TRUE(run_until([&] { return client.made == 1; }));
  }
  for (const char* name : {"a", "c", "b"}) {
    waiting[*name - 'a'].transport->write(bytes_of(name));
    run_for(1s);
  }
  first.transport->lose_connection();
  for (std::string_view served : {"a", "ab", "abc"}) {
    ASSERT_TRUE(run_until([&] { return server.received == served; }));
    waiting[served.size() - 1].transport->lose_connection();
  }
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

TEST_F(Lwip, reckons_with_nobody_who_comes_to_a_port_of_another_pool) {
  Server<whole_window> full;
  Server<whole_window> free;
  Client<> first;
  Client<> second;
  Client<> third;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7000), full));
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7001), free));
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7000), first));
  ASSERT_TRUE(run_until([&] { return first.made == 1; }));
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7000), second));
  ASSERT_TRUE(run_until([&] { return second.made == 1; }));
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7001), third));
  ASSERT_TRUE(run_until([&] { return third.made == 1; }));
  EXPECT_EQ(pcb_of(*second.transport).snd_wnd_max, default_segment);
  EXPECT_EQ(pcb_of(*third.transport).snd_wnd_max, TCP_WND);
}

TEST_F(Lwip, gives_nobody_who_waits_for_one_port_to_another) {
  Server full;
  Server free;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7000), full));
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(7001), free));
  Client<> clients[3];
  for (Client<>& client : clients) {
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7000), client));
    ASSERT_TRUE(run_until([&] { return client.made == 1; }));
  }
  Client<> other;
  ASSERT_FALSE(reactor.connect_tcp(Address::loopback(7001), other));
  ASSERT_TRUE(run_until([&] { return free.made == 1; }));
  EXPECT_EQ(free.transport->peer(), other.transport->host());
  EXPECT_EQ(free.connections().use().refused, 0U);
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

}  // namespace
}  // namespace bobbin
