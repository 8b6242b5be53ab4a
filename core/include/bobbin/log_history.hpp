// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/log_lines.hpp>
#include <bobbin/ring.hpp>

namespace bobbin {

// The memory of a LogHistory. It has no initial value: where start-up code leaves it alone
// (BOBBIN_NOINIT on a board), what it holds outlives a reset.
struct HistoryCursors {
  std::uint32_t magic;
  std::uint32_t released;
  std::uint32_t appended;
  std::uint32_t lost;
};

template <std::size_t bytes>
struct HistoryStorage {
  static_assert(bytes > 0 && bytes < 0x4000'0000, "bobbin: a history has room for something");

  HistoryCursors cursors;
  char text[bytes];
};

// The last lines of a log, in a ring: whoever writes to it is a LineObserver, of text or of JSON.
// When it is full, the oldest lines make room, and are counted.
//
// It can be read after anything that happened, also in the middle of a `write`: cursors are moved
// one word at a time, after what they are about. So what it shows are whole lines, always.
class LogHistory {
 public:
  // Goes on with what `storage` holds if that is a history of this size, of a life before a reset;
  // else it starts empty. The storage outlives it.
  template <std::size_t bytes>
  explicit LogHistory(HistoryStorage<bytes>& storage)
      : LogHistory(storage.cursors, std::span<char>(storage.text)) {}
  LogHistory(const LogHistory&) = delete;
  LogHistory& operator=(const LogHistory&) = delete;

  // Keeps a line, its end included, and returns its size; 0 if it is longer than all there is, and
  // then it counts as lost.
  std::size_t write(std::string_view line);

  LogSink sink() {
    return [this](std::string_view line) { return write(line); };
  }

  // What it holds, oldest line first.
  TwoSpans content() const;

  std::uint32_t lost() const { return cursors_.lost; }  // lines that made room, or were too long

  // Whether it went on with what was there.
  bool recovered() const { return recovered_; }

  void clear();

 private:
  LogHistory(HistoryCursors& cursors, std::span<char> text);

  bool is_one() const;
  std::uint32_t used() const;
  std::uint32_t ahead(std::uint32_t cursor, std::uint32_t count) const;
  std::size_t place(std::uint32_t cursor) const;
  void release_line();

  HistoryCursors& cursors_;
  std::span<char> text_;
  bool recovered_ = false;
};

}  // namespace bobbin
