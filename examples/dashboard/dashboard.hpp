// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "dashboard_page.hpp"
#include "feed.hpp"
#include "figures.hpp"
#include "stress.hpp"

// There is room for the first event right behind the answer's head. A reader that takes nothing of
// a stress stream is watched for two minutes.
inline constexpr bobbin::http::ServerLimits dashboard_limits{
    .head = {.target = 256}, .response = Feed::event_max + 256, .stall = std::chrono::minutes(2)};

// Of one connection; how many there are is the program's to say. Each holds one timer; all who look
// hold one together.
inline constexpr bobbin::ConnectionSizes dashboard_sizes{
    .connections = 1, .receive = 2048, .send = 4096};

// What the connections have in common.
struct Shared {
  Shared(bobbin::Reactor& reactor, std::string_view platform, bool firmware)
      : figures(reactor, platform, firmware), feed(reactor, figures) {}

  Figures figures;
  Feed feed;
};

class Dashboard final : public bobbin::http::RoutedResponder<Dashboard, dashboard_limits> {
  using Request = bobbin::http::RequestHead;
  using Parameters = bobbin::http::Parameters;
  using Field = bobbin::http::Field;

 public:
  explicit Dashboard(Shared& shared) : shared_(shared) {}

  // The one file, of which only the compressed form is in the program: every browser takes it.
  bobbin::Error page(const Request& request, const Parameters&) {
    const Field fields[] = {
        {"ETag", file().etag}, {"Cache-Control", "no-cache"}, {"Content-Encoding", "gzip"}};
    if (request.fields.list_has("If-None-Match", file().etag)) {
      return respond({.status = bobbin::http::Status::not_modified, .fields = {fields, 2}});
    }
    return respond_lasting({.type = "text/html; charset=utf-8", .fields = fields}, content());
  }

  bobbin::Error events(const Request&, const Parameters&) { return shared_.feed.join(events_); }

  bobbin::Error stress(const Request&, const Parameters&) { return stress_.begin(); }

  static constexpr bobbin::http::Route<Dashboard> routes[] = {
      {"GET", "/", &Dashboard::page},
      {"GET", "/events", &Dashboard::events},
      {"GET", "/stress", &Dashboard::stress},
  };

 private:
  static const bobbin::http::EmbeddedFile& file() { return dashboard_page.all().front(); }
  static bobbin::Bytes content() { return std::as_bytes(file().content); }

  Shared& shared_;
  bobbin::http::EventStream events_{*this};
  StressStream stress_{*this, shared_.figures.stress(), content()};
};
