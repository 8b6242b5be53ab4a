// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/resolver.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/bobbin.hpp>
#include <bobbin/lwip.hpp>

#include "loopback_host.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Addresses = std::span<const Address>;

constexpr std::uint16_t name_port = 53;

// A name server of one file: it knows hosts by their names' beginnings, as lwIP keeps what it has
// heard, and each test is to ask for another name.
class NameServer final : public DatagramProtocol {
 public:
  void datagram_received(Bytes datagram, const Address& from) override {
    const std::string question(text_of(datagram));
    ASSERT_GT(question.size(), 16U);
    const std::string name = name_in(question);
    asked.push_back(name);
    if (name.starts_with("silent")) return;
    const std::string answer = answer_to(question, name);
    EXPECT_FALSE(transport().write(bytes_of(answer), from));
  }

  std::vector<std::string> asked;

 private:
  static constexpr std::size_t header = 12;

  static std::string name_in(const std::string& question) {
    std::string name;
    for (std::size_t at = header; question[at] != 0;
         at += 1 + static_cast<std::size_t>(question[at])) {
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, static_cast<std::size_t>(question[at]));
    }
    return name;
  }

  // RFC 1035, section 4.1. What is asked for is in the last but third byte: 1 is an address of
  // IPv4.
  static std::string answer_to(const std::string& question, const std::string& name) {
    const bool ip4 = question[question.size() - 3] == 1;
    const bool known = !name.starts_with("unknown");
    const bool has = known && (ip4 ? !name.starts_with("six") : name.starts_with("six"));
    std::string answer = question.substr(0, 2) + (known ? "\x81\x80"s : "\x81\x83"s);
    answer += "\0\1\0"s + (has ? '\1' : '\0') + "\0\0\0\0"s + question.substr(header);
    if (!has) return answer;
    answer += "\xc0\x0c\0"s + (ip4 ? "\1"s : "\x1c"s) + "\0\1\0\0\0\x3c"s;
    if (ip4) return answer + "\0\4\x7f\0\0\1"s;
    return answer + "\0\x10"s + std::string(15, '\0') + "\1"s;
  }
};

class LwipNames : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(name_port), port_));
    ASSERT_FALSE(LwipResolverBase::use_server(Address::loopback(0)));
  }
  void TearDown() override {
    // Until lwIP has given up what nobody answers.
    run_until([this] { return resolver_.under_way() == 0; });
    EXPECT_EQ(resolver_.under_way(), 0U);
  }

  template <class Done>
  bool run_until(Done done) {
    const Instant end = host_.now() + 1min;
    while (!done() && host_.now() < end) reactor_.turn(end - host_.now());
    return done();
  }

  Outcome<Addresses> outcome_of(AnyLookup& lookup) {
    EXPECT_TRUE(run_until([&lookup] { return lookup.called(); }));
    Outcome<Addresses> outcome = Failure(Errc::application_error);
    lookup.add_both([&outcome](const Outcome<Addresses>& came) { outcome = came; });
    return outcome;
  }
  Errc error_of(AnyLookup& lookup) {
    const Outcome<Addresses> outcome = outcome_of(lookup);
    return outcome ? Errc::ok : outcome.failure().error().code;
  }

  test::LoopbackHost host_;
  LwipReactor<> reactor_{host_};
  LwipResolver<2> resolver_{reactor_};
  NameServer server_;
  UdpPort<512> port_{server_};
};

TEST_F(LwipNames, are_asked_for_and_found) {
  Lookup<> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "found.example", {.port = 80}));
  EXPECT_EQ(resolver_.under_way(), 1U);
  const Outcome<Addresses> found = outcome_of(lookup);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0], Address::loopback(80));
  EXPECT_EQ(server_.asked, std::vector{"found.example"s});
  // lwIP remembers, and tells at once, but not from inside.
  lookup.reset();
  ASSERT_FALSE(resolver_.resolve(lookup, "found.example", {.port = 81}));
  EXPECT_FALSE(lookup.called());
  EXPECT_EQ(resolver_.under_way(), 0U);
  EXPECT_EQ((*outcome_of(lookup))[0], Address::loopback(81));
  EXPECT_EQ(server_.asked.size(), 1U);
}

