// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include <bobbin/bobbin.hpp>

#include "server.hpp"

// The words of a command line, each to be asked for once: first the options, "--name value" or
// "--name=value", wherever they stand, and then what is left, in its order. What makes no sense is
// complained of on standard error, once; the program then says how it is used and ends.
//
//   Arguments arguments(count, words);
//   const bobbin::Duration delay = arguments.seconds("--delay", 100ms);
//   const std::string_view file = arguments.word("FILE");
//   if (!arguments.all_taken()) return arguments.usage("[--delay SECONDS] FILE");
class Arguments {
 public:
  Arguments(int count, char** words);

  // Their values, or `otherwise` where they are left out.
  std::string_view text(std::string_view name, std::string_view otherwise);
  std::uint64_t number(std::string_view name, std::uint64_t otherwise, std::uint64_t at_least = 0);
  bobbin::Duration seconds(std::string_view name, bobbin::Duration otherwise);
  // Which of these words it is, counted from 0, as an enumerator; the first where it is left out.
  template <class Choice>
  Choice choice(std::string_view name, std::initializer_list<std::string_view> words) {
    return static_cast<Choice>(choose(name, words));
  }
  // --host and --port, where a server listens.
  bobbin::Address listens_at(std::uint16_t port);

  // The next word that is no option; `what` it should be, for the complaint if there is none.
  std::string_view word(std::string_view what);
  // The same, as a server; an option as the address of one.
  Server server();
  bobbin::Address server(std::string_view name);
  bool more();

  // Whether nothing is left, and nothing was complained of.
  bool all_taken();

  // Says how to use the program. The exit status.
  int usage(std::string_view synopsis) const;

 private:
  std::string_view option(std::string_view name);
  std::size_t choose(std::string_view name, std::initializer_list<std::string_view> words);
  std::string_view take(std::size_t index);
  Server server_at(std::string_view text);
  void complain(std::string_view what, std::string_view about);

  std::string_view program_;
  std::span<char*> words_;  // null: taken
  bool complained_ = false;
};
