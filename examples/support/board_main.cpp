// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include "example.hpp"

namespace example {

namespace console = bobbin::mps2::console;

void write(Output, std::string_view text) { console::write(text); }

void write(Output output, const bobbin::Address& address) {
  write(output, bobbin::AddressText(address).view());
}

void write(Output output, bobbin::Error error) { write(output, bobbin::describe(error)); }

void write(Output, std::uint64_t number) { console::print(number); }

// A log would say more, and take 4.5 kB of flash: `logging` is the example that has one.
void report_errors(Reactor& reactor) {
  reactor.on_error(
      [](bobbin::Error error, bobbin::CallSource) { print_error("a call failed: ", error); });
}

Console::Console(Reactor& reactor, const bobbin::ConnectionPool* connections)
    : reactor_(reactor), connections_(connections) {
  console::on_input(
      [](void* self) {
        // A full queue loses nothing: the byte waits in the console's buffer for the next one.
        (void)static_cast<Console*>(self)->reactor_.call_from_isr(
            [self] { static_cast<Console*>(self)->obey(); });
      },
      this);
}

Console::~Console() { console::on_input(nullptr, nullptr); }

void Console::obey() {
  for (int byte = console::read_byte(); byte >= 0; byte = console::read_byte()) {
    if (byte == 'r') report(reactor_, connections_);
    if (byte == 'q') (void)reactor_.stop();
  }
}

}  // namespace example

int main() {
  static bobbin::mps2::LwipBoard board;
  static example::Reactor reactor(board);
  return example::run(reactor, {.address = bobbin::Address::any(example::default_port)});
}
