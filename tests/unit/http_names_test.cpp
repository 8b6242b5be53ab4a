// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Clients that find servers by their names, and one that does not.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

// Says who was asked for what, and sends who asks "/to?URL" there.
class Named final : public Responder<> {
 public:
  explicit Named(std::vector<std::string>& asked) : asked_(asked) {}

  void request_received(const RequestHead& request) override {
    asked_.push_back(std::string(request.authority) + std::string(request.target));
    const Field location{"Location", request.query};
    if (request.path == "/to") {
      EXPECT_FALSE(respond({.status = Status::found, .fields = {&location, 1}}, "elsewhere"));
    } else if (request.path == "/close") {
      close_after_response();
      EXPECT_FALSE(respond({}, "closed"));
    } else if (request.path == "/cut") {
      transport().abort_connection();
    } else if (request.path != "/never") {
      EXPECT_FALSE(respond({}, "here"));
    }
  }

 private:
  std::vector<std::string>& asked_;
};

constexpr ConnectionSizes server_sizes{.connections = 4, .receive = 2048, .send = 1024};
constexpr ClientSizes client_sizes{.connections = 2, .receive = 2048, .send = 1024};

struct HttpNames : TestCase<> {
  void SetUp() override {
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(80), server));
    ASSERT_FALSE(reactor.listen_tcp(Address::loopback(8080), other));
  }
  void TearDown() override {
    reactor.run_for(2min);  // by then kept connections are closed
    TestCase::TearDown();
  }

  Order order(std::string_view host, std::string_view target = "/") {
    return {.request = {.target = target, .host = host}, .redirect_room = room};
  }
  // What comes of it: content or failure.
  std::string get(AnyClient& asked_client, const Order& what) {
    done.reset();
    if (const Error error = fetch.start(asked_client, what, done)) {
      return "at once: " + std::string(describe(error));
    }
    return outcome();
  }
  std::string get(std::string_view host, std::string_view target = "/") {
    return get(client, order(host, target));
  }
  std::string outcome() {
    const auto taken = take_result(run(done));
    if (!taken) return "nothing";
    return std::string(*taken ? text_of((*taken)->content) : describe(taken->failure()));
  }
  std::vector<std::string> take_asked() { return std::exchange(asked, {}); }

  std::vector<std::string> asked;
  TcpServer<Named, server_sizes, std::vector<std::string>> server{asked};
  TcpServer<Named, server_sizes, std::vector<std::string>> other{asked};
  HostEntry entries[6] = {{"example.org", Address::loopback(0)},
                          {"www.example.org", Address::loopback(0)},
                          {"two.example.org", Address::ip4({127, 0, 0, 1}, 0)},
                          {"many.example.org", Address::ip4({192, 0, 2, 1}, 0)},
                          {"many.example.org", Address::loopback(0)},
                          {"gone.example.org", Address::ip4({192, 0, 2, 1}, 0)}};
  HostTable table{reactor, entries, 100ms};
  ResolvingClient<client_sizes> client{reactor, table, {.lookup_time = 3s, .connect_time = 9s}};
  std::array<char, 256> room;
  Fetch<100> fetch;
  Deferred<Fetched> done;
};

TEST_F(HttpNames, are_found_with_their_port_or_without) {
  const Instant start = reactor.now();
  EXPECT_EQ(get("example.org"), "here");
  EXPECT_EQ(reactor.now() - start, 100ms);
  EXPECT_EQ(get("EXAMPLE.org:8080"), "here");
  EXPECT_EQ(get("127.0.0.1:8080"), "here") << "that is an address";
  EXPECT_EQ(take_asked(),
            (std::vector<std::string>{"example.org/", "EXAMPLE.org:8080/", "127.0.0.1:8080/"}));
  EXPECT_EQ(server.connections().use().high_water, 1U);
  EXPECT_EQ(other.connections().use().high_water, 1U);
}

