// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <bobbin/posix.hpp>

namespace {

// What the system knows of some names. Who asks for "slow" waits until it is let go.
struct Fake {
  std::counting_semaphore<> asked{0};
  std::counting_semaphore<> let_go{0};
  std::atomic<int> code{0};
};
Fake* fake = nullptr;

}  // namespace

extern "C" {
int __real_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**);

int __wrap_getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                       addrinfo** list) {
  const std::string_view name = node;
  if (name == "localhost") return __real_getaddrinfo(node, service, hints, list);
  if (name == "slow") {
    fake->asked.release();
    fake->let_go.acquire();
  }
  if (name == "broken") {
    errno = EMFILE;
    return fake->code;
  }
  addrinfo numeric{};
  numeric.ai_flags = AI_NUMERICHOST;
  numeric.ai_socktype = hints->ai_socktype;
  for (const char* const address : {"127.0.0.1", "::1", "192.0.2.1"}) {
    if (const int code = __real_getaddrinfo(address, nullptr, &numeric, list)) return code;
    list = &(*list)->ai_next;
  }
  return 0;
}
}

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using Addresses = std::span<const Address>;

class SystemNames : public testing::Test {
 protected:
  void SetUp() override {
    fake = &fake_;
    ASSERT_FALSE(pool_.start(reactor_));
  }
  void TearDown() override { pool_.stop(); }

  template <class Done>
  bool run_until(Done done) {
    for (int turns = 0; !done() && turns < 6000; ++turns) reactor_.turn(10ms);
    return done();
  }

  // What comes of it.
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
  void let_go() { fake_.let_go.release(); }
  // Until a worker waits inside of the system.
  void wait_until_asked() { fake_.asked.acquire(); }

  Fake fake_;
  EpollReactor<> reactor_;
  PosixThreadPool<ThreadPoolSizes{.workers = 2, .jobs = 4}> pool_;
  PosixResolver<ResolverSizes{.lookups = 2, .addresses = 3}> resolver_{reactor_, pool_};
};

TEST_F(SystemNames, stand_for_what_the_system_says) {
  Lookup<4> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "example.com", {.port = 80}));
  const Outcome<Addresses> found = outcome_of(lookup);
  ASSERT_TRUE(found);
  const std::vector<Address> addresses(found->begin(), found->end());
  EXPECT_EQ(addresses, (std::vector{Address::loopback(80), *Address::parse("::1", 80),
                                    Address::ip4({192, 0, 2, 1}, 80)}));
  EXPECT_EQ(resolver_.under_way(), 0U);
}

TEST_F(SystemNames, stand_for_no_more_than_there_is_room_for) {
  Lookup<1> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "example.com"));
  EXPECT_EQ(outcome_of(lookup)->size(), 1U);
}

TEST_F(SystemNames, are_this_machines_too) {
  Lookup<4> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "localhost", {.port = 7}));
  const Outcome<Addresses> found = outcome_of(lookup);
  ASSERT_TRUE(found);
  for (const Address& address : *found) {
    EXPECT_TRUE(address.is_loopback());
    EXPECT_EQ(address.port(), 7);
  }
}

TEST_F(SystemNames, fail_with_what_the_system_says) {
  const struct {
    int code;
    Errc error;
  } cases[] = {{EAI_NONAME, Errc::unknown_host},
               {EAI_AGAIN, Errc::timed_out},
               {EAI_MEMORY, Errc::no_capacity},
               {EAI_FAIL, Errc::system_error},
               {EAI_SYSTEM, Errc::no_capacity}};
  for (const auto& one : cases) {
    fake_.code = one.code;
    Lookup<> lookup;
    ASSERT_FALSE(resolver_.resolve(lookup, "broken"));
    EXPECT_EQ(describe(error_of(lookup)), describe(one.error)) << one.code;
  }
}

TEST_F(SystemNames, given_up_keep_their_place_until_the_system_has_answered) {
  std::optional<Lookup<>> lookup(std::in_place);
  ASSERT_FALSE(resolver_.resolve(*lookup, "slow"));
  wait_until_asked();
  lookup.reset();
  EXPECT_EQ(resolver_.under_way(), 1U);
  let_go();
  EXPECT_TRUE(run_until([this] { return resolver_.under_way() == 0; }));
}

TEST_F(SystemNames, are_looked_up_for_as_long_as_was_said) {
  Lookup<> lookup;
  ASSERT_FALSE(resolver_.resolve(lookup, "slow", {.timeout = 1ms}));
  EXPECT_EQ(error_of(lookup), Errc::timed_out);
  let_go();
  EXPECT_TRUE(run_until([this] { return resolver_.under_way() == 0; }));
}

TEST_F(SystemNames, of_which_too_many_are_looked_up_are_errors) {
  Lookup<> lookups[2];
  Lookup<> one_more;
  for (Lookup<>& lookup : lookups) ASSERT_FALSE(resolver_.resolve(lookup, "slow"));
  EXPECT_EQ(resolver_.resolve(one_more, "example.com"), Errc::no_capacity);
  EXPECT_FALSE(one_more.looking());
  // An address needs nobody.
  EXPECT_FALSE(resolver_.resolve(one_more, "192.0.2.1"));
  EXPECT_EQ(outcome_of(one_more)->size(), 1U);
  for (Lookup<>& lookup : lookups) {
    let_go();
    (void)lookup;
  }
  for (Lookup<>& lookup : lookups) EXPECT_TRUE(outcome_of(lookup));
}

TEST_F(SystemNames, end_with_the_pool) {
  Lookup<> lookup;
  pool_.stop();
  EXPECT_EQ(resolver_.resolve(lookup, "example.com"), Errc::not_running);
  EXPECT_FALSE(lookup.looking());
  ASSERT_FALSE(pool_.start(reactor_));
  ASSERT_FALSE(resolver_.resolve(lookup, "slow"));
  wait_until_asked();
  let_go();
  pool_.stop();
  EXPECT_TRUE(lookup.called());
  EXPECT_EQ(resolver_.under_way(), 0U);
  (void)error_of(lookup);
}

// Connecting by name, over sockets.
class Greeter final : public Protocol {
 public:
  void connection_made() override { EXPECT_EQ(transport().write(bytes_of("hello")), 5U); }
};

class Guest final : public Protocol {
 public:
  explicit Guest(std::string& heard) : heard_(heard) {}
  std::size_t data_received(Bytes data) override {
    heard_ += text_of(data);
    return data.size();
  }

 private:
  std::string& heard_;
};

TEST_F(SystemNames, lead_to_servers) {
  constexpr ConnectionSizes sizes{.connections = 3, .receive = 64, .send = 64};
  TcpServer<Greeter, sizes> server;
  ASSERT_FALSE(reactor_.listen_tcp(Address::loopback(0), server));
  std::string heard;
  HostClient<Guest, sizes, std::string> client(heard);
  ASSERT_FALSE(client.connect(reactor_, resolver_, "example.com", {.port = server.host().port()}));
  EXPECT_TRUE(run_until([&heard] { return heard == "hello"; }));
}

}  // namespace
}  // namespace bobbin
