// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What the feed aggregator reads: XML, RSS, short texts.

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "feeds/rss.hpp"
#include "feeds/xml_reader.hpp"
#include "support/guarded.hpp"

namespace feeds {
namespace {

// Shown where readable memory ends: "<a", ">a", "text", and at last what is wrong, if anything is.
std::string tokens_of(std::string_view document) {
  const bobbin::test::Guarded guarded(document);
  XmlReader xml(bobbin::text_of(guarded.bytes()));
  std::string all;
  for (;;) {
    const XmlToken token = xml.next();
    if (token == XmlToken::finished) return all;
    if (token == XmlToken::malformed) {
      EXPECT_EQ(xml.next(), XmlToken::malformed) << "for good";
      return all + "!" + std::string(describe(xml.fault()));
    }
    if (token == XmlToken::start) all += "<" + std::string(xml.name());
    if (token == XmlToken::end) all += ">" + std::string(xml.name());
    if (token == XmlToken::text) {
      all += " ";
      xml.each_piece([&all](std::string_view piece) { all += piece; });
    }
  }
}

std::string text_in(std::string_view content) {
  const std::string all = tokens_of("<a>" + std::string(content) + "</a>");
  return all.substr(3, all.size() - 5);
}

TEST(FeedsXml, is_given_token_by_token) {
  EXPECT_EQ(tokens_of("<a/>"), "<a>a");
  EXPECT_EQ(tokens_of("<a>b</a>"), "<a b>a");
  EXPECT_EQ(tokens_of("<a><b/>c<d >e</d\n></a>"), "<a<b>b c<d e>d>a");
  EXPECT_EQ(tokens_of("\xEF\xBB\xBF<?xml version='1.0'?>\n<!DOCTYPE a>\n<a/>\n<!-- > -->\n"),
            "<a>a");
  EXPECT_EQ(tokens_of("<a b='c>' d = \"e'/>\" ><!--<b>--><?b <c>?></a>"), "<a>a");
  EXPECT_EQ(tokens_of("<a>b<![CDATA[<c>&amp;]]]]>d</a>"), "<a b <c>&amp;]] d>a");
}

TEST(FeedsXml, that_is_none_is_malformed) {
  for (const std::string_view document : {"a",
                                          "<a",
                                          "<a>",
                                          "<a></b>",
                                          "<a><b></a></b>",
                                          "</a>",
                                          "<a/><b/>",
                                          "<a/>b",
                                          "<>",
                                          "< a/>",
                                          "<a b/>",
                                          "<a b=c/>",
                                          "<a b='c/>",
                                          "<a b='<'/>",
                                          "<a b='c'",
                                          "<a/ >",
                                          "<a></a",
                                          "<a>b",
                                          "<a><!-- </a>",
                                          "<a><![CDATA[</a>",
                                          "<![CDATA[b]]><a/>",
                                          "<?a",
                                          "<!DOCTYPE",
                                          "<!a><a/>",
                                          "<a&b/>",
                                          "<a/><!DOCTYPE a>"}) {
    EXPECT_TRUE(tokens_of(document).ends_with("!malformed XML")) << document;
  }
  // What entities could make of a short text has no bound.
  EXPECT_EQ(tokens_of("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "!malformed XML");
  for (const std::string_view document :
       {"", " \r\n\t", "<?xml version='1.0'?>", "<!-- <a/> -->"}) {
    EXPECT_EQ(tokens_of(document), "!no element found") << document;
  }
}

TEST(FeedsXml, that_is_cut_anywhere_is_malformed) {
  const std::string whole = "<?b?><!DOCTYPE a><a b='c'><!--d--><e/>f&lt;<![CDATA[g]]></a>";
  EXPECT_EQ(tokens_of(whole), "<a<e>e f< g>a");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(tokens_of(whole.substr(0, size)).find('!'), std::string::npos) << size;
  }
}

TEST(FeedsXml, has_a_depth_that_is_bounded) {
  std::string document;
  for (std::size_t i = 0; i < XmlReader::depth_max; ++i) document += "<a>";
  EXPECT_TRUE(tokens_of(document).ends_with("!malformed XML"));
  EXPECT_TRUE(tokens_of(document + "<a>").ends_with("!XML too deep"));
}

TEST(FeedsXml, has_references) {
  EXPECT_EQ(text_in("&lt;b&gt; &amp;amp; &quot;&apos;"), "<b> &amp; \"'");
  EXPECT_EQ(text_in("&#65;&#x42;&#xe4;&#x20AC;&#128512;&#10;"), "AB\u00e4\u20ac\U0001F600\n");
  EXPECT_EQ(text_in("&#0;&#xD800;&#x110000;&#99999999;&#7;"), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  for (const std::string_view unknown : {"&", "&&", "&;", "&#;", "&#x;", "&#-1;", "&#xG;", "&#x 1;",
                                         "&nbsp;", "&amp", "a & b; c", "&#000000000065;"}) {
    EXPECT_EQ(text_in(unknown), unknown);
  }
  // Not looked for further than a reference is long: this takes no time.
  EXPECT_EQ(text_in(std::string(1'000'000, '&') + ";").size(), 1'000'001U);
}

TEST(FeedsText, is_cut_between_two_characters) {
  const std::string full(Text::size_max, 'a');
  Text text;
  text.append(full);
  EXPECT_FALSE(text.is_cut());
  EXPECT_EQ(text.view(), full);
  text.append("b").append("c");
  EXPECT_TRUE(text.is_cut());
  EXPECT_EQ(text.view(), full + "…");
  for (std::size_t room = 0; room < 5; ++room) {
    text.clear();
    text.append(full.substr(room)).append("\U0001F600!");
    EXPECT_EQ(text.view(), full.substr(room) + (room < 4 ? "…" : "\U0001F600…")) << room;
  }
}

std::string rss(std::string_view inside) {
  return "<?xml version=\"1.0\"?>\n<rss version=\"2.0\">\n<channel>\n" + std::string(inside) +
         "</channel></rss>";
}

// What is wrong, or "title (link)" of the feed and its items.
std::string read(std::string_view document) {
  const bobbin::test::Guarded guarded(document);
  Feed feed;
  if (auto outcome = read_rss(bobbin::text_of(guarded.bytes()), feed); !outcome) {
    return std::string(describe(outcome.failure()));
  }
  const auto line = [](const Text& title, const Text& link) {
    return std::string(title.view()) + " (" + std::string(link.view()) + ")";
  };
  std::string all = line(feed.title, feed.link);
  for (const Item& item : feed.items()) all += ", " + line(item.title, item.link);
  return all;
}

TEST(FeedsRss, is_a_channel_with_items) {
  EXPECT_EQ(read(rss("<title>First feed</title><link>http://feed-1/</link>"
                     "<item><title>First item</title><link>#first</link></item>"
                     "<item><link> a?b&amp;c </link><title>\n Second\n</title></item>")),
            "First feed (http://feed-1/), First item (#first), Second (a?b&c)");
  EXPECT_EQ(read(rss("")), " ()");
  EXPECT_EQ(read(rss("<item/><item><title/></item>")), " (),  (),  ()");
}

TEST(FeedsRss, takes_only_what_stands_where_it_should) {
  EXPECT_EQ(read(rss("<image><title>no</title></image><title>a<b>no</b> no</title>"
                     "<title>no</title><atom:link href='no'/><link>b</link>"
                     "<item><media><title>no</title></media></item><x:title>no</x:title>")),
            "a (b),  ()");
  EXPECT_EQ(read(rss("<title> <![CDATA[a < ]]>&amp;<!-- no --> b</title>")), "a < & b ()");
}

TEST(FeedsRss, says_what_it_is_not) {
  EXPECT_EQ(read(""), "no element found");
  EXPECT_EQ(read("<html><title>a</title></html>"), "not RSS");
  EXPECT_EQ(read("<rss><title>a</title></rss>"), "no channel");
  EXPECT_EQ(read("<rss><channel><title>a</title>"), "malformed XML");
}

TEST(FeedsRss, has_so_many_items_and_no_more) {
  std::string items;
  for (int i = 0; i < 40; ++i) items += "<item><title>" + std::to_string(i) + "</title></item>";
  std::string expected = "last (l)";
  for (std::size_t i = 0; i < Feed::items_max; ++i) expected += ", " + std::to_string(i) + " ()";
  EXPECT_EQ(read(rss(items + "<title>last</title><link>l</link>")), expected);
}

TEST(FeedsRss, has_links_that_one_may_follow) {
  const auto link = [](std::string_view written) {
    const std::string all = read(rss("<link>" + std::string(written) + "</link>"));
    return all.substr(2, all.size() - 3);
  };
  for (const std::string_view good :
       {"http://a/", "https://a/b?c#d", "/a:b", "a", "?a:b", "#a:b", "//a/b"}) {
    EXPECT_EQ(link(good), good);
  }
  for (const std::string_view bad :
       {"javascript:alert(1)", "JavaScript:a", "data:text/html,a", "java&#115;cript:a", "http:a",
        "java\tscript:a", "&#1;javascript:a", " javascript:a"}) {
    EXPECT_EQ(link(bad), "") << bad;
  }
  EXPECT_EQ(link("http://a/" + std::string(Text::size_max - 9, 'b')).size(), Text::size_max);
  EXPECT_EQ(link("http://a/" + std::string(Text::size_max - 8, 'b')), "") << "would lead elsewhere";
}

TEST(FeedsRss, of_which_anything_is_missing_is_none) {
  const std::string whole = rss("<title>a &amp; b</title><item><link>c</link></item>");
  EXPECT_EQ(read(whole), "a & b (),  (c)");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string result = read(whole.substr(0, size));
    EXPECT_TRUE(result == "malformed XML" || result == "no element found") << size << result;
  }
}

}  // namespace
}  // namespace feeds
