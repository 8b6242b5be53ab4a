// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <bobbin/http/requester.hpp>
#include <bobbin/posted_calls.hpp>
#include <bobbin/tcp.hpp>
#include <bobbin/waiting_line.hpp>

namespace bobbin::http {

class AnyClient;
class ClientLine;

// What is asked of whom. All its texts and bytes are the caller's and stay as they are until the
// exchange is over.
//
//   Error error = fetch.start(client, http::Order::get("http://example.org/rss.xml"), done);
struct Order {
  // What is asked of a URL, as treq's functions do it. One that `parse_url` does not understand, of
  // https too, makes an order that `AnyClient::send` refuses with invalid_argument.
  static Order of(std::string_view method, std::string_view url);
  static Order get(std::string_view url) { return of("GET", url); }
  static Order head(std::string_view url) { return of("HEAD", url); }
  static Order post(std::string_view url, std::string_view content,
                    std::string_view type = "application/x-www-form-urlencoded") {
    return of("POST", url).with(content, type);
  }
  static Order put(std::string_view url, std::string_view content, std::string_view type) {
    return of("PUT", url).with(content, type);
  }

  // The same with content, or with fields.
  Order with(std::string_view text, std::string_view type) const;
  Order with(std::span<const Field> fields) const;

  // Without one it is found by the request's host: an address, or, with a ResolvingClient, a name;
  // its port is 80 if none is said.
  Address server{};
  Request request;
  Bytes content{};  // of the request
  // Instead of `content`: so many bytes, or chunks, which the exchange writes (`request_begun`).
  BodyLength streamed{};
  // Where the client writes where it is redirected to: a host and a target. Without it, and where
  // it may not follow, a redirect is the response. It does not follow for a request with streamed
  // content, and to another server not for one with Authorization or Cookie. Where names are not
  // looked up a redirect to a name is a failure.
  std::span<char> redirect_room{};
  std::uint8_t redirects = 10;  // how often it follows
};

// One request and what comes of it, to derive from; treq's request and response. It may be sent
// again when it is over, also from its last callback. Destroying it is giving up, without a word.
class Exchange : private WaitingLine::Member {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The head of the request was written, of one with streamed content, which `write_body` or a
  // producer now writes, until `finish_request`.
  virtual void request_begun() {}

  // As those of Requester. Redirects that are followed are not told of.
  virtual void response_received([[maybe_unused]] const ResponseHead& response) {}
  virtual std::size_t body_received(Bytes piece) { return piece.size(); }

  // The last call: one of the two. The failure may also be why no connection could be made.
  virtual void response_ended() {}
  virtual void request_failed([[maybe_unused]] const Failure& failure) {}

  // Whether it was sent and is not over.
  bool is_active() const { return client_ != nullptr; }

  // Ends it with the failure `cancelled`, at once. Nothing happens if it is not active.
  void cancel() { fail(Errc::cancelled); }

 protected:
  Exchange() = default;
  ~Exchange();

  // The same with another failure: what has come is not what was wanted.
  void fail(const Failure& failure);

  // As those of Requester, from `request_begun` on.
  [[nodiscard]] std::size_t write_body(Bytes content);
  std::size_t body_room() const;
  Error register_producer(PushProducer& producer);
  Error register_producer(PullProducer& producer);
  void finish_request();

  // Back pressure, from `response_received` on: nothing more of the content is given, and the
  // server's window closes, until it resumes.
  void pause_producing();
  void resume_producing();

 private:
  friend class AnyClient;
  friend class ClientLine;

  AnyClient* client_ = nullptr;
  ClientLine* line_ = nullptr;  // null: it waits for one
  Order order_;
  bool tried_again_ = false;
};

// A connection of a client, used for one server after another.
class ClientLine : public AnyRequester, private ClientFactory {
 public:
  bool is_busy() const { return exchange_ != nullptr; }
  bool is_unused() const;
  bool is_kept_for(const Order& order) const { return !is_busy() && leads_to(order); }
  bool is_kept() const { return !is_busy() && is_ready(); }

