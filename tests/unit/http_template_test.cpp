// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

#include "http_template_fixture.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

TEST_F(TemplateTest, is_sent_with_its_slots_filled) {
  serve(R"(<div><img src="{{imageURL}}"><span>{{spanText}}</span></div>)").on_fill =
      [](const Slot& slot) -> SlotContent {
    return slot.name == "imageURL" ? "anotherimage.png" : "Different text.";
  };
  ask();
  EXPECT_TRUE(transport.value().starts_with(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked"));
  EXPECT_EQ(page(), R"(<div><img src="anotherimage.png"><span>Different text.</span></div>$)");
  ask();
  EXPECT_EQ(page(), R"(<div><img src="anotherimage.png"><span>Different text.</span></div>$)");
}

TEST_F(TemplateTest, without_slots_is_itself) {
  serve("{ no slot } }}");
  ask();
  EXPECT_EQ(page(), "{ no slot } }}$");
}

TEST_F(TemplateTest, escapes_text_and_leaves_markup) {
  serve("<div>{{text}}{{&markup}}{{text}}</div>").on_fill = [](const Slot& slot) -> SlotContent {
    return slot.name == "text" ? "<a b='c' d=\"e\">&" : "<div></div>";
  };
  ask();
  constexpr const char* text = "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;";
  EXPECT_EQ(page(), std::string("<div>") + text + "<div></div>" + text + "</div>$");
}

TEST_F(TemplateTest, repeats_a_section) {
  static constexpr const char* items[] = {"first", "second", "third"};
  Site& lists = serve("<ul>{{#items}}<li>{{item}}</li>{{/items}}</ul>");
  std::size_t count = 3;
  lists.on_repeat = [&count](const Slot& section) {
    EXPECT_EQ(section.name, "items");
    return section.round < count ? Repetition::again : Repetition::done;
  };
  lists.on_fill = [](const Slot& slot) -> SlotContent { return items[slot.round]; };
  ask();
  EXPECT_EQ(page(), "<ul><li>first</li><li>second</li><li>third</li></ul>$");
  count = 0;
  ask();
  EXPECT_EQ(page(), "<ul></ul>$");
}

TEST_F(TemplateTest, repeats_a_section_in_another) {
  Site& table = serve(
      "{{#rows}}[{{row}}:{{#cells}}({{cell}}){{/cells}}]{{/rows}}{{#cells}}{{cell}}{{/cells}}");
  std::string outside;
  table.on_repeat = [&outside](const Slot& section) {
    if (section.name == "rows") {
      outside += std::to_string(section.round);
      return section.round < 3 ? Repetition::again : Repetition::done;
    }
    return section.round < section.outer_round ? Repetition::again : Repetition::done;
  };
  std::string text;
  table.on_fill = [&text](const Slot& slot) -> SlotContent {
    text = slot.name == "row" ? std::to_string(slot.round)
                              : std::to_string(slot.outer_round) + std::to_string(slot.round);
    return std::string_view(text);
  };
  ask();
  EXPECT_EQ(page(), "[0:][1:(10)][2:(20)(21)]$");
  EXPECT_EQ(outside, "0123");
}

TEST_F(TemplateTest, waits_for_a_deferred_and_has_sent_what_is_before_it) {
  Deferred<int> first, second;
  std::optional<int> one, two;
  first.add_callback([&one](int value) { return *(one = value); });
  second.add_callback([&two](int value) { return *(two = value); });
  std::string text;
  Site& slow = serve("<p>{{first}}</p><p>{{second}}</p>");
  slow.on_fill = [&](const Slot& slot) -> SlotContent {
    const bool is_first = slot.name == "first";
    const std::optional<int>& value = is_first ? one : two;
    if (!value) return slow.answer.wait_for(is_first ? first : second);
    text = std::to_string(*value);
    return std::string_view(text);
  };
  ask();
  EXPECT_EQ(page(), "<p>");
  second.callback(2);
  transport.settle();
  EXPECT_EQ(page(), "<p>") << "in the page's order";
  first.callback(1);
  transport.settle();
  EXPECT_EQ(page(), "<p>1</p><p>2</p>$");
}

TEST_F(TemplateTest, waits_for_a_section_too) {
  Site& slow = serve("a{{#more}}b{{/more}}c");
  std::map<std::size_t, Repetition> known;
  slow.on_repeat = [&known](const Slot& section) {
    const auto found = known.find(section.round);
    return found == known.end() ? Repetition::later : found->second;
  };
  ask();
  EXPECT_EQ(page(), "a");
  slow.answer.go_on();
  transport.settle();
  EXPECT_EQ(page(), "a") << "asked, and still not known";
  for (std::size_t round = 0; round < 3; ++round) {
    known[round] = Repetition::again;
    slow.answer.go_on();
    transport.settle();
    EXPECT_EQ(page(), "a" + std::string(round + 1, 'b'));
  }
  known[3] = Repetition::done;
  slow.answer.go_on();
  transport.settle();
  EXPECT_EQ(page(), "abbbc$");
  slow.answer.go_on();
}

TEST_F(TemplateTest, goes_on_with_what_comes_while_it_asks) {
  Deferred<int> there;
  there.callback(1);
  std::optional<int> value;
  Site& site_now = serve("a{{x}}b");
  int asked = 0;
  site_now.on_fill = [&](const Slot&) -> SlotContent {
    ++asked;
    if (value) return "x";
    there.add_callback([&value](int one) { return *(value = one); });
    return site_now.answer.wait_for(there);
  };
  ask();
  EXPECT_EQ(page(), "axb$");
  EXPECT_EQ(asked, 2);
}

// The program has nothing of a failure, and says again what it said before.
TEST_F(TemplateTest, leaves_empty_what_waits_for_a_failure) {
  Site& slow = serve("a{{x}}b");
  Deferred<int> there;
  int asked = 0;
  slow.on_fill = [&](const Slot&) {
    if (++asked > 10) return SlotContent("for ever");
    return slow.answer.wait_for(there);
  };
  ask();
  slow.answer.go_on();
  EXPECT_EQ(page(), "a");
  there.errback(Errc::timed_out);
  transport.settle();
  EXPECT_EQ(page(), "ab$");
  bool passed_on = false;
  there.add_errback([&passed_on](const Failure& failure) {
    passed_on = failure == Errc::timed_out;
    return 0;
  });
  EXPECT_TRUE(passed_on);
}

// What it waits for comes when there is another answer.
TEST_F(TemplateTest, writes_into_no_answer_but_its_own) {
  Site& slow = serve("a{{x}}b");
  slow.on_fill = [](const Slot&) { return SlotContent::later(); };
  ask();
  slow.finish_response();
  transport.settle();
  EXPECT_EQ(page(), "a$");
  slow.on_fill = [](const Slot&) { return SlotContent("never"); };
  slow.answers_itself = true;
  ask();
  slow.answer.go_on();
  transport.settle();
  EXPECT_EQ(page(), "itself");
  slow.finish_response();
  transport.settle();
  EXPECT_EQ(page(), "itself$");
}

TEST_F(TemplateTest, is_not_asked_for_by_head) {
  serve("a{{x}}b").on_fill = [](const Slot&) -> SlotContent {
    ADD_FAILURE();
    return "";
  };
  ask("HEAD");
  EXPECT_TRUE(transport.value().ends_with("\r\n\r\n"));
}

TEST_F(TemplateTest, is_dropped_when_the_client_goes_while_it_waits) {
  int asked = 0;
  Site& slow = serve("a{{x}}b");
  slow.on_fill = [&asked](const Slot&) {
    ++asked;
    return SlotContent::later();
  };
  ask();
  transport.lose();
  EXPECT_TRUE(slow.lost);
  slow.answer.go_on();
  EXPECT_EQ(asked, 1);
}

// Whatever the client reads when, and whenever things come: the page is the one it would be.
TEST_F(TemplateTest, is_the_same_however_slowly_it_is_read_and_filled) {
  Site& table = serve("<p>{{#rows}}<b>{{text}}</b>{{&markup}}<i>{{/rows}}</p>");
  test::for_each_seed([&](test::Random& random) {
    std::vector<std::string> texts(random.below(20U));
    std::string expected = "<p>";
    for (std::string& text : texts) {
      for (auto left = random.below(300U); left > 0; --left) text += "ab<&"[random.below(4U)];
      expected += "<b>";
      for (const char c : text) {
        expected += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
      }
      expected += "</b>" + text + "<i>";
    }
    expected += "</p>$";
    table.on_repeat = [&](const Slot& section) {
      if (random.one_in(4)) return Repetition::later;
      return section.round < texts.size() ? Repetition::again : Repetition::done;
    };
    table.on_fill = [&](const Slot& slot) -> SlotContent {
      if (random.one_in(4)) return SlotContent::later();
      return std::string_view(texts[slot.round]);
    };
    transport.hold();
    ask();
    for (int round = 0; round < 2000 && !page_is_whole(); ++round) {
      transport.take(random.below(300U));
      table.answer.go_on();
    }
    transport.release();
    ASSERT_EQ(page(), expected);
  });
}

}  // namespace
}  // namespace bobbin::http
