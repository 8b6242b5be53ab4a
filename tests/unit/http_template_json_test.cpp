// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// The same slots as a page and as JSON.

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/net.hpp>
#include <bobbin/testing.hpp>
#include <bobbin/testing/http_agent.hpp>

#include "http_template_fixture.hpp"
#include "support/seed.hpp"

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

// Klein's page of the slow increment: the amount is known a second later.
class Increment final : public RoutedResponder<Increment>, private Slots {
 public:
  Error increment(const RequestHead& request, const Parameters& parameters) {
    amount_ = parameters.number("amount");
    later_.reset();
    const auto call = transport().reactor().call_later(1s, [this] { later_.callback(1); });
    if (!call) return call.error();
    due_ = *call;
    return answer_.begin(request, page, *this);
  }
  Error markup(const RequestHead& request, const Parameters&) {
    return answer_.begin(request, "<p>{{&title}}</p>", *this);
  }
  void request_lost(Error) override { due_.cancel(); }

  static constexpr Template page =
      "<html><head><title>{{title}}</title><style>span { color: red }</style></head>"
      "<body><h1>{{title}}</h1><span id=\"message\">Hello! Your new amount is: </span>"
      "<span id=\"amount\">{{newAmount}}</span></body></html>";
  static constexpr Route<Increment> routes[] = {{"GET", "/<int:amount>", &Increment::increment},
                                                {"GET", "/markup", &Increment::markup}};

 private:
  SlotContent fill(const Slot& slot) override {
    if (slot.name == "title") return "Slow Increment";
    if (later_.called()) return amount_ + 1;
    return answer_.wait_for(later_);
  }

  TemplateAnswer answer_{*this};
  Deferred<int> later_;
  DelayedCall due_;
  std::int64_t amount_ = 0;
};

struct IncrementTest : TestCase<> {
  TestAgent<Increment> agent{reactor};
};

TEST_F(IncrementTest, is_a_page) {
  const Instant start = reactor.now();
  const TestAnswer answer = agent.get("/1");
  EXPECT_EQ(reactor.now() - start, 1s);
  EXPECT_EQ(answer.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(answer.content,
            "<html><head><title>Slow Increment</title><style>span { color: red }</style></head>"
            "<body><h1>Slow Increment</h1><span id=\"message\">Hello! Your new amount is: </span>"
            "<span id=\"amount\">2</span></body></html>");
}

TEST_F(IncrementTest, is_json_where_that_is_asked_for) {
  for (const char* const target : {"/1?json=1", "/1?json=true", "/1?a=b&json=x&c", "/001?json=0"}) {
    const Instant start = reactor.now();
    const TestAnswer answer = agent.get(target);
    EXPECT_EQ(reactor.now() - start, 1s);
    EXPECT_EQ(answer.status, Status::ok);
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    EXPECT_EQ(answer.content, R"({"title":"Slow Increment","newAmount":2})") << target;
  }
  for (const char* const target : {"/1", "/1?", "/1?json", "/1?json=", "/1?xjson=1", "/1?a=json"}) {
    EXPECT_TRUE(agent.get(target).content.starts_with("<html>")) << target;
  }
}

TEST_F(IncrementTest, is_500_where_a_slot_cannot_be_json) {
  EXPECT_EQ(agent.get("/markup").content, "<p>Slow Increment</p>");
  const TestAnswer answer = agent.get("/markup?json=1");
  EXPECT_EQ(answer.status, Status::internal_server_error);
  EXPECT_EQ(answer.content, "Internal Server Error");
}

class TemplateJson : public TemplateTest {
 protected:
  void ask_for_json(std::string_view method = "GET") { ask(method, "/?json=1"); }
};

TEST_F(TemplateJson, has_texts_and_numbers) {
  Site& all = serve(
      "{{text}} {{most}} {{least}} {{none}} {{small}} {{large}} {{empty}} literally \" {{ends}}");
  all.on_fill = [](const Slot& slot) -> SlotContent {
    if (slot.name == "most") return std::numeric_limits<std::int64_t>::max();
    if (slot.name == "least") return std::numeric_limits<std::int64_t>::min();
    if (slot.name == "small") return std::uint8_t{7};
    if (slot.name == "large") return std::numeric_limits<std::uint64_t>::max();
    if (slot.name == "none") return SlotContent::none();
    if (slot.name == "empty") return "";
    if (slot.name == "ends") return "\xC3";
    return "a\"b\\c/<&>'\n\t\x01 \xC3\xA4\xF0\x9F\xA7\xB5 \xFF";
  };
  ask_for_json();
  EXPECT_EQ(page(), R"({"text":"a\"b\\c/<&>'\n\t\u0001 )"
                    "\xC3\xA4\xF0\x9F\xA7\xB5 \xEF\xBF\xBD"
                    R"(","most":9223372036854775807,"least":-9223372036854775808,"small":7,)"
                    "\"large\":18446744073709551615,"
                    "\"empty\":\"\",\"ends\":\"\xEF\xBF\xBD\"}$");
  ask();
  EXPECT_EQ(page(),
            "a&quot;b\\c/&lt;&amp;&gt;&#39;\n\t\x01 \xC3\xA4\xF0\x9F\xA7\xB5 \xFF "
            "9223372036854775807 -9223372036854775808  7 18446744073709551615  literally \" \xC3$");
}

