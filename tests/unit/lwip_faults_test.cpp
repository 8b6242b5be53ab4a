// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What goes wrong around lwIP while it carries data: pools that run dry, cables, interfaces,
// connections that end in every way at once.

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "lwip_fixture.hpp"
#include "seed.hpp"

namespace bobbin {
namespace {

constexpr ConnectionSizes four{.connections = 4, .receive = 256, .send = 2048};

// Four connections that echo at once, each a stream of its own.
struct Load {
  explicit Load(std::size_t size) {
    server.echoes = true;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      streams.push_back(std::make_unique<Sending>(clients[i], pattern(size + i)));
    }
  }
  bool connected() const {
    for (const Client<>& client : clients) {
      if (client.transport == nullptr) return false;
    }
    return true;
  }
  bool over() const {
    for (const Client<>& client : clients) {
      if (client.ended == 0) return false;
    }
    return true;
  }
  bool all_lost() const {
    for (const Client<>& client : clients) {
      if (client.lost.empty()) return false;
    }
    return server.lost.size() == clients.size();
  }
  void start() {
    for (const auto& stream : streams) stream->start();
  }
  void expect_all() const {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_TRUE(clients[i].received == streams[i]->text) << "client " << i;
    }
  }

  Server<four> server;
  std::array<Client<>, four.connections> clients;
  std::vector<std::unique_ptr<Sending>> streams;
};

class LwipFaults : public Lwip {
 protected:
  void open(Load& load) {
    listen(load.server);
    for (Client<>& client : load.clients) connect(client);
    ASSERT_TRUE(run_until([&] { return load.connected(); }));
    load.start();
  }

  // In the loop data takes no time, so that a moment is counted in turns.
  void carry(std::uint32_t turns) {
    for (; turns > 0; --turns) reactor.turn({});
  }

  // A connection made and used, on a port of its own.
  void expect_service() {
    Server server;
    server.echoes = true;
    Client client;
    client.greeting = "still there?";
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(port + 1), server));
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(port + 1), client));
    EXPECT_TRUE(run_until([&] { return client.received == client.greeting; }));
  }
};

TEST_F(LwipFaults, pools_that_run_dry_under_load_lose_nothing) {
  constexpr memp_t pools[] = {MEMP_TCP_SEG, MEMP_PBUF,     MEMP_PBUF_POOL,
                              MEMP_TCP_PCB, MEMP_POOL_160, MEMP_POOL_1664};
  test::for_each_seed([&](test::Random& random) {
    Load load(150000);
    open(load);
    for (int i = 0; i < 300; ++i) {
      Exhausted pool(pools[random.below(std::size(pools))]);
      if (random.one_in(2)) pool.give_back_one();
      random.one_in(2) ? carry(random.below(20U)) : run_for(300ms);
      pool.give_back();
      carry(random.below(4U));
    }
    ASSERT_TRUE(run_until([&] { return load.over(); }, 600s));
    load.expect_all();
    ASSERT_TRUE(run_until([&] { return load.all_lost(); }));
  });
}

TEST_F(LwipFaults, a_cable_pulled_and_put_back_under_load_loses_nothing) {
  test::for_each_seed([&](test::Random& random) {
    Load load(30000);
    open(load);
    for (int i = 0; i < 20; ++i) {
      carry(random.below(20U));
      host.unplug(true);
      run_for(std::chrono::milliseconds(random.below(5000)));
      host.unplug(false);
    }
    ASSERT_TRUE(run_until([&] { return load.over(); }, 600s));
    load.expect_all();
    ASSERT_TRUE(run_until([&] { return load.all_lost(); }));
  });
}

// Again and again: what one time does not give back would be missing in the end.
TEST_F(LwipFaults, a_cable_that_stays_out_frees_every_buffer_and_service_resumes) {
  for (int times = 0; times < 2 * MEMP_NUM_TCP_PCB; ++times) {
    Load load(100000);
    open(load);
    carry(100);
    host.unplug(true);
    ASSERT_TRUE(run_until([&] { return load.all_lost(); }, 3600s));
    EXPECT_EQ(load.server.lost, Lost(four.connections, Errc::timed_out));
    load.server.stop_listening();
    run_for(1s);
    EXPECT_TRUE(pools_are_as_before()) << "with the cable out";
    host.unplug(false);
    expect_service();
    run_for(300s);
  }
}

TEST_F(LwipFaults, connections_that_come_while_the_cable_is_out_fail_and_may_be_tried_again) {
  Server server;
  listen(server);
  Client client;
  host.unplug(true);
  EXPECT_EQ(reactor.connect_tcp(Address::loopback(port), client), Errc::unreachable);
  host.unplug(false);
  connect(client);
  EXPECT_TRUE(run_until([&] { return server.transport && client.transport; }));
}

TEST_F(LwipFaults, an_interface_that_goes_down_and_up_loses_nothing) {
  Load load(30000);
  open(load);
  netif* const interface = netif_find("lo0");
  for (int i = 0; i < 10; ++i) {
    carry(10);
    netif_set_down(interface);
    run_for(2s);
    netif_set_up(interface);
  }
  ASSERT_TRUE(run_until([&] { return load.over(); }, 600s));
  load.expect_all();
}

