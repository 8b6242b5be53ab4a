// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <bobbin/net/endpoint.hpp>

#include "support/guarded.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using Fault = EndpointFault;

ServerEndpoint server(std::string_view description) {
  ServerEndpoint endpoint;
  const EndpointError error = parse_endpoint(description, endpoint);
  EXPECT_FALSE(error) << description << ": " << describe(error.fault);
  return endpoint;
}

ClientEndpoint client(std::string_view description) {
  ClientEndpoint endpoint;
  const EndpointError error = parse_endpoint(description, endpoint);
  EXPECT_FALSE(error) << description << ": " << describe(error.fault);
  return endpoint;
}

TEST(ServerEndpoints, of_tcp) {
  EXPECT_EQ(server("tcp:8080").address, Address::any(8080));
  EXPECT_EQ(server("tcp:port=8080").address, Address::any(8080));
  EXPECT_EQ(server("tcp:0").address, Address::any(0));
  const Address local = Address::loopback(8080);
  EXPECT_EQ(server("tcp:8080:interface=127.0.0.1").address, local);
  EXPECT_EQ(server("tcp:interface=127.0.0.1:port=8080").address, local);
  EXPECT_EQ(server("tcp:8080:127.0.0.1").address, local);
  EXPECT_EQ(server("tcp:8080:127.0.0.1:7").backlog, 7);
  EXPECT_EQ(server("tcp:8080:backlog=50").backlog, 50);
  EXPECT_EQ(server("tcp:8080").backlog, 128);
}

TEST(ServerEndpoints, of_tcp_over_ip6) {
  EXPECT_EQ(server("tcp6:80").address, *Address::parse("::", 80));
  EXPECT_EQ(server(R"(tcp6:80:interface=\:\:1)").address, *Address::parse("::1", 80));
  EXPECT_EQ(server(R"(tcp:80:interface=\:\:1)").address, *Address::parse("::1", 80));
}

TEST(ServerEndpoints, of_unix) {
  const ServerEndpoint plain = server("unix:/run/printer.sock");
  EXPECT_EQ(plain.address, *Address::unix_path("/run/printer.sock"));
  EXPECT_FALSE(plain.mode);
  EXPECT_EQ(server("unix:/run/printer.sock:mode=660").mode, 0660U);
  EXPECT_EQ(server("unix:address=/a:mode=777:backlog=3").mode, 0777U);
  EXPECT_EQ(server("unix:address=/a:mode=777:backlog=3").backlog, 3);
  EXPECT_EQ(server(R"(unix:/a\:b\=c\\d)").address.path(), R"(/a:b=c\d)");
  // Only the first '=' of an argument means something.
  EXPECT_EQ(server("unix:address=/a=b").address.path(), "/a=b");
}

TEST(ClientEndpoints, of_tcp) {
  const ClientEndpoint named = client("tcp:host=example.com:port=80:timeout=5");
  EXPECT_FALSE(named.address);
  EXPECT_EQ(named.host.view(), "example.com");
  EXPECT_EQ(named.port, 80);
  EXPECT_EQ(named.timeout, 5s);
  EXPECT_EQ(client("tcp:example.com:80").host.view(), "example.com");
  EXPECT_EQ(client("tcp:example.com:80").timeout, 30s);
  EXPECT_EQ(client("tcp:example.com:80:9").timeout, 9s);
  const ClientEndpoint numeric = client("tcp:port=80:host=192.0.2.1");
  EXPECT_EQ(numeric.address, Address::ip4({192, 0, 2, 1}, 80));
  EXPECT_TRUE(numeric.host.empty());
  EXPECT_EQ(client(R"(tcp:\:\:1:80)").address, *Address::parse("::1", 80));
}

TEST(ClientEndpoints, of_unix) {
  EXPECT_EQ(client("unix:/run/a").address, *Address::unix_path("/run/a"));
  EXPECT_EQ(client("unix:path=/run/a:timeout=1").timeout, 1s);
}

struct Bad {
  std::string_view description;
  Fault fault;
  std::string_view part;  // what is pointed at
  std::string_view argument = {};
};

template <class Endpoint>
void expect_faults(std::initializer_list<Bad> cases) {
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.description);
    Endpoint endpoint;
    const EndpointError error = parse_endpoint(bad.description, endpoint);
    EXPECT_EQ(describe(error.fault), describe(bad.fault));
    EXPECT_EQ(bad.description.substr(error.offset, error.size), bad.part);
    EXPECT_EQ(error.argument, bad.argument);
  }
}

