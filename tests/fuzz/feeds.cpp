// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "feeds/rss.hpp"
#include "feeds/xml_reader.hpp"
#include "fuzz.hpp"

namespace {

using bobbin::fuzz::expect;

// Whether it is well-formed.
bool read_all(std::string_view document) {
  feeds::XmlReader xml(document);
  for (std::size_t steps = 0;; ++steps) {
    expect(steps <= 2 * document.size() + 1, "it does not come to an end");
    const feeds::XmlToken token = xml.next();
    if (token == feeds::XmlToken::malformed) return false;
    if (token == feeds::XmlToken::finished) return true;
    if (token != feeds::XmlToken::text) continue;
    std::size_t size = 0;
    xml.each_piece([&size](std::string_view piece) { size += piece.size(); });
    expect(size <= xml.text().size(), "a text means more than is written");
  }
}

void check(const feeds::Text& text) {
  const std::size_t room = feeds::Text::size_max + (text.is_cut() ? 3 : 0);
  expect(text.view().size() <= room, "a text is too long");
  expect(!text.is_cut() || text.view().ends_with("…"), "what is cut does not say so");
}

void check_link(const feeds::Text& link) {
  check(link);
  expect(!link.is_cut() && !link.view().starts_with("javascript:"), "a link leads nowhere");
}

}  // namespace

// The first two bytes are of no account.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bobbin::fuzz::Input input(data, size);
  const std::vector<char> copy(input.stream.begin(), input.stream.end());
  const std::string_view document(copy.data(), copy.size());
  const bool is_whole = read_all(document);
  feeds::Feed feed;
  if (!feeds::read_rss(document, feed)) return 0;
  expect(is_whole, "a feed is made of what is malformed");
  check(feed.title);
  check_link(feed.link);
  for (const feeds::Item& item : feed.items()) {
    check(item.title);
    check_link(item.link);
  }
  return 0;
}