TEST_F(HttpNames, are_not_looked_up_while_a_connection_is_kept) {
  EXPECT_EQ(get("example.org"), "here");
  entries[0].address = Address::ip4({192, 0, 2, 1}, 0);
  const Instant start = reactor.now();
  EXPECT_EQ(get("Example.org"), "here");
  EXPECT_EQ(reactor.now(), start);
  reactor.run_for(2min);
  EXPECT_EQ(get("example.org"), "timed out");
}

TEST_F(HttpNames, of_one_server_share_its_connection) {
  EXPECT_EQ(get("example.org", "/close"), "closed");
  reactor.run_for(1s);
  EXPECT_EQ(get("example.org"), "here");
  Fetch<100> second;
  Deferred<Fetched> second_done;
  ASSERT_FALSE(second.start(client, order("127.0.0.1"), second_done)) << "takes the kept one";
  EXPECT_EQ(get("www.example.org"), "here");
  EXPECT_TRUE(success_result_of(run(second_done)).content.size() > 0);
  EXPECT_EQ(server.connections().use().high_water, 2U);
}

TEST_F(HttpNames, fail_where_nobody_knows_them) {
  EXPECT_EQ(get("example.com"), "unknown host");
  EXPECT_EQ(get("exa_mple..org"), "at once: invalid argument");
  EXPECT_EQ(get("example.org:0"), "at once: invalid argument");
  EXPECT_EQ(get("example.org:65536"), "at once: invalid argument");
  EXPECT_EQ(get("example.org:"), "at once: invalid argument");
  EXPECT_EQ(get("gone.example.org"), "timed out");
  EXPECT_EQ(get("example.org:9"), "connection refused");
  EXPECT_EQ(get("example.org"), "here");
}

TEST_F(HttpNames, have_several_addresses_of_which_one_will_do) {
  EXPECT_EQ(get("many.example.org"), "here");
  const Instant start = reactor.now();
  EXPECT_EQ(get("many.example.org"), "here");
  EXPECT_EQ(reactor.now(), start) << "its connection is kept";
  entries[4].address = Address::ip4({192, 0, 2, 2}, 0);
  reactor.run_for(2min);
  EXPECT_EQ(get("many.example.org"), "timed out");
}

TEST_F(HttpNames, are_where_a_redirect_may_lead) {
  EXPECT_EQ(get("example.org", "/to?http://www.example.org:8080/a"), "here");
  EXPECT_EQ(get("127.0.0.1:8080", "/to?http://example.org/b"), "here");
  EXPECT_EQ(get("example.org", "/to?http://nobody.example.org/"), "unknown host");
  EXPECT_EQ(get("example.org", "/to?http://gone.example.org/"), "timed out");
  EXPECT_EQ(get("many.example.org", "/to?http://gone.example.org/"), "timed out");
  EXPECT_EQ(get("example.org", "/to?http://many.example.org/to?/c"), "here");
  EXPECT_EQ(get("example.org", "/to?http://a:b:c/"), "invalid argument");
  const std::vector<std::string> all = take_asked();
  EXPECT_EQ(all[1], "www.example.org:8080/a");
  EXPECT_EQ(all[3], "example.org/b");
  EXPECT_EQ(all.back(), "example.org/to?http://a:b:c/");
}

// The connection that the redirect came on ends while its target is looked up.
TEST_F(HttpNames, may_be_looked_up_while_a_connection_ends) {
  HostTable slow(reactor, entries, 90s);
  ResolvingClient<client_sizes> patient(reactor, slow, {.lookup_time = 100s});
  EXPECT_EQ(get(patient, order("127.0.0.1", "/to?http://www.example.org:8080/")), "here");
  EXPECT_EQ(server.connections().use().in_use, 0U) << "its patience was over first";
}

TEST_F(HttpNames, are_looked_up_for_so_long_and_no_longer) {
  HostTable slow(reactor, entries, 1h);
  ResolvingClient<client_sizes> impatient(reactor, slow, {.lookup_time = 3s});
  const Instant start = reactor.now();
  EXPECT_EQ(get(impatient, order("example.org")), "timed out");
  EXPECT_EQ(reactor.now() - start, 3s);
  done.reset();
  ASSERT_FALSE(fetch.start(impatient, order("example.org"), done));
  done.add_timeout(reactor, 1s);
  EXPECT_EQ(outcome(), "timed out");
  EXPECT_EQ(reactor.now() - start, 4s);
  EXPECT_FALSE(fetch.is_active());
}

