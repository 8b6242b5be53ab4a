// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "anthology.hpp"

#include <algorithm>

#include "example.hpp"

namespace poetry {

using example::print_error;

void Anthology::want_from(const Server& server) {
  BOBBIN_ASSERT(count_ < poems_max);
  began_ = clock_.now();
  servers_[count_] = server;
  poems_[count_++].want_from({}, this);
}

void Anthology::poem_grew(Poem& poem, std::size_t bytes) {
  const std::size_t index = index_of(poem);
  print_error("Task ", std::uint64_t{index + 1}, ": got ", std::uint64_t{bytes},
              " bytes of poetry from ", poem.server());
  if (order_ == Order::command_line && index == turn_) print_lines(index);
}

void Anthology::poem_ended(Poem& poem, Error error) {
  const std::size_t index = index_of(poem);
  progress_[index].ended = true;
  progress_[index].error = error;
  if (error) {
    print_error("Task ", std::uint64_t{index + 1}, ": no poem from ", servers_[index], ": ", error);
  } else {
    print_error("Task ", std::uint64_t{index + 1}, " finished");
  }
  if (order_ == Order::arrival) {
    print_rest(index);
  } else {
    turn_pages();
  }
  if (++ended_ == count_) (void)when_whole_();
}

void Anthology::turn_pages() {
  while (turn_ < count_ && progress_[turn_].ended) print_rest(turn_++);
  if (turn_ < count_) print_lines(turn_);
}

// What lines there are; of one that has only begun nothing.
void Anthology::print_lines(std::size_t index) {
  print_up_to(index, poems_[index].text().rfind('\n') + 1);
}

// Of a poem that will not be whole there is no rest.
void Anthology::print_rest(std::size_t index) {
  if (!progress_[index].error) print_up_to(index, poems_[index].text().size());
}

void Anthology::print_up_to(std::size_t index, std::size_t end) {
  std::size_t& printed = progress_[index].printed;
  if (end <= printed) return;
  example::write(example::Output::results, poems_[index].text().substr(printed, end - printed));
  printed = end;
}

int Anthology::conclude() const {
  std::uint64_t poems = 0;
  bool failed = false;
  for (const Progress& progress : std::span(progress_).first(count_)) {
    if (progress.ended && !progress.error) ++poems;
    // Who is stopped by a signal has not failed.
    if (progress.error && !(progress.error == Errc::connection_aborted)) failed = true;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - began_);
  print_error("Got ", poems, poems == 1 ? " poem in " : " poems in ",
              static_cast<std::uint64_t>(took.count()), " ms");
  return failed ? 1 : 0;
}

}  // namespace poetry
