// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/command_line.hpp>

#include <charconv>

namespace bobbin {

CommandLine::Outcome CommandLine::next(std::span<const std::span<CommandLineOption>> tables) {
  if (next_ >= values_.size()) return Outcome::end;
  word_ = values_[next_++];
  if (word_ == "--" && !options_over_) {
    options_over_ = true;
    return next(tables);
  }
  if (options_over_ || !word_.starts_with("--")) {
    const bool dash = !options_over_ && word_.size() > 1 && word_.front() == '-';
    return dash ? Outcome::unknown : Outcome::argument;
  }
  const std::string_view text = word_;
  const std::size_t equals = text.find('=');
  word_ = text.substr(0, equals);
  for (const auto table : tables) {
    for (CommandLineOption& option : table) {
      if (option.name == word_.substr(2)) return take(option, text, equals);
    }
  }
  return Outcome::unknown;
}

CommandLine::Outcome CommandLine::take(CommandLineOption& option, std::string_view text,
                                       std::size_t equals) {
  std::string_view value;
  if (option.value.empty()) {
    if (equals != std::string_view::npos) return Outcome::no_use;
  } else if (equals != std::string_view::npos) {
    value = text.substr(equals + 1);
  } else if (next_ < values_.size()) {
    value = values_[next_++];
  } else {
    return Outcome::no_value;
  }
  return option.set(value) ? Outcome::wrong_value : Outcome::option;
}

Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || rest != end || number > max) return Errc::invalid_argument;
  return number;
}

}  // namespace bobbin