TEST_F(HttpNames, that_are_looked_up_may_be_given_up) {
  Fetch<100> fetches[5];
  Deferred<Fetched> dones[5];
  for (int i = 0; i < 5; ++i) {
    ASSERT_FALSE(fetches[i].start(client, order("example.org"), dones[i]));
  }
  for (const int i : {0, 3, 1}) {
    dones[i].cancel();
    EXPECT_EQ(failure_result_of(dones[i]), Errc::cancelled);
  }
  // Those that waited have the places of those that gave up.
  for (const int i : {2, 4}) EXPECT_EQ(success_result_of(run(dones[i])).content.size(), 4U);
  {
    Fetch<100> gone;
    Deferred<Fetched> nothing;
    ASSERT_FALSE(gone.start(client, order("www.example.org"), nothing));
  }
  EXPECT_EQ(get("www.example.org"), "here");
}

TEST_F(HttpNames, are_given_up_with_their_client) {
  Deferred<Fetched> dones[3];
  Fetch<100> fetches[3];
  {
    ResolvingClient<client_sizes> brief(reactor, table);
    for (int i = 0; i < 3; ++i) {
      ASSERT_FALSE(fetches[i].start(brief, order("example.org"), dones[i]));
    }
  }
  for (Deferred<Fetched>& one : dones) EXPECT_EQ(failure_result_of(one), Errc::cancelled);
}

// A name that failed to be looked up is not what a kept connection leads to.
TEST_F(HttpNames, are_not_taken_for_one_another) {
  EXPECT_EQ(get("example.org"), "here");
  EXPECT_EQ(get("127.0.0.1:8080"), "here");
  EXPECT_EQ(get("nobody.example.org"), "unknown host");
  EXPECT_EQ(get("nobody.example.org"), "unknown host");
  EXPECT_EQ(get("gone.example.org"), "timed out");
  EXPECT_EQ(get("gone.example.org"), "timed out");
  take_asked();
  EXPECT_EQ(get("example.org:8080"), "here");
  EXPECT_EQ(take_asked(), std::vector<std::string>{"example.org:8080/"});
}

// Where a server is put in the place of another.
struct Successor final : Responder<> {
  void request_received(const RequestHead&) override { EXPECT_FALSE(respond({}, "there")); }
};

struct HttpNamesThatMove : HttpNames {
  static constexpr Address new_place = Address::ip4({10, 0, 0, 2}, 80);

  void SetUp() override {
    HttpNames::SetUp();
    ASSERT_FALSE(reactor.listen_tcp(new_place, successor));
    EXPECT_EQ(get("example.org"), "here");
    entries[0].address = Address::ip4({10, 0, 0, 2}, 0);
    take_asked();
  }

  TcpServer<Successor, server_sizes> successor;
};

TEST_F(HttpNamesThatMove, are_looked_up_for_what_is_asked_once_more) {
  EXPECT_EQ(get("example.org"), "here") << "the old server still answers";
  EXPECT_EQ(get("example.org", "/cut"), "there");
  EXPECT_EQ(take_asked(), (std::vector<std::string>{"example.org/", "example.org/cut"}));
  EXPECT_EQ(get("example.org", "/cut"), "there") << "on the new connection";
}

TEST_F(HttpNamesThatMove, are_no_matter_where_the_server_is_given) {
  Order to_server = order("example.org", "/cut");
  to_server.server = server.host();
  EXPECT_EQ(get(client, to_server), "connection lost");
  EXPECT_EQ(take_asked(), std::vector<std::string>(2, "example.org/cut"));
}

TEST_F(HttpNamesThatMove, to_nowhere_fail) {
  entries[0].name = "another.example.org";
  EXPECT_EQ(get("example.org", "/cut"), "unknown host");
  EXPECT_EQ(take_asked().size(), 1U);
}

