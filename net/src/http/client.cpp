// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/client.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/http/url.hpp>

#include "redirect.hpp"

namespace bobbin::http {

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// RFC 9110 §9.2.2.
bool is_idempotent(std::string_view method) {
  return is_one_of(method, {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"});
}

bool is_streamed(const Order& order) { return order.streamed.kind != BodyLength::Kind::none; }

bool has_credentials(const Request& request) {
  return std::any_of(request.fields.begin(), request.fields.end(), [](const Field& field) {
    return same_token(field.name, "Authorization") || same_token(field.name, "Cookie");
  });
}

// What browsers do, and RFC 9110 §15.4 allows: a POST that was moved is not posted again.
bool becomes_get(Status status, std::string_view method) {
  if (status == Status::see_other) return method != "HEAD";
  return method == "POST" && (status == Status::moved_permanently || status == Status::found);
}

void ask_by_get(Order& order) {
  order.request.method = "GET";
  order.request.type = {};
  order.content = {};
}

bool is_known(const Address& server) { return server != Address(); }

Result<Address> address_of(std::string_view host) {
  const Result<Address> with_port = Address::parse(host);
  return with_port ? with_port : Address::parse(host, 80);
}

}  // namespace

Order Order::of(std::string_view method, std::string_view url) {
  const Url parts = parse_url(url).value_or(Url());
  return {.request = {.method = method, .target = parts.target, .host = parts.host}};
}

Order Order::with(std::string_view text, std::string_view type) const {
  Order order = *this;
  order.content = bytes_of(text);
  order.request.type = type;
  return order;
}

Order Order::with(std::span<const Field> fields) const {
  Order order = *this;
  order.request.fields = fields;
  return order;
}

// Exchanges.

Exchange::~Exchange() {
  if (is_active()) client_->forget(*this);
}

void Exchange::fail(const Failure& failure) {
  if (!is_active()) return;
  client_->forget(*this);
  request_failed(failure);
}

std::size_t Exchange::write_body(Bytes content) {
  return line_ != nullptr ? line_->write_body(content) : 0;
}

std::size_t Exchange::body_room() const { return line_ != nullptr ? line_->body_room() : 0; }

Error Exchange::register_producer(PushProducer& producer) {
  return line_ != nullptr ? line_->register_producer(producer) : Errc::not_running;
}
Error Exchange::register_producer(PullProducer& producer) {
  return line_ != nullptr ? line_->register_producer(producer) : Errc::not_running;
}

void Exchange::finish_request() {
  if (line_ != nullptr) line_->finish_request();
}

void Exchange::pause_producing() {
  if (line_ != nullptr && line_->requesting()) line_->transport().pause_producing();
}

void Exchange::resume_producing() {
  if (line_ != nullptr && line_->requesting()) line_->transport().resume_producing();
}

// Connections.

bool ClientLine::is_unused() const {
  return !is_busy() && connector_.state() == Connector::State::disconnected;
}

bool ClientLine::leads_to(const Order& order) const {
  return is_ready() &&
         (is_known(order.server) ? server_ == order.server : knows(order.request.host));
}

Error ClientLine::take(Exchange& exchange) {
  exchange_ = &exchange;
  exchange.line_ = this;
  const Error error = proceed();
  if (error) let_go();
  return error;
}

// To where the exchange is asked for, by as little as is needed. An order by name that is asked on
// a kept connection stays one: if it has to be made again, the name may stand for another server.
Error ClientLine::proceed() {
  const Order& order = exchange_->order_;
  if (leads_to(order)) return ask();
  if (!is_known(order.server)) {
    step_ = Step::address;
    return look_up(order.request.host);
  }
  if (connector_.state() == Connector::State::disconnected) return connect();
  step_ = Step::disconnection;
  close_after_response();
  return {};
}

Error ClientLine::connect() {
  step_ = Step::connection;
  server_ = exchange_->order_.server;
  asked_ = 0;
  return client_.connect(server_, connector_);
}

Error ClientLine::ask() {
  step_ = Step::response;
  redirected_ = false;
  ++asked_;
  const Order& order = exchange_->order_;
  if (!order.content.empty()) return request_lasting(order.request, order.content);
  if (!is_streamed(order)) return request(order.request);
  const Error error = begin_request(order.request, order.streamed);
  if (!error) exchange_->request_begun();
  return error;
}

void ClientLine::server_found(const Address& server) {
  exchange_->order_.server = server;
  if (const Error error = proceed()) end(error);
}

void ClientLine::requester_ready() {
  if (!is_busy()) return client_.line_is_free(*this);
  if (step_ == Step::address) return;
  if (const Error error = proceed()) end(error);
}

void ClientLine::client_connection_failed(Error reason) {
  if (!is_busy()) return client_.line_is_free(*this);
  const std::optional<Address> another = next_address();
  if (!another) return end(reason);
  exchange_->order_.server = *another;
  if (const Error error = connect()) end(error);
}

void ClientLine::client_connection_lost(Error reason) {
  if (!is_busy()) return client_.line_is_free(*this);
  if (step_ == Step::address) return;
  if (step_ != Step::disconnection) return end(reason);
  if (const Error error = proceed()) end(error);
}

void ClientLine::response_received(const ResponseHead& response) {
  if (!is_busy()) return;
  step_ = Step::content;
  redirected_ = follows(response);
  if (is_busy() && !redirected_) exchange_->response_received(response);
}

std::size_t ClientLine::body_received(Bytes piece) {
  return is_busy() && !redirected_ ? exchange_->body_received(piece) : piece.size();
}

void ClientLine::response_ended() {
  if (!is_busy()) return;
  if (redirected_) {
    if (const Error error = proceed()) end(error);
    return;
  }
  Exchange& exchange = *exchange_;
  let_go();
  exchange.response_ended();
}

void ClientLine::request_failed(const Failure& failure) {
  if (!is_busy()) return;
  if (!may_try_again(failure)) return end(failure);
  exchange_->tried_again_ = true;
  step_ = Step::disconnection;
}

// The server closed a connection it had kept while the request was on its way.
bool ClientLine::may_try_again(const Failure& failure) const {
  const Order& order = exchange_->order_;
  return failure.check(Errc::connection_done, Errc::connection_lost) && step_ == Step::response &&
         asked_ > 1 && !exchange_->tried_again_ && !is_streamed(order) &&
         is_idempotent(order.request.method);
}

void ClientLine::end(const Failure& failure) {
  Exchange& exchange = *exchange_;
  let_go();
  exchange.request_failed(failure);
  client_.line_is_free(*this);
}

void ClientLine::let_go() {
  exchange_->line_ = nullptr;
  exchange_->client_ = nullptr;
  exchange_ = nullptr;
  step_ = Step::none;
  end_look_up();
}

// The order becomes the next one.
bool ClientLine::follows(const ResponseHead& response) {
  const std::optional<std::string_view> location = redirect_of(response);
  Order& order = exchange_->order_;
  if (!location || order.redirect_room.empty() || is_streamed(order)) return false;
  if (order.redirects == 0) return refuse(BadResponse::too_many_redirects);
  const Place from{.host = order.request.host, .target = order.request.target};
  const std::optional<Redirect> to = resolve(*location, from, order.redirect_room);
  if (!to) return refuse(BadResponse::bad_redirect);
  if (!to->same_host) {
    if (has_credentials(order.request)) return false;
    order.server = Address();
    end_look_up();
  }
  --order.redirects;
  order.request.host = to->place.host;
  if (!is_known(order.server) && !client_.find_server(order)) {
    return refuse(BadResponse::bad_redirect);
  }
  order.request.target = to->place.target;
  if (becomes_get(response.status, order.request.method)) ask_by_get(order);
  return is_valid(order.request) || refuse(BadResponse::bad_redirect);
}

// False, as the response is not followed.
bool ClientLine::refuse(BadResponse trouble) {
  Exchange& exchange = *exchange_;
  let_go();
  cancel_request();
  exchange.request_failed(trouble);
  return false;
}

void ClientLine::give_up() {
  const bool is_free = step_ == Step::address;
  let_go();
  if (is_free) return client_.serve_later();
  if (requesting()) return cancel_request();
  connector_.stop_connecting();
}

void ClientLine::shut_down() {
  if (step_ == Step::address) end(Errc::cancelled);
  connector_.shut_down();
}

// Clients.

Error AnyClient::send(Exchange& exchange, const Order& order) {
  if (exchange.is_active()) return Errc::already_running;
  const bool both = is_streamed(order) && !order.content.empty();
  if (!is_valid(order.request) || both) return Errc::invalid_argument;
  if (stopped_) return Errc::not_running;
  exchange.order_ = order;
  if (!is_known(order.server) && !find_server(exchange.order_)) return Errc::unknown_host;
  exchange.tried_again_ = false;
  exchange.client_ = this;
  ClientLine* const line = waiting_.empty() ? line_for(exchange.order_) : nullptr;
  if (line == nullptr) {
    waiting_.join(exchange);
    return {};
  }
  return line->take(exchange);
}

// Without a lookup, or leaves it to one. False where there are none.
bool AnyClient::find_server(Order& order) const {
  const Result<Address> server = address_of(order.request.host);
  if (server) order.server = *server;
  return server || finds_names();
}

template <class Suits>
ClientLine* AnyClient::find_line(Suits suits) {
  for (std::size_t i = 0; i < line_count(); ++i) {
    if (suits(line(i))) return &line(i);
  }
  return nullptr;
}

// One that is there, else a new one, else the place of one that leads somewhere else.
ClientLine* AnyClient::line_for(const Order& order) {
  const auto leads_there = [&order](const ClientLine& line) { return line.is_kept_for(order); };
  if (ClientLine* const line = find_line(leads_there)) return line;
  if (ClientLine* const line = find_line([](ClientLine& any) { return any.is_unused(); })) {
    return line;
  }
  return find_line([](ClientLine& any) { return any.is_kept(); });
}

// Who asks again from where it fails waits behind those who wait now.
void AnyClient::line_is_free(ClientLine& line) {
  for (std::size_t count = waiting_.size(); count > 0; --count) {
    const bool is_free = line.is_unused() || line.is_kept();
    if (stopped_ || !is_free || waiting_.empty()) return;
    Exchange& exchange = static_cast<Exchange&>(waiting_.take());
    if (const Error error = line.take(exchange)) exchange.request_failed(error);
  }
}

// Whoever gives up is told, or gone, before another hears anything.
void AnyClient::serve_later() {
  if (stopped_ || waiting_.empty()) return;
  serves_later_ = true;
  reactor_.call_from_thread(serving_);
}

void AnyClient::serve() {
  serves_later_ = false;
  for (std::size_t i = 0; i < line_count(); ++i) line_is_free(line(i));
}

void AnyClient::forget(Exchange& exchange) {
  exchange.client_ = nullptr;
  if (exchange.line_ == nullptr) {
    waiting_.leave(exchange);
  } else {
    exchange.line_->give_up();
  }
}

void AnyClient::stop_serving() {
  stopped_ = true;
  if (std::exchange(serves_later_, false)) reactor_.take_back(serving_);
  while (!waiting_.empty()) {
    Exchange& exchange = static_cast<Exchange&>(waiting_.take());
    exchange.client_ = nullptr;
    exchange.request_failed(Errc::cancelled);
  }
}

}  // namespace bobbin::http
