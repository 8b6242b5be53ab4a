// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdio>

#include "example.hpp"
#include "features.hpp"

// Tells how likely the features of `variants` are, makes both as likely as not, and tells again.

namespace {

using namespace bobbin;
using features::Likelihood;

class Operator;

constexpr std::size_t frame_bytes = 3000;
using Steps = Frame<frame_bytes>;

Task<Error> go_through(Steps&, Operator& peer);

struct Shared {
  Reactor& reactor;
  Coroutines<1> coroutines;
  Steps frame;
  bool done = false;

  void end(Error error) {
    done = !error;
    if (error) example::print_error("it came to nothing: ", error);
    (void)reactor.stop();
  }
};

class Operator final : public amp::Peer<Operator> {
 public:
  explicit Operator(Shared& shared) : shared_(shared) {}

  void connection_made() override {
    const auto spawned = shared_.coroutines.spawn(go_through(shared_.frame, *this),
                                                  [this](Error error) { shared_.end(error); });
    if (!spawned) shared_.end(spawned.error());
  }

 private:
  Shared& shared_;
};

using Chance = bobbin::amp::Fixed<6>;
constexpr Chance half{Chance::one / 2};

void print(Chance capitalize, Chance exclaim) {
  const auto number = [](Chance chance) {
    return static_cast<double>(chance.units) / static_cast<double>(Chance::one);
  };
  std::printf("%.1f %.1f\n", number(capitalize), number(exclaim));
}

Error error_of(const auto& answer) { return answer ? Error() : answer.failure().error(); }

Task<Error> go_through(Steps&, Operator& peer) {
  for (const bool again : {true, false}) {
    amp::Question<features::GetCapitalize> capitalize;
    amp::Question<features::GetExclaim> exclaim;
    if (Error error = peer.ask(capitalize, {})) co_return error;
    if (Error error = peer.ask(exclaim, {})) co_return error;
    const Outcome<const Likelihood*> first = co_await capitalize;
    if (!first) co_return error_of(first);
    const Outcome<const Likelihood*> second = co_await exclaim;
    if (!second) co_return error_of(second);
    print((*first)->value, (*second)->value);
    if (!again) continue;
    amp::Question<features::SetCapitalize> set_capitalize;
    amp::Question<features::SetExclaim> set_exclaim;
    if (Error error = peer.ask(set_capitalize, {.value = half})) co_return error;
    if (Error error = peer.ask(set_exclaim, {.value = half})) co_return error;
    if (Error error = error_of(co_await set_capitalize)) co_return error;
    if (Error error = error_of(co_await set_exclaim)) co_return error;
  }
  co_return Error();
}

constexpr ConnectionSizes sizes{.connections = 1, .receive = 512, .send = 1024};

class Client final : public TcpClient<Operator, sizes, Shared> {
 public:
  explicit Client(Shared& shared) : TcpClient(shared), shared_(shared) {}
  ~Client() { shut_down(); }
  void client_connection_failed(Error error) override { shared_.end(error); }

 private:
  Shared& shared_;
};

}  // namespace

const std::uint16_t example::default_port = 8001;

int example::run(Reactor& reactor, const Options& options) {
  static Shared shared{.reactor = reactor, .coroutines = {}, .frame = {}};
  static Client client(shared);
  if (Error error = reactor.connect_tcp(options.address, client)) {
    print_error("cannot connect to ", options.address, ": ", error);
    return 1;
  }
  return !reactor.run() && shared.done ? 0 : 1;
}