  // By a line that is unused or kept. After an error the exchange is not taken.
  Error take(Exchange& exchange);

 protected:
  friend class AnyClient;
  friend class Exchange;

  ClientLine(AnyClient& client, const ClientLimits& limits, ConnectionPool& pool)
      : AnyRequester(limits),
        connector_(static_cast<ClientFactory&>(*this), pool),
        client_(client) {}
  ~ClientLine() = default;

  void shut_down();

  // For who finds servers by names. `look_up`, unless it returns an error, ends with one of
  // `server_found` and `server_missing`, not from inside, or with `end_look_up`, which is called
  // whenever what was found is of no more use, too.
  virtual bool knows([[maybe_unused]] std::string_view host) const { return false; }
  virtual Error look_up([[maybe_unused]] std::string_view host) { return Errc::unknown_host; }
  virtual void end_look_up() {}
  // Another address of the same host, as the last could not be reached.
  virtual std::optional<Address> next_address() { return std::nullopt; }

  void server_found(const Address& server);
  void server_missing(const Failure& failure) { end(failure); }

  // The last it was connected to, or tried to.
  const Address& server() const { return server_; }

 private:
  // What shuts down is who has the connections.
  class LineConnector final : public Connector {
   public:
    using Connector::Connector;
    using Connector::shut_down;
  };

  Protocol* build_protocol(const Address&) override { return this; }
  void client_connection_failed(Error reason) override;
  void client_connection_lost(Error reason) override;

  void requester_ready() override;
  void response_received(const ResponseHead& response) override;
  std::size_t body_received(Bytes piece) override;
  void response_ended() override;
  void request_failed(const Failure& failure) override;

  // What the exchange waits for.
  enum class Step : std::uint8_t { none, address, disconnection, connection, response, content };

  // Nobody waits for what comes; the exchange is not told.
  void give_up();
  // The exchange is nobody's any more.
  void let_go();

  bool leads_to(const Order& order) const;
  Error proceed();
  Error connect();
  Error ask();
  void end(const Failure& failure);
  bool may_try_again(const Failure& failure) const;
  bool follows(const ResponseHead& response);
  bool refuse(BadResponse trouble);

  LineConnector connector_;
  AnyClient& client_;
  Exchange* exchange_ = nullptr;
  Address server_;
  std::uint32_t asked_ = 0;  // on this connection
  Step step_ = Step::none;
  bool redirected_ = false;  // by the response that comes
};

// Client but for its size.
class AnyClient {
 public:
  AnyClient(const AnyClient&) = delete;
  AnyClient& operator=(const AnyClient&) = delete;

  // Sends a request as soon as there is a connection for it: one that is kept and leads there, a
  // new one, or the next that is free; who waits is served in order, and there is no limit to their
  // number. Before this returns nothing is called but `request_begun`. Errors, and nothing was
  // sent: already_running when the exchange is active, invalid_argument for what `is_valid` does
  // not allow, unknown_host for a name that is not looked up, and what the reactor's `connect_tcp`
  // says. If the connection was kept and the server closed it before it answered anything, a
  // request that may be made twice (RFC 9110 §9.2.2) is made once more: to the same server, or, if
  // the order was by name, to whom that stands for now.
  Error send(Exchange& exchange, const Order& order);

 protected:
  using Connect = Error (*)(Reactor&, const Address&, Connector&, const ConnectOptions&);

  AnyClient(Reactor& reactor, Connect how, Duration connect_time)
      : reactor_(reactor), connect_(how), connect_time_(connect_time) {}
  ~AnyClient() = default;

  // Fails who waits with `cancelled`; from now on nobody is served.
  void stop_serving();

 private:
  friend class ClientLine;
  friend class Exchange;

