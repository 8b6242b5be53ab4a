// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

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

// A page of all feeds, in the order of their sources: fetched anew, all at once, for each who asks,
// and sent up to the first that has not come; with "?json=1" as JSON. A connection has one such
// page at a time.
class Site final : public bobbin::http::RoutedResponder<Site>, private bobbin::http::Slots {
  using Request = bobbin::http::RequestHead;
  using Parameters = bobbin::http::Parameters;
  using Slot = bobbin::http::Slot;
  using SlotContent = bobbin::http::SlotContent;
  using Repetition = bobbin::http::Repetition;

 public:
  explicit Site(Shared& shared) : shared_(shared) {}

  bobbin::Error feeds(const Request& request, const Parameters&) {
    forget();
    if (bobbin::Error error = answer_.begin(request, page, *this)) return error;
    for (std::size_t i = 0; i < count() && answering(); ++i) {
      retrievals_[i].start(shared_.network, shared_.sources[i]).add_callback([this] {
        answer_.go_on();
      });
    }
    return {};
  }
  void request_lost(bobbin::Error) override { forget(); }

  static constexpr bobbin::http::Route<Site> routes[] = {{"GET", "/", &Site::feeds}};

 private:
  static constexpr bobbin::http::Template page =
      "<!doctype html>\n<html><head><title>Feed Aggregator 2.0</title></head><body>\n"
      "{{#feeds}}<div><table>\n<tr><th><a href=\"{{link}}\">{{title}}{{error}}</a></th></tr>\n"
      "{{#items}}<tr><td><a href=\"{{link}}\">{{title}}</a></td></tr>\n{{/items}}"
      "</table></div>\n{{/feeds}}</body></html>\n";

  std::size_t count() const { return shared_.sources.size(); }
  auto retrievals() { return std::span(retrievals_).first(count()); }

  void forget() {
    for (Retrieval& retrieval : retrievals()) retrieval.forget();
  }

  SlotContent fill(const Slot& slot) override {
    const bool is_of_item = slot.section == "items";
    Retrieval& retrieval = retrievals_[is_of_item ? slot.outer_round : slot.round];
    if (!retrieval.is_over()) return SlotContent::later();
    if (!is_of_item) return retrieval.fill(slot);
    const Item& item = retrieval.items()[slot.round];
    return slot.name == "link" ? item.link.view() : item.title.view();
  }

  Repetition repeat(const Slot& section) override {
    if (section.name == "feeds") return repeat(section.round < count());
    const Retrieval& retrieval = retrievals_[section.outer_round];
    if (!retrieval.is_over()) return Repetition::later;
    if (retrieval.failed()) return Repetition::none;
    return repeat(section.round < retrieval.items().size());
  }
  static Repetition repeat(bool again) { return again ? Repetition::again : Repetition::done; }

  Shared& shared_;
  bobbin::http::TemplateAnswer answer_{*this};
  std::array<Retrieval, sources_max> retrievals_;
};

}  // namespace feeds
