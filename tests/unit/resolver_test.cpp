// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/resolver.hpp>

#include <chrono>
#include <optional>
#include <vector>

#include <bobbin/bobbin.hpp>
#include <bobbin/testing.hpp>

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using Addresses = std::span<const Address>;

constexpr Address one = Address::ip4({192, 0, 2, 1}, 0);
constexpr Address two = Address::ip4({192, 0, 2, 2}, 0);
constexpr HostEntry entries[] = {
    {"example.com", one}, {"other.example.com", two}, {"Example.COM", two}, {"example.com", one}};

struct Names : TestCase<> {
  std::vector<Address> found(AnyLookup& looked_up) {
    const Addresses addresses =
        success_result_of(run(static_cast<Deferred<Addresses>&>(looked_up)));
    return {addresses.begin(), addresses.end()};
  }

  HostTable table{reactor, entries, 100ms};
  Lookup<2> lookup;
};

TEST_F(Names, stand_for_addresses_in_order) {
  const Instant start = reactor.now();
  ASSERT_FALSE(table.resolve(lookup, "EXAMPLE.com", {.port = 80}));
  EXPECT_TRUE(lookup.looking());
  EXPECT_EQ(found(lookup), (std::vector{one.with_port(80), two.with_port(80)}));
  EXPECT_EQ(reactor.now() - start, 100ms);
  EXPECT_FALSE(lookup.looking());
}

TEST_F(Names, that_are_addresses_are_found_at_once_but_not_from_inside) {
  const Instant start = reactor.now();
  ASSERT_FALSE(table.resolve(lookup, "192.0.2.7", {.port = 7}));
  EXPECT_TRUE(no_result(lookup));
  EXPECT_EQ(found(lookup), std::vector{Address::ip4({192, 0, 2, 7}, 7)});
  EXPECT_EQ(reactor.now(), start);
}

TEST_F(Names, that_nobody_knows_fail) {
  ASSERT_FALSE(table.resolve(lookup, "example.org"));
  EXPECT_EQ(failure_result_of(run(lookup)), Errc::unknown_host);
}

TEST_F(Names, that_are_none_are_errors) {
  EXPECT_EQ(table.resolve(lookup, "exa mple"), Errc::invalid_argument);
  EXPECT_EQ(table.resolve(lookup, ""), Errc::invalid_argument);
  EXPECT_EQ(table.resolve(lookup, "example.com", {.timeout = 0s}), Errc::invalid_argument);
  EXPECT_FALSE(lookup.looking());
}

TEST_F(Names, are_looked_up_for_as_long_as_was_said) {
  HostTable slow(reactor, entries, 1h);
  const Instant start = reactor.now();
  ASSERT_FALSE(slow.resolve(lookup, "example.com", {.timeout = 3s}));
  EXPECT_EQ(failure_result_of(run(lookup)), Errc::timed_out);
  EXPECT_EQ(reactor.now() - start, 3s);
}

TEST_F(Names, are_looked_up_once_at_a_time) {
  ASSERT_FALSE(table.resolve(lookup, "example.com"));
  EXPECT_EQ(table.resolve(lookup, "example.com"), Errc::already_running);
  EXPECT_EQ(found(lookup).size(), 2U);
  EXPECT_EQ(table.resolve(lookup, "example.com"), Errc::invalid_argument);
  lookup.reset();
  ASSERT_FALSE(table.resolve(lookup, "other.example.com"));
  EXPECT_EQ(found(lookup), std::vector{two});
}

TEST_F(Names, are_given_up_when_nobody_wants_them) {
  ASSERT_FALSE(table.resolve(lookup, "example.com"));
  lookup.cancel();
  EXPECT_EQ(failure_result_of(lookup), Errc::cancelled);
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  {
    Lookup<> gone;
    ASSERT_FALSE(table.resolve(gone, "example.com"));
    EXPECT_EQ(reactor.timer_use().in_use, 1U);
  }
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  lookup.reset();
  ASSERT_FALSE(table.resolve(lookup, "example.com"));
  lookup.give_up(Errc::unreachable);
  EXPECT_TRUE(no_result(lookup));
  EXPECT_EQ(failure_result_of(run(lookup)), Errc::unreachable);
}

TEST_F(Names, without_a_timer_are_not_looked_up) {
  std::vector<DelayedCall> calls;
  while (const auto call = reactor.call_later(1h, [] {})) calls.push_back(*call);
  EXPECT_EQ(table.resolve(lookup, "example.com"), Errc::no_capacity);
  EXPECT_FALSE(lookup.looking());
  for (DelayedCall& call : calls) call.cancel();
}

TEST_F(Names, are_looked_up_from_a_coroutine) {
  const auto looking = [](Frame<1024>&, Resolver& resolver) -> Task<bool> {
    Lookup<1> wanted;
    if (Error error = resolver.resolve(wanted, "example.com")) co_return error;
    const Outcome<Addresses> found = co_await wanted;
    if (!found) co_return found.failure().error();
    co_return (*found)[0] == one;
  };
  Frame<1024> frame;
  EXPECT_TRUE(success_result_of(run(looking(frame, table))));
}