// As when DHCP gives another: lwIP frees the pcbs of the old one itself.
TEST_F(LwipFaults, an_address_that_changes_under_load_ends_its_connections) {
  netif* const interface = netif_find("lo0");
  const ip4_addr_t old = *netif_ip4_addr(interface);
  Load load(100000);
  open(load);
  carry(100);
  ip4_addr_t other;
  IP4_ADDR(&other, 127, 0, 0, 3);
  netif_set_ipaddr(interface, &other);
  ASSERT_TRUE(run_until([&] { return load.all_lost(); }, 10s));
  EXPECT_EQ(load.server.lost, Lost(four.connections, Errc::timed_out));
  netif_set_ipaddr(interface, &old);
  expect_service();
}

std::size_t count_of(const tcp_pcb* list) {
  std::size_t count = 0;
  for (; list != nullptr; list = list->next) ++count;
  return count;
}

TEST_F(LwipFaults, clients_are_served_while_every_free_pcb_sits_out_time_wait) {
  Server server;
  listen(server);
  std::size_t served = 0;
  const auto serve_one = [&] {
    Client client;
    connect(client);
    ASSERT_TRUE(run_until([&] { return client.made == 1 && server.transport; }, 100ms));
    // Who ends first is who waits.
    server.transport->lose_connection();
    ++served;
    ASSERT_TRUE(
        run_until([&] { return !client.lost.empty() && server.lost.size() == served; }, 1s));
  };
  // All but those of one that is about to end.
  while (count_of(tcp_tw_pcbs) < MEMP_NUM_TCP_PCB - 3 && !HasFatalFailure()) serve_one();
  const Exhausted rest(MEMP_TCP_PCB);
  for (int i = 0; i < MEMP_NUM_TCP_PCB; ++i) serve_one();
}

// Beside connections that are open, which lwIP may not take.
TEST_F(LwipFaults, time_wait_takes_no_pcb_from_open_connections) {
  Load load(1000);
  open(load);
  ASSERT_TRUE(run_until([&] { return load.streams[0]->sent == load.streams[0]->text.size(); }));
  Server other;
  ASSERT_FALSE(reactor.listen_tcp(Address::loopback(port + 1), other));
  for (int i = 1; i <= 2 * MEMP_NUM_TCP_PCB; ++i) {
    Client client;
    ASSERT_FALSE(reactor.connect_tcp(Address::loopback(port + 1), client));
    ASSERT_TRUE(run_until([&] { return client.made == 1 && other.made == i; }, 1s));
    client.transport->lose_connection();
    ASSERT_TRUE(run_until([&] { return other.lost.size() == static_cast<std::size_t>(i); }, 1s));
  }
  ASSERT_TRUE(run_until([&] { return load.over(); }));
  load.expect_all();
}

// What a connection of the test below may do. Nobody could resume one of the server's.
void do_anything(test::Random& random, Transport& transport, bool may_pause) {
  switch (random.below(6)) {
    case 0: return transport.lose_connection();
    case 1: return transport.abort_connection();
    case 2: return transport.lose_write_connection();
    case 3: return may_pause ? transport.pause_producing() : transport.lose_connection();
    case 4: return transport.resume_producing();
    default: transport.write(bytes_of(pattern(100)));
  }
}

// lwIP may free the pcb in any of the calls of an end, and each of the next ones gets its memory.
TEST_F(LwipFaults, connections_that_end_in_every_way_at_once_harm_no_other) {
  test::for_each_seed([&](test::Random& random) {
    Server<four> server;
    server.echoes = true;
    listen(server);
    std::array<std::unique_ptr<Client<>>, four.connections> clients;
    std::unique_ptr<Exhausted> pool;
    for (int step = 0; step < 3000; ++step) {
      auto& client = clients[random.below(clients.size())];
      if (!client || (client->transport == nullptr && random.one_in(4))) {
        client = std::make_unique<Client<>>();
        client->greeting = pattern(random.below(400U));
        std::ignore = reactor.connect_tcp(Address::loopback(port), *client);
      } else if (random.one_in(8)) {
        client.reset();
      } else {
        const bool is_client = random.one_in(2);
        Transport* const transport = is_client ? client->transport : server.transport;
        if (transport != nullptr) do_anything(random, *transport, is_client);
      }
      if (random.one_in(20)) host.unplug(random.one_in(4));
      if (random.one_in(20)) host.cut(random.one_in(2));
      if (random.one_in(30)) pool.reset();
      if (random.one_in(60)) pool = std::make_unique<Exhausted>(MEMP_TCP_SEG);
      reactor.turn(std::chrono::milliseconds(random.one_in(10) ? random.below(3000) : 0));
    }
    host.unplug(false);
    pool.reset();
    server.stop_listening();
    for (auto& client : clients) client.reset();
    // Who lost its peer while the cable was out finds out by keep-alive.
    ASSERT_TRUE(run_until([&] { return server.connections().use().in_use == 0; }, 3600s));
  });
  expect_service();
}

}  // namespace
}  // namespace bobbin
