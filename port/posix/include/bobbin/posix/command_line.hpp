// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/callback.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// An option of a program's command line: `--name VALUE` or `--name=VALUE`, or `--name` alone if it
// takes no value.
struct CommandLineOption {
  // Takes the value, which outlives the program's `main` and ends in a zero. An Error refuses it.
  using Set = InplaceFunction<Error(std::string_view value)>;

  std::string_view name;
  std::string_view value;  // what help calls the value, such as "N"; empty: it takes none
  std::string_view help;   // one line
  Set set;
};

// A command line as it is gone through: options of tables, and what is none. After `--` nothing is
// an option. No memory is taken.
class CommandLine {
 public:
  enum class Outcome : std::uint8_t {
    option,    // one that was in a table and has been set
    argument,  // `word` is none
    end,
    unknown,      // the option `word` is in no table
    no_value,     // the option `word` wants one
    no_use,       // the option `word` takes none
    wrong_value,  // the option `word` refused its own
  };

  // As they come to `main`; the first one is the program's name.
  CommandLine(int count, char* const* values) : values_(values, static_cast<std::size_t>(count)) {}

  // Goes one further; looks in the tables in their order.
  Outcome next(std::span<const std::span<CommandLineOption>> tables);

  std::string_view word() const { return word_; }

 private:
  Outcome take(CommandLineOption& option, std::string_view text, std::size_t equals);

  std::span<char* const> values_;
  std::size_t next_ = 1;
  bool options_over_ = false;
  std::string_view word_;
};

// Decimal digits, and nothing else. Errors: invalid_argument.
Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t max);

}  // namespace bobbin