TEST_F(HttpNamesThatMove, have_further_addresses_then_too) {
  EXPECT_EQ(get("many.example.org"), "here");
  EXPECT_EQ(get("many.example.org", "/cut"), "connection lost") << "asked twice, and cut twice";
  EXPECT_EQ(get("many.example.org"), "here");
  entries[4].address = Address::ip4({10, 0, 0, 2}, 0);
  EXPECT_EQ(get("many.example.org", "/cut"), "there") << "behind one that is not there";
}

TEST_F(HttpNames, need_a_client_that_looks_them_up) {
  Client<client_sizes> plain(reactor);
  EXPECT_EQ(get(plain, order("example.org")), "at once: unknown host");
  EXPECT_EQ(get(plain, order("127.0.0.1")), "here");
  EXPECT_EQ(get(plain, order("127.0.0.1", "/to?http://example.org/")),
            describe(BadResponse::bad_redirect));
  EXPECT_EQ(get(plain, order("127.0.0.1", "/to?http://127.0.0.1:8080/")), "here");
}

// Nothing of it is left when the client goes.
TEST_F(HttpNames, may_be_none) {
  ResolvingClient<client_sizes> brief(reactor, table);
  EXPECT_EQ(get(brief, order("a..b")), "at once: invalid argument");
}

// The failure of who is next is heard neither from inside the cancelling nor of a destructor, where
// the one that gives up is halfway gone.
TEST_F(HttpNames, that_are_given_up_let_others_hear_later) {
  constexpr ClientSizes one_line{.connections = 1, .receive = 2048, .send = 1024};
  ResolvingClient<one_line> narrow(reactor, table);
  std::optional<Fetch<100>> first(std::in_place);
  Fetch<100> second, third;
  Deferred<Fetched> first_done, second_done, third_done;
  ASSERT_FALSE(first->start(narrow, order("example.org"), first_done));
  ASSERT_FALSE(second.start(narrow, order("a..b"), second_done));
  ASSERT_FALSE(third.start(narrow, order("example.org"), third_done));
  bool heard = false;
  second_done.add_errback([&](const Failure& failure) {
    heard = true;
    first.reset();
    return Result<Fetched>(failure.error());
  });
  first->cancel();
  EXPECT_FALSE(heard);
  EXPECT_EQ(success_result_of(run(third_done)).content.size(), 4U);
  EXPECT_TRUE(heard);
  EXPECT_EQ(failure_result_of(first_done), Errc::cancelled);
  EXPECT_EQ(failure_result_of(second_done), Errc::invalid_argument);
}

TEST_F(HttpNames, that_are_given_up_let_nobody_hear_when_their_client_goes) {
  constexpr ClientSizes one_line{.connections = 1, .receive = 2048, .send = 1024};
  std::optional<ResolvingClient<one_line>> narrow(std::in_place, reactor, table);
  Fetch<100> first, second;
  Deferred<Fetched> first_done, second_done;
  ASSERT_FALSE(first.start(*narrow, order("example.org"), first_done));
  ASSERT_FALSE(second.start(*narrow, order("example.org"), second_done));
  first.cancel();
  narrow.reset();
  EXPECT_EQ(failure_result_of(second_done), Errc::cancelled);
  EXPECT_EQ(failure_result_of(first_done), Errc::cancelled);
}

TEST_F(HttpNames, need_a_timer) {
  EXPECT_EQ(get("example.org", "/close"), "closed");
  reactor.run_for(10s);
  DelayedCall calls[64];
  std::size_t taken = 0;
  for (auto call = reactor.call_later(1h, [] {}); call; call = reactor.call_later(1h, [] {})) {
    calls[taken++] = *call;
  }
  EXPECT_EQ(get("example.org"), "at once: out of capacity");
  for (DelayedCall& call : calls) call.cancel();
  EXPECT_EQ(get("example.org"), "here");
}

}  // namespace
}  // namespace bobbin::http
