// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// usage: log_json SIZE < values
//
// Logs each value, text of any bytes that ends in a zero byte, as JSON in lines of SIZE bytes; for
// log_json_test.py, which knows JSON. The zero byte itself is put where the value has the byte
// 0xfe, which is no part of UTF-8 either way.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <bobbin/log.hpp>

namespace {

std::size_t print_line(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout);
}

// `LineObserver` with a size that is known when the program starts.
void log_all(std::size_t size) {
  using namespace std::chrono_literals;
  bobbin::ManualClock<1> clock;
  bobbin::LogPublisher publisher(clock);
  std::vector<char> space(size);
  bobbin::LineObserver lines(bobbin::render_json, space, print_line);
  publisher.add(lines);
  clock.advance(1234567us);
  std::string value;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != 0) {
      value += static_cast<char>(c == 0xfe ? 0 : c);
      continue;
    }
    bobbin::Logger(publisher, value, value)
        .failure(bobbin::Error(bobbin::Errc::timed_out, -7),
                 "\"{text}\" of {count:4}, {yes} {took} {level_now} {why} {where} {raw:-}", value,
                 -5, true, 1500ms, bobbin::Decimal{-2150, 2}, bobbin::Errc::cancelled,
                 bobbin::Address::loopback(80), bobbin::bytes_of(value));
    value.clear();
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  log_all(std::strtoul(arguments[1], nullptr, 10));
  return 0;
}
