// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Gets two poems at the same time from the machine that its network leads to, and tells what became
// of them. One program in three styles: what a Deferred takes in flash and RAM, and what coroutines
// do, beside callbacks.

#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include POETRY_STYLE

namespace {

using namespace poetry;
namespace console = bobbin::mps2::console;

using Style = POETRY_CLASS;

class Report final : public Reader {
 public:
  explicit Report(Reactor& reactor) : reactor_(reactor) {}

  void poem_grew(Poem&, std::size_t) override {}
  void poem_ended(Poem& poem, Error error) override {
    if (error) {
      console::print("no poem from port ", poem.server().port(), ": ", describe(error), "\n");
    } else {
      console::print("from port ", poem.server().port(), ":\n", poem.text(), "\n");
    }
    if (++ended_ == poems_max) (void)reactor_.stop();
  }

 private:
  Reactor& reactor_;
  std::size_t ended_ = 0;
};

bobbin::mps2::LwipBoard board;
Reactor reactor(board);
Report report(reactor);
Style style(reactor, 20s);
Poem poems[poems_max];

// The ports of the servers come by the console: "49152 49153 ".
class Request {
 public:
  void listen() {
    console::on_input(
        [](void* self) {
          (void)reactor.call_from_isr([self] { static_cast<Request*>(self)->read(); });
        },
        this);
    console::print("which ports?\n");
  }

 private:
  void read() {
    for (int byte = console::read_byte(); byte >= 0; byte = console::read_byte()) {
      if (byte >= '0' && byte <= '9') {
        port_ = static_cast<std::uint16_t>(10 * port_ + byte - '0');
      } else {
        want();
      }
    }
  }
  void want() {
    if (wanted_ == poems_max) return;
    Poem& poem = poems[wanted_++];
    poem.want_from(Address::ip4({10, 0, 2, 2}, port_), &report);
    port_ = 0;
    style.get(poem);
  }

  std::uint16_t port_ = 0;
  std::size_t wanted_ = 0;
};

Request request;

}  // namespace

int main() {
  request.listen();
  return reactor.run() ? 1 : 0;
}
