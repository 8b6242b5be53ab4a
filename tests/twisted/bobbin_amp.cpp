// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <bobbin/posix.hpp>

#include "support/amp_calculator.hpp"

// usage: bobbin_amp serve
//        bobbin_amp ask PORT
//
// One end of the tests of AMP with Twisted. Both ends answer the same commands. `ask` asks them all
// and says what came of it; the one that serves is asked to ask back.

namespace {

using namespace bobbin;
using namespace std::string_view_literals;
using test::Divide;
using test::Everything;
using test::Mistake;
using test::Records;
using test::Row;
using test::Sum;
using test::Unheard;
using test::Wait;

constexpr amp::PeerLimits limits{.box = 512, .answer = 300, .questions = 8, .answers = 4};
constexpr ConnectionSizes sizes{.connections = 4, .receive = 512, .send = 4096};
constexpr ConnectionSizes one{.connections = 1, .receive = 512, .send = 4096};

void say(const char* what, bool right) {
  std::printf("%s: %s\n", what, right ? "right" : "WRONG");
  std::fflush(stdout);
}

class Calculator : public test::CalculatorBase<Calculator, limits> {
 public:
  explicit Calculator(Reactor& reactor) : reactor_(reactor) {}

  // In tenths of a second, so that a test need not wait for long. Before it answers it asks back.
  void wait(const Wait::Arguments& arguments, Deferred<amp::Nothing>& answer) {
    Deferred<amp::Nothing>* const later = &answer;
    const auto call = reactor_.call_later(std::chrono::milliseconds(100) * arguments.seconds,
                                          [this, later] { ask_back(*later); });
    if (!call) return (void)answer.errback(Failure(Errc::no_capacity));
    due_ = *call;
    answer.on_cancel([this] {
      due_.cancel();
      back_.reset();
    });
  }
  static constexpr amp::Responder responders[] = {
      amp::responder<Sum, &Calculator::sum>, amp::responder<Divide, &Calculator::divide>,
      amp::responder<Wait, &Calculator::wait>, amp::responder<Everything, &Calculator::everything>,
      amp::responder<Records, &Calculator::records>};

 private:
  void ask_back(Deferred<amp::Nothing>& answer) {
    back_.reset();
    if (Error error = ask(back_, {.a = 1, .b = 2})) return (void)answer.errback(Failure(error));
    back_.add_both([&answer](Outcome<const Sum::Response*> sum) {
      if (sum && (*sum)->total == 3) return (void)answer.callback({});
      answer.errback(Failure(Errc::application_error));
    });
  }

