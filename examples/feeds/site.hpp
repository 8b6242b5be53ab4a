// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "retrieval.hpp"

namespace feeds {

inline constexpr std::size_t sources_max = 8;

// What the connections have in common.
struct Shared {
  Network network;
  std::span<const Source> sources;  // at most `sources_max`
};

// A page of all feeds, in the order of their sources: fetched anew, all at once, for each who asks.
// As HTML it is sent up to the first feed that has not come; as JSON when all have. A connection
// has one such page at a time.
class Site final : public bobbin::http::RoutedResponder<Site>,
                   private bobbin::http::Slots,
                   private bobbin::PullProducer {
  using Request = bobbin::http::RequestHead;
  using Parameters = bobbin::http::Parameters;
  using Slot = bobbin::http::Slot;
  using Repetition = bobbin::http::Repetition;

 public:
  explicit Site(Shared& shared) : shared_(shared) {}

  bobbin::Error feeds(const Request& request, const Parameters&) {
    forget();
    as_json_ = wants_json(request.query);
    if (!as_json_) {
      if (bobbin::Error error = html_.begin(page, *this)) return error;
    }
    for (std::size_t i = 0; i < count() && answering(); ++i) {
      retrievals_[i].start(shared_.network, shared_.sources[i]).add_callback([this] { go_on(); });
    }
    if (count() == 0) go_on();
    return {};
  }
  void request_lost(bobbin::Error) override { forget(); }

  static constexpr bobbin::http::Route<Site> routes[] = {{"GET", "/", &Site::feeds}};

 private:
  static constexpr bobbin::http::Template page =
      "<!doctype html>\n<html><head><title>Feed Aggregator 2.0</title></head><body>\n"
      "{{#feed}}<div><table>\n<tr><th><a href=\"{{link}}\">{{title}}</a></th></tr>\n"
      "{{#item}}<tr><td><a href=\"{{item_link}}\">{{item_title}}</a></td></tr>\n{{/item}}"
      "</table></div>\n{{/feed}}</body></html>\n";

  // "?json=true", or whatever it is.
  static bool wants_json(std::string_view query) {
    constexpr std::string_view name = "json=";
    return query.starts_with(name) && query.size() > name.size();
  }

  std::size_t count() const { return shared_.sources.size(); }
  auto retrievals() { return std::span(retrievals_).first(count()); }

  void forget() {
    for (Retrieval& retrieval : retrievals()) retrieval.forget();
  }

  // There is more to show.
  void go_on() {
    if (!as_json_) return html_.go_on();
    const auto is_over = [](const Retrieval& retrieval) { return retrieval.is_over(); };
    if (!std::all_of(retrievals().begin(), retrievals().end(), is_over)) return;
    if (begin_json()) transport().abort_connection();
  }

  // As HTML.

  bobbin::http::SlotContent fill(const Slot& slot) override {
    const bool is_of_item = slot.name.starts_with("item");
    const Retrieval& retrieval = retrievals_[is_of_item ? slot.outer_round : slot.round];
    if (!retrieval.is_over()) return bobbin::http::SlotContent::later();
    if (slot.name == "link") return retrieval.link();
    if (slot.name == "title") return retrieval.title();
    const Item& item = retrieval.items()[slot.round];
    return slot.name == "item_link" ? item.link.view() : item.title.view();
  }

  Repetition repeat(const Slot& section) override {
    const std::size_t rounds =
        section.name == "feed" ? count() : retrievals_[section.outer_round].items().size();
    return section.round < rounds ? Repetition::again : Repetition::done;
  }

  // As JSON, a piece at a time: it is written once to be measured, and then as often as there are
  // pieces, so that it never lies anywhere as a whole.

  bobbin::Error begin_json() {
    bobbin::JsonWriter measured({});
    write(measured);
    sent_ = 0;
    size_ = measured.size();
    const auto length = bobbin::http::BodyLength::of(size_);
    const bobbin::Error error = begin_response({.type = "application/json"}, length);
    return error ? error : register_producer(static_cast<bobbin::PullProducer&>(*this));
  }

  void resume_producing() override {
    std::array<char, 1024> place;
    while (sent_ < size_) {
      bobbin::JsonWriter json(place, sent_);
      write(json);
      const std::string_view piece(place.data(), std::min(place.size(), size_ - sent_));
      const std::size_t taken = write_body(bobbin::bytes_of(piece));
      sent_ += taken;
      if (taken < piece.size()) return;
    }
    finish_response();
  }
  void stop_producing() override {}

  void write(bobbin::JsonWriter& json) {
    json.object();
    json.key("feeds");
    json.array();
    for (const Retrieval& retrieval : retrievals()) retrieval.write(json);
    json.array_end();
    json.object_end();
  }

  Shared& shared_;
  bobbin::http::TemplateAnswer html_{*this};
  std::array<Retrieval, sources_max> retrievals_;
  std::size_t sent_ = 0;
  std::size_t size_ = 0;
  bool as_json_ = false;
};

}  // namespace feeds