TEST_F(LwipNames, may_have_an_address_of_the_other_family) {
  Lookup<> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "six.example", {.port = 80}));
  const Outcome<Addresses> found = outcome_of(lookup);
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[0], *Address::parse("::1", 80));
}

TEST_F(LwipNames, that_nobody_knows_fail) {
  Lookup<> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "unknown.example"));
  EXPECT_EQ(error_of(lookup), Errc::unknown_host);
}

TEST_F(LwipNames, are_asked_for_for_as_long_as_was_said) {
  Lookup<> lookup;
  const Instant start = host_.now();
  ASSERT_FALSE(resolver_.resolve(lookup, "silent.example", {.timeout = 2s}));
  Instant end{};
  lookup.add_errback([this, &end](const Failure& failure) {
    end = reactor_.now();
    return failure;
  });
  EXPECT_EQ(error_of(lookup), Errc::timed_out);
  EXPECT_EQ(end - start, 2s);
  EXPECT_EQ(resolver_.under_way(), 1U);
}

TEST_F(LwipNames, that_no_server_answers_fail_when_lwip_gives_up) {
  Lookup<> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "silent2.example", {.timeout = 1min}));
  EXPECT_EQ(error_of(lookup), Errc::unknown_host);
  EXPECT_GT(server_.asked.size(), 1U);
}

TEST_F(LwipNames, given_up_keep_their_place) {
  std::optional<Lookup<>> first(std::in_place);
  Lookup<> second;
  Lookup<> third;
  ASSERT_FALSE(resolver_.resolve(*first, "silent3.example"));
  first.reset();
  ASSERT_FALSE(resolver_.resolve(second, "silent4.example"));
  second.cancel();
  EXPECT_EQ(error_of(second), Errc::cancelled);
  EXPECT_EQ(resolver_.resolve(third, "found3.example"), Errc::no_capacity);
  EXPECT_FALSE(third.looking());
  EXPECT_TRUE(run_until([this] { return resolver_.under_way() == 0; }));
  ASSERT_FALSE(resolver_.resolve(third, "found3.example"));
  EXPECT_EQ(error_of(third), Errc::ok);
}

TEST_F(LwipNames, need_a_server) {
  ASSERT_FALSE(LwipResolverBase::use_server(Address::any(0)));
  Lookup<> lookup;
  EXPECT_EQ(resolver_.resolve(lookup, "found4.example"), Errc::not_running);
  EXPECT_FALSE(lookup.looking());
  EXPECT_FALSE(resolver_.resolve(lookup, "192.0.2.1"));
  EXPECT_EQ(error_of(lookup), Errc::ok);
}

TEST_F(LwipNames, of_which_lwip_has_no_more_are_errors) {
  LwipResolver<4> more(reactor_);
  Lookup<> lookups[3];
  ASSERT_FALSE(more.resolve(lookups[0], "found5.example"));
  ASSERT_FALSE(more.resolve(lookups[1], "found6.example"));
  EXPECT_EQ(more.resolve(lookups[2], "found7.example"), Errc::no_capacity);
  for (Lookup<>* lookup : {&lookups[0], &lookups[1]}) EXPECT_EQ(error_of(*lookup), Errc::ok);
}

struct Silent final : Protocol {};

TEST_F(LwipNames, lead_to_servers) {
  constexpr ConnectionSizes sizes{.connections = 2, .receive = 64, .send = 64};
  TcpServer<Silent, sizes> server;
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(4000), server));
  HostClient<Silent, sizes> client;
  ASSERT_FALSE(client.connect(reactor_, resolver_, "found8.example", {.port = 4000}));
  EXPECT_TRUE(run_until([&client] { return client.winner() != nullptr; }));
}

}  // namespace
}  // namespace bobbin