  Reactor& reactor_;
  DelayedCall due_;
  amp::Question<Sum> back_;
};

struct Asked {
  EpollReactor<>& reactor;
  Coroutines<1> coroutines;
  Frame<8192> frame;
  bool over = false;
};

std::string_view name_of(std::size_t index) { return index == 0 ? "" : "\u00e9"; }

bool are_right(const Records::Response& records) {
  using namespace std::chrono;
  return records.when == amp::DateTime{sys_days(2024y / March / 1) - 1us, 330min} &&
         records.until == amp::DateTime{sys_days(1y / 1 / 1), 0min} && records.rows.size() == 2 &&
         records.rows[0].id == -1 && records.rows[0].name.view() == "one" &&
         records.rows[1].id == 32767 && records.rows[1].name.view().empty() &&
         records.names.size() == 2 && records.names[0].view().empty() &&
         records.names[1].view() == "\u00e9" && records.price.units == -1005;
}

Task<Error> examine(Frame<8192>&, amp::AnyPeer& peer) {
  amp::Question<Wait> slow;
  if (Error error = peer.ask(slow, {.seconds = 5})) co_return error;
  amp::Question<Sum> sum;
  if (Error error = peer.ask(sum, {.a = -13, .b = 81})) co_return error;
  const Outcome<const Sum::Response*> total = co_await sum;
  say("sum", total && (*total)->total == 68);
  say("later", !slow.called());

  amp::Question<Divide> divide;
  if (Error error = peer.ask(divide, {.numerator = 1, .denominator = 3})) co_return error;
  const Outcome<const Divide::Response*> third = co_await divide;
  say("float", third && (*third)->result == 1.0 / 3);
  divide.reset();
  if (Error error = peer.ask(divide, {.numerator = 1, .denominator = 0})) co_return error;
  const Outcome<const Divide::Response*> none = co_await divide;
  say("error", !none && none.failure() == Mistake::zero_division);

  amp::Question<Unheard> unheard;
  if (Error error = peer.ask(unheard, {})) co_return error;
  const Outcome<const amp::Nothing*> nothing = co_await unheard;
  say("unhandled", !nothing && nothing.failure() == amp::Fault::unhandled_command);

  amp::Question<Everything> all;
  if (Error error = peer.ask(all, {.integer = INT64_MIN,
                                   .boolean = true,
                                   .number = -1e300,
                                   .unicode = "\u00e9\u4e2d\U0001f600",
                                   .string = bytes_of("\0\xff"sv),
                                   .maybe = 255,
                                   .list = {-1, 0, 32767}})) {
    co_return error;
  }
  const Outcome<const Everything::Response*> back = co_await all;
  const bool came = bool(back);
  say("everything", came && (*back)->integer == INT64_MIN && (*back)->boolean &&
                        (*back)->number == -1e300 &&
                        (*back)->unicode.view() == "\u00e9\u4e2d\U0001f600" &&
                        text_of((*back)->string) == "\0\xff"sv && (*back)->maybe == 255 &&
                        (*back)->list.size() == 3 && (*back)->list[2] == 32767);
  all.reset();
  if (Error error = peer.ask(all, {})) co_return error;
  const Outcome<const Everything::Response*> empty = co_await all;
  say("nothing", empty && !(*empty)->maybe && (*empty)->list.empty());

  using namespace std::chrono;
  const Row rows[] = {{.id = -1, .name = "one"}, {.id = 32767}};
  amp::Question<Records> records;
  if (Error error = peer.ask(records, {.when = {sys_days(2024y / March / 1) - 1us, 330min},
                                       .until = amp::DateTime{sys_days(1y / 1 / 1), 0min},
                                       .rows = amp::ListView<Row>(rows),
                                       .names = {2, &name_of},
                                       .price = {-1005}})) {
    co_return error;
  }
  const Outcome<const Records::Response*> kept = co_await records;
  say("records", kept && are_right(**kept));
  records.reset();
  if (Error error = peer.ask(records, {.names = {4, &name_of}})) co_return error;
  const Outcome<const Records::Response*> too_much = co_await records;
  say("too much", !too_much && too_much.failure() == Errc::no_capacity);

  const Outcome<const amp::Nothing*> waited = co_await slow;
  say("waited", bool(waited));
  co_return Error();
}

// Asks it all when it is connected.
class Asking final : public Calculator {
 public:
  explicit Asking(Asked& asked) : Calculator(asked.reactor), asked_(asked) {}

  void connection_made() override {
    const auto spawned =
        asked_.coroutines.spawn(examine(asked_.frame, *this), [this](Error error) { end(!error); });
    if (!spawned) end(false);
  }
  void peer_lost(const Failure&) override { end(asked_.over); }

 private:
  void end(bool over) {
    asked_.over = over;
    (void)asked_.reactor.stop();
  }

  Asked& asked_;
};

class Client final : public TcpClient<Asking, one, Asked> {
 public:
  explicit Client(Asked& asked) : TcpClient(asked), asked_(asked) {}
  ~Client() { shut_down(); }
  void client_connection_failed(Error) override { (void)asked_.reactor.stop(); }

 private:
  Asked& asked_;
};

int serve() {
  static EpollReactor<> reactor;
  static TcpServer<Calculator, sizes, Reactor> server(reactor);
  if (reactor.stop_on_signals() || reactor.listen_tcp(Address::loopback(0), server)) return 1;
  std::printf("listening on %u\n", static_cast<unsigned>(server.host().port()));
  std::fflush(stdout);
  return reactor.run() ? 1 : 0;
}

int ask(std::uint16_t port) {
  static EpollReactor<> reactor;
  static Asked asked{.reactor = reactor, .coroutines = {}, .frame = {}};
  static Client client(asked);
  if (reactor.connect_tcp(Address::loopback(port), client) || reactor.run()) return 1;
  return asked.over ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "serve" && count == 2) return serve();
  if (what == "ask" && count == 3) return ask(static_cast<std::uint16_t>(std::atoi(arguments[2])));
  return 2;
}
