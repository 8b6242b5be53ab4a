// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "example.hpp"
#include "thermometer.hpp"

namespace {

// On a board it outlives a reset, so that the next start can still tell.
BOBBIN_NOINIT bobbin::HistoryStorage<640> kept;

bobbin::LogHistory& history() {
  static bobbin::LogHistory lines(kept);
  return lines;
}

std::size_t print_line(std::string_view line) {
  example::write(example::Output::results, line);
  return line.size();
}

}  // namespace

const std::uint16_t example::default_port = 0;

// The console hears what is worth reading, the history hears all.
int example::run(Reactor& reactor, const Options&) {
  static bobbin::LogPublisher publisher(reactor);
  static bobbin::TextLog<96> console(print_line);
  static bobbin::LogFilter<2> important(console, bobbin::LogLevel::info);
  static bobbin::TextLog<96> everything(history().sink());
  publisher.add(important);
  publisher.add(everything);

  static const bobbin::Logger log(publisher, "kettle");
  bobbin::log_errors(reactor, log);
  static Thermometer thermometer(reactor, publisher);
  const bobbin::Error asked = reactor.call_when_running([] { return thermometer.start(); });
  return asked || reactor.run() ? 1 : 0;
}

// When it ends by a fault or an assertion: what led to that.
void bobbin_last_words() {
  const bobbin::TwoSpans lines = history().content();
  example::print("the last that was logged, ", std::uint64_t{history().lost()},
                 " lines before it lost:");
  print_line(bobbin::text_of(lines.first));
  print_line(bobbin::text_of(lines.second));
}
