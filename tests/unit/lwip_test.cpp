// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "lwip_fixture.hpp"
#include "seed.hpp"

extern "C" void bobbin_assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::abort();
}

namespace bobbin {
namespace {

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
  netif* const usual = netif_default;
  netif_set_default(nullptr);
  EXPECT_EQ(reactor.connect_tcp(Address::ip4({192, 0, 2, 1}, port), client), Errc::unreachable);
  netif_set_default(usual);
  // The connector may be used again.
  Server server;
  open(server, client);
}

#if LWIP_IPV6
TEST_F(Lwip, echoes_over_ipv6) {
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

TEST_F(Lwip, serves_both_families_at_once_on_one_port) {
  Server four;
  Server six;
  listen(four);
  ASSERT_FALSE(reactor.listen_tcp(*Address::parse("::", port), six));
  Client to_four;
  Client to_six;
  connect(to_four);
  ASSERT_FALSE(reactor.connect_tcp(*Address::parse("::1", port), to_six));
  ASSERT_TRUE(run_until([&] { return to_four.made == 1 && to_six.made == 1; }));
  run_for(1s);
  EXPECT_EQ(four.made, 1);
  EXPECT_EQ(six.made, 1);
}

TEST_F(Lwip, carries_a_mebibyte_over_ipv6) {
  const Address localhost = *Address::parse("::1", port);
  Server server;
  server.echoes = true;
  Client client;
  ASSERT_FALSE(reactor.listen_tcp(localhost, server));
  ASSERT_FALSE(reactor.connect_tcp(localhost, client));
  ASSERT_TRUE(run_until([&] { return client.made == 1; }));
  Sending stream(client, pattern(1 << 20));
  stream.start();
  ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
  EXPECT_TRUE(client.received == stream.text);
}
#else
TEST_F(Lwip, rejects_a_family_it_was_built_without) {
  Client client;
  EXPECT_EQ(reactor.connect_tcp(Address::ip6({}, port), client), Errc::not_supported);
}
#endif

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

// Groups have a timer that runs ten times a second.
#if BOBBIN_LWIP_GROUPS == 0
// ARP's timer is the only one that lwIP has without connections.
TEST_F(Lwip, wakes_once_a_second_without_connections) {
  Server server;
  listen(server);
  run_for(1s);
  const std::uint32_t wakeups = reactor.wakeups();
  run_for(60s);
  // And once at the end of the minute, if ARP's is not due then.
  EXPECT_GE(reactor.wakeups() - wakeups, 60U);
  EXPECT_LE(reactor.wakeups() - wakeups, 61U);
}

// TCP's comes four times a second, whatever the number of connections: at the same times as ARP's
// or at others, as it was started.
TEST_F(Lwip, wakes_four_or_five_times_a_second_with_idle_connections) {
  Server<two> server;
  Client first;
  Client second;
  open(server, first);
  connect(second);
  run_for(1s);
  const std::uint32_t wakeups = reactor.wakeups();
  run_for(50s);  // keep-alive asks later
  EXPECT_GE(reactor.wakeups() - wakeups, 200U);
  EXPECT_LE(reactor.wakeups() - wakeups, 250U);
}
#endif

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
