// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_failure.hpp>
#include <bobbin/lwip.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/mps2/lwip_board.hpp>

#include "services.hpp"

namespace {

namespace console = bobbin::mps2::console;

constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 536, .send = 1024};

// Where failures that nobody handled are told.
const bobbin::Logger* the_log = nullptr;

std::size_t write_line(std::string_view line) {
  console::write(line);
  return line.size();
}

void write_listening(const bobbin::Address& host) {
  console::print("listening on ", bobbin::AddressText(host).view(), "\n");
}

// The console's `q` ends the program, in order.
void obey_console(bobbin::TopService& all) {
  console::on_input(
      [](void* self) {
        auto* const services = static_cast<bobbin::TopService*>(self);
        (void)services->reactor().call_from_isr([services] {
          for (int byte = console::read_byte(); byte >= 0; byte = console::read_byte()) {
            if (byte == 'q') services->end();
          }
        });
      },
      &all);
}

}  // namespace

extern "C" void bobbin_unhandled_failure(const bobbin::Failure& failure) {
  if (the_log != nullptr) bobbin::log_unhandled(*the_log, failure);
}

int main() {
  static bobbin::mps2::LwipBoard board;
  static bobbin::LwipReactor<> reactor(board);
  static bobbin::LogPublisher publisher(reactor);
  static bobbin::TextLog<120> lines(write_line);
  static const bobbin::Logger log(publisher, "services");
  publisher.add(lines);
  the_log = &log;
  bobbin::log_errors(reactor, log);

  static const services::Settings settings{.address = bobbin::Address::any(7777),
                                           .interval = std::chrono::milliseconds(100),
                                           .listening = write_listening};
  static bobbin::TopService all(reactor, log);
  static services::Program<bobbin::LwipReactor<>, sizes> program(reactor, log, settings);
  if (program.add_to(all)) return 1;
  obey_console(all);
  return all.run() ? 0 : 1;
}
