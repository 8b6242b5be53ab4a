// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

namespace bobbin::http {

// What lies in the chunks that have come.
inline std::string so_far(std::string_view response) {
  std::string content;
  std::string_view rest = response.substr(response.find("\r\n\r\n") + 4);
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    const std::size_t size = std::stoul(std::string(rest.substr(0, end)), nullptr, 16);
    if (size == 0) return content + "$";  // whole
    content += rest.substr(end + 2, size);
    rest.remove_prefix(end + 2 + size + 2);
  }
  return content;
}

// A connection whose every page is the same template, filled as the test says.
struct Site final : Responder<>, Slots {
  explicit Site(Template page_in) : page(page_in) {}

  void request_received(const RequestHead& request) override {
    if (!answers_itself) {
      EXPECT_FALSE(answer.begin(request, page, *this));
    } else if (!begin_response({}, BodyLength::chunked())) {
      EXPECT_EQ(write_body(bytes_of("itself")), 6U);
    }
  }
  void request_lost(Error) override { lost = true; }
  SlotContent fill(const Slot& slot) override { return on_fill(slot); }
  Repetition repeat(const Slot& section) override { return on_repeat(section); }

  Template page;
  TemplateAnswer answer{*this};
  std::function<SlotContent(const Slot&)> on_fill;
  std::function<Repetition(const Slot&)> on_repeat;
  bool answers_itself = false;  // instead of by the template
  bool lost = false;
};

class TemplateTest : public TestCase<> {
 protected:
  Site& serve(Template page) {
    EXPECT_FALSE(transport.make_connection(site.emplace(page)));
    return *site;
  }
  void TearDown() override { transport.lose(); }
  void ask(std::string_view method = "GET", std::string_view target = "/") {
    transport.clear();
    transport.receive(std::string(method) + " " + std::string(target) +
                      " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  // All that has come of the page; '$' when it is whole.
  std::string page() const { return so_far(transport.value()); }

  bool page_is_whole() const { return transport.value().ends_with("\r\n0\r\n\r\n"); }

  std::optional<Site> site;
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 1024}, 65536>
      transport{reactor};
};

}  // namespace bobbin::http
