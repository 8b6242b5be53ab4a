// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "poem.hpp"
#include "server.hpp"

namespace poetry {

// The poems a client has asked for, printed in one of two orders: each as soon as it is whole; or
// as their servers stand on the command line, and then the one whose turn it is line by line, as
// its lines come. Poems go to standard output, everything else to standard error.
class Anthology final : public Reader {
 public:
  enum class Order : std::uint8_t { arrival, command_line };

  // `when_whole` is called when all poems have ended.
  Anthology(Clock& clock, Order order, bobbin::Callback when_whole)
      : clock_(clock), order_(order), when_whole_(when_whole) {}

  void want_from(const Server& server);
  std::span<Poem> poems() { return {poems_, count_}; }
  const Server& server_of(const Poem& poem) const { return servers_[index_of(poem)]; }

  // Says how many there are. The exit status: 0 unless a poem failed by itself.
  int conclude() const;

 private:
  struct Progress {
    std::size_t printed = 0;
    bool ended = false;
    Error error;
  };

  void poem_grew(Poem& poem, std::size_t bytes) override;
  void poem_ended(Poem& poem, Error error) override;

  std::size_t index_of(const Poem& poem) const { return static_cast<std::size_t>(&poem - poems_); }
  void turn_pages();
  void print_lines(std::size_t index);
  void print_rest(std::size_t index);
  void print_up_to(std::size_t index, std::size_t end);

  Clock& clock_;
  Order order_;
  bobbin::Callback when_whole_;
  bobbin::Instant began_{};
  std::size_t count_ = 0;
  std::size_t ended_ = 0;
  std::size_t turn_ = 0;  // in the order of the command line: whose lines are printed
  Poem poems_[poems_max];
  Server servers_[poems_max];
  Progress progress_[poems_max];
};

}  // namespace poetry
