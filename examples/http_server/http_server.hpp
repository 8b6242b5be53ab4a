// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "page.hpp"
#include "shared.hpp"

// What is sent back is not kept, so it may be of any length.
inline constexpr bobbin::http::ServerLimits site_limits{.body = UINT64_MAX};

// The site: one object for each connection, so that what an answer needs are its members.
class Site final : public bobbin::http::RoutedResponder<Site, site_limits>,
                   private bobbin::PullProducer {
  using Request = bobbin::http::RequestHead;
  using Parameters = bobbin::http::Parameters;
  using BodyLength = bobbin::http::BodyLength;

 public:
  explicit Site(Shared& shared) : shared_(shared) {}

  bobbin::Error hello(const Request&, const Parameters&) {
    return respond({.type = "text/plain"}, "Hello, world\n");
  }

  // The content goes back as it comes: what finds no room stays with the client.
  bobbin::Error echo(const Request& request, const Parameters&) {
    const bool known = request.body.kind == BodyLength::Kind::known;
    echoing_ = true;
    return begin_response({.type = "application/octet-stream"},
                          known ? request.body : BodyLength::chunked());
  }
  std::size_t body_received(bobbin::Bytes piece) override {
    return echoing_ ? write_body(piece) : piece.size();
  }
  void request_ended() override {
    if (echoing_) finish_response();
    echoing_ = false;
  }

  // As many bytes as are asked for, made when there is room for them.
  bobbin::Error bytes(const Request&, const Parameters& parameters) {
    made_ = 0;
    left_ = static_cast<std::uint64_t>(parameters.number("n"));
    if (bobbin::Error error = begin_response({.type = "text/plain"}, BodyLength::of(left_))) {
      return error;
    }
    return register_producer(static_cast<bobbin::PullProducer&>(*this));
  }
  void resume_producing() override {
    const std::string_view line =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
    while (wants_content() && left_ > 0) {
      const std::size_t taken =
          write_body(bobbin::bytes_of({line.data() + made_, line.size() - made_}));
      if (taken == 0) return;
      made_ = (made_ + taken) % line.size();
      left_ -= taken;
    }
    finish_response();
  }
  void stop_producing() override { left_ = 0; }

  bobbin::Error user(const Request&, const Parameters& parameters) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.begin(), text.end(), parameters.number("id")).ptr;
    *end = '\n';
    return respond({.type = "text/plain"}, std::string_view(text.begin(), end + 1));
  }

  // The answer is the last stage of something that has its result later. What a client
  // may say is bounded: 2^63 - 1 milliseconds from now are no moment of the reactor's clock.
  bobbin::Error slow(const Request& request, const Parameters& parameters) {
    const std::chrono::milliseconds wait(parameters.number("ms"));
    if (wait > wait_max) {
      route_missing(request);
      return {};
    }
    later_.reset();
    later_.add_callback([this] { return respond({.type = "text/plain"}, "at last\n"); });
    later_.on_cancel([this] { due_.cancel(); });
    const auto call = transport().reactor().call_later(wait, [this] { later_.callback(); });
    if (call) due_ = *call;
    return call.error();
  }
  void request_lost(bobbin::Error) override { later_.reset(); }

  // An answer without an end, of which each client has as much as it reads.
  bobbin::Error events(const Request&, const Parameters&) { return shared_.ticker.join(events_); }

  // Files that are a part of the program.
  bobbin::Error index(const Request& request, const Parameters&) {
    return respond_file(*this, request, *page.find(""));
  }
  bobbin::Error file(const Request& request, const Parameters& parameters) {
    const bobbin::http::EmbeddedFile* const file = page.find(parameters.text("path"));
    if (file != nullptr) return respond_file(*this, request, *file);
    route_missing(request);
    return {};
  }

  std::string_view date() override { return shared_.date.text(); }

#ifndef BOBBIN_BOARD
  // Files of the directory that --root names.
  bobbin::Error static_index(const Request& request, const Parameters&) {
    return send_file(request, "");
  }
  bobbin::Error static_file(const Request& request, const Parameters& parameters) {
    return send_file(request, parameters.text("path"));
  }
#endif

  static constexpr bobbin::http::Route<Site> routes[] = {
      {"GET", "/", &Site::hello},
      {"POST", "/echo", &Site::echo},
      {"GET", "/bytes/<int:n>", &Site::bytes},
      {"GET", "/user/<int:id>", &Site::user},
      {"GET", "/slow/<int:ms>", &Site::slow},
      {"GET", "/events", &Site::events},
      {"GET", "/page/", &Site::index},
      {"GET", "/page/<path:path>", &Site::file},
#ifndef BOBBIN_BOARD
      {"GET", "/static/", &Site::static_index},
      {"GET", "/static/<path:path>", &Site::static_file},
#endif
  };

 private:
  static constexpr std::chrono::milliseconds wait_max = std::chrono::hours(1);

#ifndef BOBBIN_BOARD
  bobbin::Error send_file(const Request& request, std::string_view encoded) {
    std::array<char, 1024> place;
    const auto path = bobbin::http::file_path(encoded, place);
    const bobbin::Error error =
        path ? shared_.root.open_file(*path, file_.file()) : bobbin::Errc::address_not_available;
    if (!error) return file_.begin(request, {.type = bobbin::http::media_type(*path)});
    if (error == bobbin::Errc::no_capacity || error == bobbin::Errc::system_error) return error;
    route_missing(request);
    return {};
  }
  bobbin::http::FileAnswer<bobbin::OpenFile> file_{*this};
#endif

  Shared& shared_;
  bobbin::http::EventStream events_{*this};
  bobbin::Deferred<void> later_;
  bobbin::DelayedCall due_;
  std::size_t made_ = 0;  // of the line that is being sent
  std::uint64_t left_ = 0;
  bool echoing_ = false;
};