TEST_F(Names, may_be_looked_up_again_by_who_is_told) {
  int times = 0;
  ASSERT_FALSE(table.resolve(lookup, "example.org"));
  lookup.add_errback([&](const Failure&) {
    ++times;
    lookup.reset();
    EXPECT_FALSE(table.resolve(lookup, "example.com"));
  });
  reactor.run_for(101ms);
  EXPECT_EQ(times, 1);
  EXPECT_EQ(found(lookup).size(), 2U);
}

// Connecting by name. There is a server at one of the addresses.
constexpr ConnectionSizes sizes{.connections = 2, .receive = 64, .send = 64};

struct Silent final : Protocol {};

struct Told {
  std::vector<Errc> failures;
  int made = 0;
};

class Guest final : public Protocol {
 public:
  explicit Guest(Told& told) : told_(told) {}
  void connection_made() override { ++told_.made; }

 private:
  Told& told_;
};

class NamedClient final : public HostClient<Guest, sizes, Told, 3> {
 public:
  explicit NamedClient(Told& told) : HostClient(told), told_(told) {}
  ~NamedClient() { abandon(); }
  void client_connection_failed(Error reason) override {
    EXPECT_FALSE(looking_up());
    told_.failures.push_back(reason.code);
    if (again) (void)again();
  }

  Callback again;

 private:
  Told& told_;
};

struct ConnectingByName : TestCase<> {
  static constexpr Address nobody = Address::ip4({127, 0, 0, 9}, 0);
  static constexpr Address somebody = Address::loopback(0);
  static constexpr HostEntry hosts[] = {{"here", somebody},    {"several", nobody},
                                        {"several", nobody},   {"several", somebody},
                                        {"several", somebody}, {"nowhere", nobody}};

  void SetUp() override { ASSERT_FALSE(reactor.listen_tcp(Address::loopback(4000), server)); }
  void TearDown() override {
    client.again = {};
    client.cancel();
    reactor.run_for(1s);
    TestCase<>::TearDown();
  }

  Error connect(std::string_view host, std::uint16_t port = 4000) {
    return client.connect(reactor, table, host, {.port = port, .lookup_timeout = 5s});
  }

  TcpServer<Silent, sizes> server;
  HostTable table{reactor, hosts, 10ms};
  Told told;
  NamedClient client{told};
};

TEST_F(ConnectingByName, leads_to_the_host) {
  ASSERT_FALSE(connect("here"));
  EXPECT_TRUE(client.looking_up());
  EXPECT_EQ(connect("here"), Errc::already_running);
  reactor.run_for(1s);
  EXPECT_EQ(told.made, 1);
  EXPECT_EQ(*client.winner(), Address::loopback(4000));
  EXPECT_EQ(connect("here"), Errc::already_running);
}

TEST_F(ConnectingByName, tries_all_addresses) {
  ASSERT_FALSE(connect("several"));
  reactor.run_for(1s);
  EXPECT_EQ(told.made, 1);
  EXPECT_TRUE(told.failures.empty());
}

TEST_F(ConnectingByName, takes_an_address_for_a_name) {
  ASSERT_FALSE(connect("127.0.0.1"));
  reactor.run_for(1s);
  EXPECT_EQ(told.made, 1);
}

TEST_F(ConnectingByName, fails_as_the_lookup_or_the_race_does) {
  for (const auto& [host, reason] : {std::pair{"elsewhere", Errc::unknown_host},
                                     std::pair{"nowhere", Errc::connection_refused}}) {
    told.failures.clear();
    ASSERT_FALSE(connect(host));
    EXPECT_TRUE(told.failures.empty());
    reactor.run_for(1s);
    EXPECT_EQ(told.failures, std::vector{reason});
  }
  EXPECT_EQ(connect("no name"), Errc::invalid_argument);
  EXPECT_EQ(connect("here", 0), Errc::invalid_argument);
  EXPECT_EQ(told.made, 0);
}

TEST_F(ConnectingByName, is_cancelled_while_it_looks_up) {
  ASSERT_FALSE(connect("here"));
  client.cancel();
  EXPECT_TRUE(told.failures.empty());
  reactor.run_for(1s);
  EXPECT_EQ(told.failures, std::vector{Errc::cancelled});
  EXPECT_EQ(told.made, 0);
}

TEST_F(ConnectingByName, may_be_asked_for_again_when_it_failed) {
  int times = 0;
  client.again = [this, &times] {
    ++times;
    EXPECT_FALSE(connect(times == 1 ? "nowhere" : "here"));
  };
  ASSERT_FALSE(connect("elsewhere"));
  reactor.run_for(1s);
  EXPECT_EQ(told.failures, (std::vector{Errc::unknown_host, Errc::connection_refused}));
  EXPECT_EQ(told.made, 1);
}

TEST_F(ConnectingByName, may_be_left_alone) {
  std::optional<NamedClient> leaving(std::in_place, told);
  ASSERT_FALSE(leaving->connect(reactor, table, "here", {.port = 4000}));
  leaving.reset();
  EXPECT_EQ(reactor.timer_use().in_use, 0U);
  reactor.run_for(1s);
  EXPECT_EQ(told.made, 0);
  EXPECT_TRUE(told.failures.empty());
}

}  // namespace
}  // namespace bobbin