TEST(ServerEndpoints, with_a_fault_are_pointed_at) {
  expect_faults<ServerEndpoint>({
      {"", Fault::unknown_kind, ""},
      {"8080", Fault::unknown_kind, "8080"},
      {"ssl:443", Fault::unknown_kind, "ssl"},
      {"tcp", Fault::missing, "", "port"},
      {"tcp:interface=127.0.0.1", Fault::missing, "", "port"},
      {"tcp:", Fault::bad_port, "", "port"},
      {"tcp:http", Fault::bad_port, "http", "port"},
      {"tcp:65536", Fault::bad_port, "65536", "port"},
      {"tcp:port=-1", Fault::bad_port, "-1", "port"},
      {"tcp:80:interface=localhost", Fault::bad_address, "localhost", "interface"},
      {"tcp:80:interface=::1", Fault::bad_address, "", "interface"},
      {"tcp:80:backlog=0", Fault::bad_number, "0", "backlog"},
      {"tcp:80:backlog=many", Fault::bad_number, "many", "backlog"},
      {"tcp:80:port=81", Fault::repeated, "port=81", "port"},
      {"tcp:80:127.0.0.1:5:6", Fault::too_many, "6"},
      {"tcp:80:color=blue", Fault::unknown_argument, "color"},
      {"tcp:80:mode=660", Fault::unknown_argument, "mode"},
      {"unix:", Fault::bad_path, "", "address"},
      {"unix:/a:mode=888", Fault::bad_number, "888", "mode"},
      {"unix:/a:mode=1777", Fault::bad_number, "1777", "mode"},
      {R"(unix:/a\)", Fault::unfinished_escape, R"(/a\)", "address"},
  });
  const std::string long_path = "unix:/" + std::string(120, 'x');
  const std::string very_long = "unix:/" + std::string(300, 'x');
  expect_faults<ServerEndpoint>(
      {{long_path, Fault::bad_path, std::string_view(long_path).substr(5), "address"},
       {very_long, Fault::too_long, std::string_view(very_long).substr(5), "address"}});
}

TEST(ClientEndpoints, with_a_fault_are_pointed_at) {
  expect_faults<ClientEndpoint>({
      {"tcp6:example.com:80", Fault::unknown_kind, "tcp6"},
      {"tcp:example.com", Fault::missing, "", "port"},
      {"tcp:port=80", Fault::missing, "", "host"},
      {"tcp:example.com:0", Fault::bad_port, "0", "port"},
      {"tcp:exa mple.com:80", Fault::bad_host, "exa mple.com", "host"},
      {"tcp:example..com:80", Fault::bad_host, "example..com", "host"},
      {"tcp:example.com:80:timeout=0", Fault::bad_number, "0", "timeout"},
      {"tcp:example.com:80:timeout=5s", Fault::bad_number, "5s", "timeout"},
      {"unix:timeout=5", Fault::missing, "", "path"},
  });
}

// Whatever it is, it is read to its end and not behind it, and what is pointed at is in it.
TEST(Endpoints, of_any_text_point_into_it) {
  test::for_each_seed([](test::Random& random) {
    constexpr std::string_view pieces[] = {"tcp",  "tcp6", "unix", ":",  ":",  "=",    "\\",
                                           "port", "host", "80",   "/a", "::", "mode", "127.0.0.1"};
    for (int i = 0; i < 500; ++i) {
      std::string text;
      for (auto left = random.below(12U); left > 0; --left) {
        text += pieces[random.below(std::size(pieces))];
      }
      SCOPED_TRACE(text);
      const test::Guarded guarded(text);
      ServerEndpoint as_server;
      ClientEndpoint as_client;
      for (const EndpointError& error : {parse_endpoint(text_of(guarded.bytes()), as_server),
                                         parse_endpoint(text_of(guarded.bytes()), as_client)}) {
        ASSERT_LE(error.offset, text.size());
        ASSERT_LE(error.size, text.size() - error.offset);
      }
    }
  });
}

TEST(HostNames, are_labels_with_dots_between_them) {
  for (const std::string_view good : {"a", "example.com", "example.com.", "_amp._tcp.a-b.c", "9"}) {
    ASSERT_TRUE(HostName::parse(good)) << good;
    EXPECT_EQ(HostName::parse(good)->view(), good);
    EXPECT_EQ(HostName::parse(good)->c_str(), std::string(good));
  }
  for (const std::string_view bad : {"", ".", "a..b", ".a", "a b", "a/b", "\xc3\xa9"}) {
    EXPECT_EQ(HostName::parse(bad).error(), Errc::invalid_argument) << bad;
  }
  EXPECT_TRUE(HostName::parse(std::string(63, 'x')));
  EXPECT_FALSE(HostName::parse(std::string(64, 'x')));
  std::string longest;
  while (longest.size() < 252) longest += "x.";
  longest += "x";
  EXPECT_EQ(longest.size(), 253U);
  EXPECT_TRUE(HostName::parse(longest));
  EXPECT_FALSE(HostName::parse(longest + "."));
  EXPECT_EQ(*HostName::parse("EXAMPLE.com"), *HostName::parse("example.COM"));
  EXPECT_FALSE(*HostName::parse("example.com") == *HostName::parse("example.co"));
}

}  // namespace
}  // namespace bobbin
