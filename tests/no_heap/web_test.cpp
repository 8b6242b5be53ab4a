// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

#include <bobbin/http.hpp>
#include <bobbin/net.hpp>
#include <bobbin/posix.hpp>
#include <bobbin/posix/directory.hpp>

#include "no_heap_files.hpp"
#include "trap.hpp"

// A site of files, pages, JSON and events, where to use the heap is deadly.

namespace {

using namespace bobbin;
using namespace std::chrono_literals;

struct Shared {
  explicit Shared(Reactor& reactor_in) : reactor(reactor_in) {}

  Reactor& reactor;
  http::EventBroadcaster listeners{reactor};
  http::DateClock date{[]() -> std::optional<http::WallTime> {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }};
  Directory root;
  std::size_t received = 0;
  bool heard = false;
};

class Site final : public http::RoutedResponder<Site>, private http::Slots {
  using Request = http::RequestHead;

 public:
  explicit Site(Shared& shared) : shared_(shared) {}

  Error json(const Request&, const http::Parameters&) {
    std::array<char, 128> place;
    JsonWriter text(place);
    text.object();
    text.key("numbers");
    text.array();
    text.number(42);
    text.number(1.0 / 3);
    text.number(-1.7976931348623157e308);
    text.array_end();
    text.object_end();
    const auto written = text.text();
    return written ? respond({.type = "application/json"}, *written) : written.error();
  }
  Error flash(const Request& request, const http::Parameters&) {
    return http::respond_file(*this, request, *no_heap_files.find(""));
  }
  Error disk(const Request& request, const http::Parameters& parameters) {
    const std::string_view path = parameters.text("path");
    if (Error error = shared_.root.open_file(path, file_.file())) return error;
    return file_.begin(request, {.type = http::media_type(path)});
  }
  Error page(const Request& request, const http::Parameters&) {
    static constexpr http::Template page = "<ul>{{#items}}<li>{{item}}</li>{{/items}}</ul>";
    return page_.begin(request, page, *this);
  }
  Error events(const Request&, const http::Parameters&) {
    if (Error error = events_.begin()) return error;
    if (Error error = shared_.listeners.join(events_)) return error;
    shared_.listeners.send({.event = "tick", .data = "one\ntwo", .id = "1", .retry = 1s});
    return {};
  }

  http::SlotContent fill(const http::Slot& slot) override {
    return slot.round % 2 == 0 ? http::SlotContent("<\"item\">") : http::SlotContent(slot.round);
  }
  http::Repetition repeat(const http::Slot& section) override {
    return section.round < 50 ? http::Repetition::again : http::Repetition::done;
  }
  std::string_view date() override { return shared_.date.text(); }

  static constexpr http::Route<Site> routes[] = {
      {"GET", "/json", &Site::json},
      {"GET", "/flash", &Site::flash},
      {"GET", "/disk/<path:path>", &Site::disk},
      {"GET", "/page", &Site::page},
      {"GET", "/events", &Site::events},
  };

 private:
  Shared& shared_;
  http::FileAnswer<OpenFile> file_{*this};
  http::TemplateAnswer page_{*this};
  http::EventStream events_{*this};
};

// Asks for all of it at once, and leaves when it has heard an event.
class Browser final : public Protocol {
 public:
  explicit Browser(Shared& shared) : shared_(shared) {}

  void connection_made() override {
    for (const std::string_view path :
         {"/json", "/flash", "/disk/web_test.cpp", "/page", "/page?json=1", "/events"}) {
      const bool written = transport().write_sequence(
          {bytes_of("GET "), bytes_of(path),
           bytes_of(" HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\n"
                    "Range: bytes=0-\r\n\r\n")});
      if (!written) transport().abort_connection();
    }
  }
  std::size_t data_received(Bytes data) override {
    const std::string_view text = text_of(data);
    // What is divided is seen again with what follows it.
    constexpr std::string_view last = "data: two\n\n";
    shared_.heard = shared_.heard || text.find(last) != text.npos;
    const std::size_t used =
        shared_.heard || text.size() <= last.size() ? text.size() : text.size() - last.size();
    shared_.received += used;
    if (shared_.heard) transport().abort_connection();
    return used;
  }
  void connection_lost(Error) override { static_cast<void>(shared_.reactor.stop()); }

 private:
  Shared& shared_;
};

struct Scenario {
  Error run() {
    if (Error error = shared.root.open(BOBBIN_FOLDER)) return error;
    if (Error error = reactor.listen_tcp(Address::loopback(0), server)) return error;
    if (Error error = reactor.connect_tcp(server.host(), browser)) return error;
    return reactor.run();
  }

  EpollReactor<> reactor;
  Shared shared{reactor};
  TcpServer<Site, ConnectionSizes{.connections = 2, .receive = 2048, .send = 1024}, Shared> server{
      shared};
  TcpClient<Browser, ConnectionSizes{.connections = 1, .receive = 1024, .send = 1024}, Shared>
      browser{shared};
};

}  // namespace

int main() {
  Scenario scenario;
  trap::arm();
  const Error error = scenario.run();
  trap::disarm();
  const bool good = !error && scenario.shared.heard && scenario.shared.received > 5000;
  std::puts(good ? "the heap was not used" : "FAILED");
  return good ? 0 : 1;
}
