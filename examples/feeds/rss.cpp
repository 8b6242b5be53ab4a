// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "rss.hpp"

#include <algorithm>
#include <initializer_list>

#include "xml_reader.hpp"

namespace feeds {

namespace {

bool is_at(const XmlReader& xml, std::initializer_list<std::string_view> path) {
  if (xml.depth() != path.size()) return false;
  std::size_t level = 0;
  return std::all_of(path.begin(), path.end(),
                     [&](std::string_view name) { return xml.open(level++) == name; });
}

// RFC 3986, section 4.2: where a colon comes before all of these there is a scheme in front of it.
bool leads_to_a_page(std::string_view link) {
  const std::size_t colon = link.find_first_of(":/?#");
  if (colon == link.npos || link[colon] != ':') return true;
  return link.starts_with("http://") || link.starts_with("https://");
}

void check_link(Text& link) {
  link.trim();
  if (link.is_cut() || !leads_to_a_page(link.view())) link.clear();
}

// The text that begins here; none if nobody wants it, or has had it.
Text* text_for(const XmlReader& xml, Feed& feed, Item* item) {
  Text* text = nullptr;
  if (is_at(xml, {"rss", "channel", "title"})) text = &feed.title;
  if (is_at(xml, {"rss", "channel", "link"})) text = &feed.link;
  if (item != nullptr && is_at(xml, {"rss", "channel", "item", "title"})) text = &item->title;
  if (item != nullptr && is_at(xml, {"rss", "channel", "item", "link"})) text = &item->link;
  return text != nullptr && text->empty() ? text : nullptr;
}

Item* next_item(Feed& feed) {
  if (feed.item_count == Feed::items_max) return nullptr;
  Item& item = feed.all_items[feed.item_count++];
  item.title.clear();
  item.link.clear();
  return &item;
}

// White space in front of it is none of it.
void add(Text& text, std::string_view piece) {
  if (text.empty()) {
    const auto begin = std::find_if_not(piece.begin(), piece.end(), Text::is_space);
    piece.remove_prefix(static_cast<std::size_t>(begin - piece.begin()));
  }
  text.append(piece);
}

void finish(Feed& feed) {
  feed.title.trim();
  check_link(feed.link);
  for (Item& item : std::span(feed.all_items).first(feed.item_count)) {
    item.title.trim();
    check_link(item.link);
  }
}

}  // namespace

std::string_view describe(NoFeed why) { return why == NoFeed::not_rss ? "not RSS" : "no channel"; }

bobbin::Outcome<void> read_rss(std::string_view document, Feed& feed) {
  XmlReader xml(document);
  Text* text = nullptr;
  Item* item = nullptr;
  bool has_channel = false;
  feed.title.clear();
  feed.link.clear();
  feed.item_count = 0;
  for (;;) {
    switch (xml.next()) {
      case XmlToken::start:
        if (xml.depth() == 1 && xml.name() != "rss") return NoFeed::not_rss;
        if (is_at(xml, {"rss", "channel"})) has_channel = true;
        if (is_at(xml, {"rss", "channel", "item"})) item = next_item(feed);
        text = text_for(xml, feed, item);
        break;
      case XmlToken::text:
        if (text != nullptr) xml.each_piece([text](std::string_view piece) { add(*text, piece); });
        break;
      case XmlToken::end: text = nullptr; break;
      case XmlToken::malformed: return xml.fault();
      case XmlToken::finished:
        finish(feed);
        return has_channel ? bobbin::Outcome<void>() : NoFeed::no_channel;
    }
  }
}

}  // namespace feeds
