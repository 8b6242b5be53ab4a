// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>

#include <bobbin/memory.hpp>

#include "support/amp_commands.hpp"

#include "fuzz.hpp"

// A whole peer that has questions under way, and is told a stream. What it makes of that must not
// depend on where it was cut, and each of its questions comes to an end.

namespace {

using namespace bobbin;
using namespace std::chrono_literals;
using test::Divide;
using test::Everything;
using test::Records;
using test::Sum;
using test::Wait;

constexpr amp::PeerLimits limits{.box = 200, .answer = 300, .questions = 4, .answers = 1};

struct Story {
  std::vector<std::string> events;
  bool over = false;
};

class Peer final : public amp::Peer<Peer, limits> {
 public:
  explicit Peer(Story& story) : story_(story) {}

  void connection_made() override {
    fuzz::expect(!ask(sum_, {}) && !ask(divide_, {}) && !ask(everything_, {}) && !ask(records_, {}),
                 "cannot ask");
    sum_.add_both([this](Outcome<const Sum::Response*> sum) { note("sum", sum); });
    divide_.add_both(
        [this](Outcome<const Divide::Response*> quotient) { note("divide", quotient); });
    everything_.add_both(
        [this](Outcome<const Everything::Response*> all) { note("everything", all); });
    records_.add_both([this](Outcome<const Records::Response*> all) { note("records", all); });
  }

  Outcome<Sum::Response> sum(const Sum::Arguments& arguments) {
    note("asked " + std::to_string(arguments.a) + " " + std::to_string(arguments.b));
    return Sum::Response{.total = arguments.a ^ arguments.b};
  }
  void wait(const Wait::Arguments& arguments, Deferred<amp::Nothing>& answer) {
    note("asked to wait");
    if (arguments.seconds % 2 == 0) answer.callback({});
  }
  void everything(const Everything::Arguments& arguments,
                  Deferred<const Everything::Response*>& answer) {
    note("asked " + std::string(arguments.unicode));
    Everything::Response response{.integer = arguments.integer};
    if (!response.unicode.assign(arguments.unicode)) return (void)answer.errback(Errc::no_capacity);
    answer.callback(&response);
  }
  Outcome<Records::Response> records(const Records::Arguments& arguments) {
    note("asked of " + std::to_string(arguments.rows.size()) + " rows");
    return held(arguments);
  }

  static constexpr amp::Responder responders[] = {
      amp::responder<Sum, &Peer::sum>, amp::responder<Wait, &Peer::wait>,
      amp::responder<Everything, &Peer::everything>, amp::responder<Records, &Peer::records>};

  void peer_lost(const Failure& reason) override {
    fuzz::expect(sum_.called() && divide_.called() && everything_.called() && records_.called(),
                 "a question is left");
    // Others are the client's end, which comes when all was sent.
    if (reason.is<amp::Fault>() || reason == Errc::message_too_long) {
      note("lost: " + std::string(describe(reason)));
    }
    story_.over = true;
  }

 private:
  void note(std::string event) { story_.events.push_back(std::move(event)); }
  template <class T>
  void note(std::string_view what, const Outcome<T>& outcome) {
    note(std::string(what) + (outcome ? " answered" : " failed"));
  }

  Story& story_;
  amp::Question<Sum> sum_;
  amp::Question<Divide> divide_;
  amp::Question<Everything> everything_;
  amp::Question<Records> records_;
};

struct Talk {
  std::string_view unsent;
  std::size_t piece;
};

// Sends it all in pieces, hears everything and ends its side.
class Client final : public Protocol {
 public:
  explicit Client(Talk& talk) : talk_(talk) {}

  void connection_made() override { go_on(); }
  void connection_lost(Error) override { call_.cancel(); }

 private:
  void go_on() {
    const std::string_view piece = talk_.unsent.substr(0, talk_.piece);
    talk_.unsent.remove_prefix(transport().write(bytes_of(piece)));
    if (talk_.unsent.empty()) return transport().lose_write_connection();
    call_ = *transport().reactor().call_later(1ms, [this] { go_on(); });
  }

  Talk& talk_;
  DelayedCall call_;
};

constexpr ConnectionSizes sizes{.connections = 1, .receive = 512, .send = 1024};

std::vector<std::string> told(std::string_view stream, std::size_t piece) {
  Story story;
  Talk talk{.unsent = stream, .piece = piece};
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 512}> network;
  MemoryReactor<> reactor(network);
  TcpServer<Peer, sizes, Story> server(story);
  TcpClient<Client, sizes, Talk> client(talk);
  fuzz::expect(!reactor.listen_tcp(Address::loopback(0), server), "cannot listen");
  fuzz::expect(!reactor.connect_tcp(server.host(), client), "cannot connect");
  // Where a question waits for ever, nothing is read behind it: that is no end.
  reactor.run_until([&story] { return story.over; }, 1min);
  return story.events;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const auto whole = told(input.stream, sizes.send);
  fuzz::expect(told(input.stream, 1 + input.cut % 16U) == whole, "the cuts make a difference");
  return 0;
}
