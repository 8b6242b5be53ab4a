// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>
#include <string_view>

#include "support/amp_commands.hpp"
#include "support/amp_values.hpp"

#include "fuzz.hpp"

// What is read as a value of AMP is written again as what means the same, and a list that is held
// has in it what the same list has that is only looked at.

namespace {

using namespace bobbin;
using test::read;
using test::Row;
using test::wire;

template <class T>
void check_value(std::string_view text) {
  const auto value = read<T>(text);
  if (!value) return;
  const std::string written = wire(*value);
  fuzz::expect(written.size() <= amp::Value<T>::size_max, "it is longer than it may be");
  const auto again = read<T>(written);
  fuzz::expect(again && wire(*again) == written, "it is another value");
}

void check_date_time(std::string_view text) {
  const auto value = read<amp::DateTime>(text);
  if (!value) return;
  std::string written = wire(*value);
  if (value->offset == std::chrono::minutes(0)) written[26] = text[26];
  fuzz::expect(written == text, "it is another moment");
}

template <class T>
void check_list(std::string_view text) {
  constexpr std::size_t most = 4;
  const auto view = read<amp::ListView<T>>(text);
  const auto list = read<amp::List<T, most>>(text);
  fuzz::expect(list.has_value() == (view && view->size() <= most), "one of them is no list");
  if (list) fuzz::expect(wire(*list) == wire(*view), "they are not the same");
  check_value<amp::List<T, most>>(text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const std::string_view text = input.stream;
  switch (input.format % 8) {
    case 0: check_date_time(text); break;
    case 1: check_value<std::int64_t>(text); break;
    case 2: check_value<double>(text); break;
    case 3: check_value<amp::Text<20>>(text); break;
    case 4: check_list<Row>(text); break;
    case 5: check_list<amp::List<std::int16_t, 2>>(text); break;
    case 6: check_list<amp::DateTime>(text); break;
    default: check_value<amp::Fixed<3>>(text); break;
  }
  return 0;
}