TEST_F(TemplateJson, has_truth) {
  serve("{{#rows}}{{is_odd}},{{/rows}}").on_fill = [](const Slot& slot) -> SlotContent {
    return slot.round % 2 == 1;
  };
  site->on_repeat = [](const Slot& section) {
    return section.round < 2 ? Repetition::again : Repetition::done;
  };
  ask_for_json();
  EXPECT_EQ(page(), R"({"rows":[{"is_odd":false},{"is_odd":true}]}$)");
  ask();
  EXPECT_EQ(page(), "false,true,$");
}

TEST_F(TemplateJson, of_a_page_without_slots_is_an_empty_object) {
  serve("{ nothing } }}");
  ask_for_json();
  EXPECT_EQ(page(), "{}$");
  ask_for_json("HEAD");
  EXPECT_TRUE(transport.value().ends_with("\r\n\r\n"));
}

// A chunk costs six bytes and more.
TEST_F(TemplateJson, sends_what_stands_for_itself_in_one_piece) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "\u00FC\u20AC";
  serve("{{x}}").on_fill = [&text](const Slot&) { return SlotContent(text); };
  ask("GET", "/?json=1");
  transport.settle();
  EXPECT_NE(transport.value().find("\r\n" + text + "\r\n"), std::string_view::npos);
  EXPECT_EQ(page(), R"({"x":")" + text + R"("}$)");
}

TEST_F(TemplateJson, has_lists_of_objects) {
  Site& lists = serve(
      "{{a}}{{#rows}}{{a}}{{#cells}}{{a}}{{b}}{{/cells}}{{c}}{{/rows}}"
      "{{#empty}}{{a}}{{/empty}}{{#none}}{{a}}{{/none}}{{z}}");
  std::vector<std::string> sections;
  lists.on_repeat = [&sections](const Slot& section) {
    EXPECT_TRUE(section.is_for_json);
    sections.push_back(std::string(section.section) + "/" + std::string(section.name));
    if (section.name == "none") return Repetition::none;
    const std::size_t rounds = section.name == "rows"    ? 2
                               : section.name == "cells" ? section.outer_round
                                                         : 0;
    return section.round < rounds ? Repetition::again : Repetition::done;
  };
  std::string text;
  lists.on_fill = [&text](const Slot& slot) -> SlotContent {
    if (slot.section == "cells" && slot.name == "b") return SlotContent::none();
    text = std::string(slot.section) + std::to_string(slot.round);
    return std::string_view(text);
  };
  ask_for_json();
  EXPECT_EQ(page(), R"({"a":"0","rows":[{"a":"rows0","cells":[],"c":"rows0"},)"
                    R"({"a":"rows1","cells":[{"a":"cells0"}],"c":"rows1"}],"empty":[],"z":"0"}$)");
  EXPECT_EQ(sections, (std::vector<std::string>{"/rows", "rows/cells", "/rows", "rows/cells",
                                                "rows/cells", "/rows", "/empty", "/none"}));
}