  virtual bool finds_names() const { return false; }
  bool find_server(Order& order) const;

  virtual std::size_t line_count() const = 0;
  virtual ClientLine& line(std::size_t index) = 0;

  template <class Suits>
  ClientLine* find_line(Suits suits);
  ClientLine* line_for(const Order& order);
  void line_is_free(ClientLine& line);
  void serve_later();
  void serve();
  void forget(Exchange& exchange);
  Error connect(const Address& server, Connector& connector) {
    return connect_(reactor_, server, connector, {.timeout = connect_time_});
  }

  Reactor& reactor_;
  Connect connect_;
  Duration connect_time_;
  WaitingLine waiting_;
  StandingCall serving_{[this] { serve(); }};
  bool serves_later_ = false;
  bool stopped_ = false;
};

struct ClientSizes {
  std::size_t connections = 2;
  std::size_t receive = 2048;  // bytes of each, at least HeadLimits::size
  std::size_t send = 1024;     // at least ClientLimits::request
};

// What clients of a kind of lines have in common: a Line is a ClientLine that can be made of an
// AnyClient, limits, a pool, and what else such lines share.
template <class Line, ClientSizes sizes, const ClientLimits& limits>
class ClientOf : public AnyClient {
 protected:
  template <TcpReactor R, class... Shared>
  ClientOf(R& reactor, Duration connect_time, Shared&... shared)
      : AnyClient(reactor, &connect_by<R>, connect_time),
        lines_(make_lines(std::make_index_sequence<sizes.connections>(), *this, shared...)) {}
  ~ClientOf() {
    stop_serving();
    for (Connected& line : lines_) line.shut_down();
  }

 private:
  static constexpr ConnectionSizes of_one{
      .connections = 1, .receive = sizes.receive, .send = sizes.send};
  static_assert(buffers_suit<Requester<limits>, of_one>());

  class Connected final : private Connections<of_one>, public Line {
   public:
    template <class... Shared>
    explicit Connected(AnyClient& client, Shared&... shared)
        : Line(client, limits, static_cast<ConnectionPool&>(*this), shared...) {}
    using Line::shut_down;
  };

  template <class R>
  static Error connect_by(Reactor& reactor, const Address& server, Connector& connector,
                          const ConnectOptions& options) {
    return static_cast<R&>(reactor).connect_tcp(server, connector, options);
  }

  template <std::size_t... i, class... Shared>
  static std::array<Connected, sizeof...(i)> make_lines(std::index_sequence<i...>,
                                                        AnyClient& client, Shared&... shared) {
    return {((void)i, Connected(client, shared...))...};
  }

  std::size_t line_count() const override { return sizes.connections; }
  ClientLine& line(std::size_t index) override { return lines_[index]; }

  std::array<Connected, sizes.connections> lines_;
};

// An HTTP/1.1 client (RFC 9112) that keeps connections for what is asked next, after treq and
// Twisted's Agent and HTTPConnectionPool. All of its memory is its `sizeof`. Each connection takes
// one timer, and another while it is made. Requests are made by exchanges:
//
//   http::Client<http::ClientSizes{.connections = 2}> client(reactor);
//   http::Fetch<1024> fetch;
//   Deferred<http::Fetched> done;
//   Error error = fetch.start(
//       client, {.server = address, .request = {.target = "/", .host = "example.org"}}, done);
//
// Destroying it ends what it does: exchanges that are active fail. It must not be destroyed from
// inside a callback of one of them.
template <ClientSizes sizes = ClientSizes(), const ClientLimits& limits = default_client_limits>
class Client final : public ClientOf<ClientLine, sizes, limits> {
 public:
  template <TcpReactor R>
  explicit Client(R& reactor, Duration connect_time = std::chrono::seconds(30))
      : ClientOf<ClientLine, sizes, limits>(reactor, connect_time) {}
};

}  // namespace bobbin::http
