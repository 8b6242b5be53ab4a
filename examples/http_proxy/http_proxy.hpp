// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "example.hpp"

// A browser that goes away would else keep a connection to a server that does not answer.
inline constexpr bobbin::http::ServerLimits proxy_limits{.half_close = false};

// One connection of a browser's: what it asks for is asked of the server it names, and what that
// says goes back as it comes. Who reads slowly is waited for, all the way to the server.
class Proxy final : public bobbin::http::Responder<proxy_limits> {
 public:
  explicit Proxy(bobbin::http::AnyClient& client) : client_(client) {}

  void request_received(const bobbin::http::RequestHead& request) override {
    using bobbin::http::Status;
    if (request.method != "GET") return refuse(Status::not_implemented);
    if (const bobbin::Error error = client_.send(upstream_, order_for(request))) {
      refuse(error == bobbin::Errc::invalid_argument ? Status::bad_request
                                                     : Status::service_unavailable);
    }
  }
  void request_lost(bobbin::Error) override { upstream_.cancel(); }

 private:
  using Field = bobbin::http::Field;
  static constexpr bobbin::http::HeadLimits limits = proxy_limits.head;

  // The other half: the exchange with the server.
  class Upstream final : public bobbin::http::Exchange, public bobbin::PushProducer {
   public:
    explicit Upstream(Proxy& proxy) : proxy_(proxy) {}

    void response_received(const bobbin::http::ResponseHead& head) override {
      proxy_.pass_on(head);
    }
    std::size_t body_received(bobbin::Bytes piece) override { return proxy_.write_body(piece); }
    void response_ended() override { proxy_.finish_response(); }
    void request_failed(const bobbin::Failure& failure) override { proxy_.give_up(failure); }

    void pause_producing() override { Exchange::pause_producing(); }
    void resume_producing() override { Exchange::resume_producing(); }
    void stop_producing() override { cancel(); }

   private:
    Proxy& proxy_;
  };

  // The texts of the request last as long as it, so they are kept here.
  bobbin::http::Order order_for(const bobbin::http::RequestHead& request) {
    kept_ = 0;
    url_ = keep(request.target);
    std::size_t count = 0;
    for (const Field field : request.fields) {
      if (is_for_the_server(field.name, request.fields)) {
        fields_[count++] = {keep(field.name), keep(field.value)};
      }
    }
    return bobbin::http::Order::get(url_).with(std::span(fields_).first(count));
  }

  static bool is_for_the_server(std::string_view name, const bobbin::http::Fields& all) {
    using bobbin::http::same_token;
    return !same_token(name, "Host") && !same_token(name, "Expect") &&
           !is_of_the_connection(name, all);
  }

  std::string_view keep(std::string_view text) {
    char* const place = texts_.data() + kept_;
    kept_ += text.copy(place, texts_.size() - kept_);
    return {place, text.size()};
  }

  // RFC 9110 §7.6.1: what is said of a connection is not said of the other one.
  static bool is_of_the_connection(std::string_view name, const bobbin::http::Fields& all) {
    for (const std::string_view own :
         {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE", "Trailer",
          "Transfer-Encoding", "Upgrade", "Content-Length"}) {
      if (bobbin::http::same_token(name, own)) return true;
    }
    return all.list_has("Connection", name);
  }

  void pass_on(const bobbin::http::ResponseHead& head) {
    example::print("URL: ", url_, " code: ", static_cast<std::uint64_t>(head.status));
    std::array<Field, limits.fields> fields;
    std::size_t count = 0;
    for (const Field field : head.fields) {
      if (!is_of_the_connection(field.name, head.fields)) fields[count++] = field;
    }
    const bool is_known = head.body.kind == bobbin::http::BodyLength::Kind::known;
    const bobbin::Error error =
        begin_response({.status = head.status, .fields = std::span(fields).first(count)},
                       is_known ? head.body : bobbin::http::BodyLength::chunked());
    if (error || register_producer(upstream_)) transport().abort_connection();
  }

  void give_up(const bobbin::Failure& failure) {
    using bobbin::http::Status;
    if (wants_content()) return transport().abort_connection();
    refuse(failure == bobbin::Errc::timed_out ? Status::gateway_timeout : Status::bad_gateway);
  }

  void refuse(bobbin::http::Status status) {
    const bobbin::Error error =
        respond({.status = status, .type = "text/plain"}, bobbin::http::reason_phrase(status));
    if (error) transport().abort_connection();
  }

  bobbin::http::AnyClient& client_;
  Upstream upstream_{*this};
  // No longer than a request's head: the URL and the fields.
  std::array<char, limits.size> texts_;
  std::size_t kept_ = 0;
  std::string_view url_;
  std::array<Field, limits.fields> fields_;
};