TEST_F(TemplateJson, has_each_name_once) {
  Site& twice = serve("{{a}}{{a}}{{#l}}{{a}}{{a}}{{b}}{{/l}}{{b}}{{#l}}{{c}}{{/l}}{{a}}{{l}}");
  std::string asked;
  twice.on_fill = [&asked](const Slot& slot) -> SlotContent {
    asked += slot.name;
    return slot.name;
  };
  twice.on_repeat = [](const Slot& section) {
    return section.round < 2 ? Repetition::again : Repetition::done;
  };
  ask_for_json();
  EXPECT_EQ(page(), R"({"a":"a","l":[{"a":"a","b":"b"},{"a":"a","b":"b"}],"b":"b"}$)");
  EXPECT_EQ(asked, "aababb");
}

TEST_F(TemplateJson, waits_where_its_slots_do) {
  Site& slow = serve("{{a}}{{#l}}{{b}}{{/l}}{{c}}");
  std::string known;
  const auto is_known = [&known](const Slot& slot) {
    return known.find(slot.name) != std::string::npos;
  };
  slow.on_fill = [&](const Slot& slot) -> SlotContent {
    return is_known(slot) ? SlotContent(1) : SlotContent::later();
  };
  slow.on_repeat = [&](const Slot& slot) {
    if (!is_known(slot)) return Repetition::later;
    return slot.round < 1 ? Repetition::again : Repetition::done;
  };
  const auto comes = [&](std::string_view name) {
    known += name;
    slow.answer.go_on();
    transport.settle();
    return page();
  };
  ask_for_json();
  EXPECT_EQ(page(), "{");
  EXPECT_EQ(comes("a"), R"({"a":1)");
  EXPECT_EQ(comes("b"), R"({"a":1)");
  EXPECT_EQ(comes("l"), R"({"a":1,"l":[{"b":1}])");
  EXPECT_EQ(comes("c"), R"({"a":1,"l":[{"b":1}],"c":1}$)");
}

TEST_F(TemplateJson, is_dropped_when_the_client_goes_while_it_waits) {
  Site& slow = serve("{{a}}");
  slow.on_fill = [](const Slot&) { return SlotContent::later(); };
  ask_for_json();
  transport.lose();
  EXPECT_TRUE(slow.lost);
  slow.answer.go_on();
}

// Whatever the client reads when, and whenever things come: it is what a JsonWriter would write.
TEST_F(TemplateJson, is_the_same_however_slowly_it_is_read_and_filled) {
  Site& table = serve("<p>{{count}}{{#rows}}<b>{{text}}</b>{{number}}<i>{{/rows}}{{last}}</p>");
  test::for_each_seed([&](test::Random& random) {
    std::vector<std::string> texts(random.below(20U));
    for (std::string& text : texts) {
      for (auto left = random.below(300U); left > 0; --left)
        text += "ab\"\n\x80\x01\xC3\xBC"[random.below(8U)];
    }
    std::vector<char> place(65536);
    JsonWriter writer(place);
    writer.object();
    writer.key("count");
    writer.number(texts.size());
    writer.key("rows");
    writer.array();
    for (const std::string& text : texts) {
      writer.object();
      writer.key("text");
      writer.string(text);
      writer.key("number");
      writer.number(text.size());
      writer.object_end();
    }
    writer.array_end();
    writer.key("last");
    writer.string("");
    writer.object_end();
    table.on_repeat = [&](const Slot& section) {
      if (random.one_in(4)) return Repetition::later;
      return section.round < texts.size() ? Repetition::again : Repetition::done;
    };
    table.on_fill = [&](const Slot& slot) -> SlotContent {
      if (random.one_in(4)) return SlotContent::later();
      if (slot.name == "count") return texts.size();
      if (slot.name == "number") return texts[slot.round].size();
      return slot.name == "last" ? std::string_view() : std::string_view(texts[slot.round]);
    };
    transport.hold();
    ask_for_json();
    for (int round = 0; round < 2000 && !page_is_whole(); ++round) {
      transport.take(random.below(300U));
      table.answer.go_on();
    }
    transport.release();
    ASSERT_EQ(page(), std::string(*writer.text()) + "$");
  });
}

}  // namespace
}  // namespace bobbin::http
