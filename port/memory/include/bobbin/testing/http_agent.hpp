// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/http/client.hpp>
#include <bobbin/memory.hpp>

namespace bobbin::http {

struct TestAgentSizes {
  // Of the server: those that the program itself has are what a test is best made with.
  ConnectionSizes server{.connections = 2, .receive = 4096, .send = 4096};
  std::size_t content = 65536;  // bytes of an answer's content
};

// What came of asking. Its texts lie in the agent, until it asks again.
struct TestAnswer {
  // Zero if there is no answer, or not all of it; then there is a failure.
  Status status{};
  Fields fields{};
  std::string_view content{};
  std::optional<Failure> failure{};

  // The first field of this name; empty if there is none.
  std::string_view field(std::string_view name) const {
    return fields.find(name).value_or(std::string_view());
  }
};

// TestAgent but for its sizes.
class AnyTestAgent : private Exchange {
 public:
  // So long may an answer take, in virtual time.
  static constexpr Duration patience = std::chrono::minutes(2);

  // Of requests that name none.
  static constexpr std::string_view host = "localhost";

  static constexpr std::size_t head_max = 8192;  // bytes of an answer's head

  TestAnswer get(std::string_view target) { return ask({.target = target, .host = host}); }

  TestAnswer post(std::string_view target, std::string_view content,
                  std::string_view type = "application/x-www-form-urlencoded") {
    return ask({.method = "POST", .target = target, .host = host, .type = type}, content);
  }

  // Any request. Returns when the answer is whole, or has failed: with what `AnyClient::send`
  // returns, what `Exchange::request_failed` is told, `BadResponse::content_too_large` for more
  // than there is room for, or `timed_out`. Redirects are answers. The connection is over then, so
  // that nothing is left for a TestCase to find. Not from inside a callback.
  TestAnswer ask(const Request& request, std::string_view content = {});

  // For more than that: where the server is, for a Client or a connection of the test's own.
  Address server() const { return port_.host(); }

 protected:
  struct Storage {
    std::span<char> fields;
    std::span<char> content;
  };

  AnyTestAgent(MemoryReactorBase& reactor, ListeningPort& port, Storage storage)
      : reactor_(reactor), port_(port), storage_(storage) {}
  ~AnyTestAgent() = default;

  void listen();

 private:
  // Whoever answers too late is given up by the agent, not by its client.
  static constexpr ClientLimits limits{.head = {.size = head_max, .fields = 256},
                                       .request = 4096,
                                       .head_time = 2 * patience,
                                       .stall = 2 * patience};
  static constexpr ClientSizes client_sizes{.connections = 1, .receive = head_max, .send = 4096};

  void response_received(const ResponseHead& response) override;
  std::size_t body_received(Bytes piece) override;
  void request_failed(const Failure& failure) override;

  MemoryReactorBase& reactor_;
  ListeningPort& port_;
  Storage storage_;
  std::size_t fields_size_ = 0;
  std::size_t content_size_ = 0;
  TestAnswer answer_;
};

template <class Site, class Shared, TestAgentSizes sizes>
struct TestAgentParts {
  template <class... Arguments>
  explicit TestAgentParts(Arguments&... arguments) : site(arguments...) {}

  TcpServer<Site, sizes.server, Shared> site;
  char fields[AnyTestAgent::head_max];
  char content[sizes.content];
};

// A site and a client that are joined in memory, for tests of a program's own, after StubTreq: what
// its functions answer, as those who ask see it, without sockets and in virtual time. A Responder
// is made for each request, as for each connection.
//
//   struct SiteTest : bobbin::TestCase<> {
//     bobbin::http::TestAgent<Site> agent{reactor};
//   };
//
//   TEST_F(SiteTest, knows_root) {
//     const auto answer = agent.get("/user/1");
//     EXPECT_EQ(answer.status, bobbin::http::Status::ok);
//     EXPECT_EQ(answer.content, "root\n");
//   }
//
// Behind the reactor stand what a server of such Responders is made with, as a TcpServer is: what
// they share. It takes a place of the network to listen, and one for each request; a test that
// gives that fewer fails by an assertion. Beside the test kit the program links bobbin::net.
template <std::derived_from<Protocol> Site, class Shared = void,
          TestAgentSizes sizes = TestAgentSizes{}>
class TestAgent final : private TestAgentParts<Site, Shared, sizes>, public AnyTestAgent {
 public:
  template <class... Arguments>
  explicit TestAgent(MemoryReactorBase& reactor, Arguments&... arguments)
      : TestAgentParts<Site, Shared, sizes>(arguments...),
        AnyTestAgent(reactor, this->site, {this->fields, this->content}) {
    listen();
  }
};

inline void AnyTestAgent::listen() {
  const Error error = reactor_.listen_tcp(Address::loopback(0), port_);
  BOBBIN_ASSERT(!error);
}

inline TestAnswer AnyTestAgent::ask(const Request& request, std::string_view content) {
  answer_ = {};
  fields_size_ = 0;
  content_size_ = 0;
  const std::size_t others = port_.connections().use().in_use;
  {
    Client<client_sizes, limits> client(reactor_);
    const Order order{.server = server(), .request = request, .content = bytes_of(content)};
    if (const Error error = client.send(*this, order)) request_failed(error);
    reactor_.run_until([this] { return !is_active(); }, patience);
    fail(Errc::timed_out);
  }
  reactor_.run_until([this, others] { return port_.connections().use().in_use <= others; });
  answer_.fields = Fields({storage_.fields.data(), fields_size_});
  answer_.content = {storage_.content.data(), content_size_};
  return answer_;
}

// All of a head's fields fit where the head does.
inline void AnyTestAgent::response_received(const ResponseHead& response) {
  answer_.status = response.status;
  for (const Field& field : response.fields) {
    for (const std::string_view part :
         {field.name, std::string_view(": "), field.value, std::string_view("\r\n")}) {
      fields_size_ +=
          part.copy(storage_.fields.data() + fields_size_, storage_.fields.size() - fields_size_);
    }
  }
}

inline std::size_t AnyTestAgent::body_received(Bytes piece) {
  if (piece.size() > storage_.content.size() - content_size_) {
    fail(BadResponse::content_too_large);
    return 0;
  }
  content_size_ += text_of(piece).copy(storage_.content.data() + content_size_, piece.size());
  return piece.size();
}

inline void AnyTestAgent::request_failed(const Failure& failure) {
  answer_.status = Status{};
  answer_.failure = failure;
}

}  // namespace bobbin::http
