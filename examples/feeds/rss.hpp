// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/failure.hpp>

#include "text.hpp"

namespace feeds {

struct Item {
  Text title;
  Text link;
};

// What a page shows of a feed.
struct Feed {
  static constexpr std::size_t items_max = 16;

  std::span<const Item> items() const { return std::span(all_items).first(item_count); }

  Text title;
  Text link;
  std::array<Item, items_max> all_items;
  std::size_t item_count = 0;
};

// Beside what is no XML.
enum class NoFeed : std::int32_t { not_rss, no_channel };
std::string_view describe(NoFeed why);

// Reads what is used here of RSS 2.0: the title and link of the channel and of its first items. A
// title that is too long is cut, as a Text is. A link that is too long, or to something else than
// http, https or a place near the page ("javascript:"), is left out, as nobody should follow it.
// Fails with an XmlFault or NoFeed; then the feed is good for nothing.
bobbin::Outcome<void> read_rss(std::string_view document, Feed& feed);

}  // namespace feeds
