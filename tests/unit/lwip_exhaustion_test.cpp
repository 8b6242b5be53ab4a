// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>

#include "lwip_fixture.hpp"

namespace bobbin {
namespace {

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

}  // namespace
}  // namespace bobbin
