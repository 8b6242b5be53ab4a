// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_history.hpp>

#include <algorithm>
#include <atomic>

namespace bobbin {

namespace {

// Also of the size, so that a history of another is none.
constexpr std::uint32_t magic_of(std::size_t size) {
  return 0xb0bb'1096 ^ (static_cast<std::uint32_t>(size) << 1);
}

// What comes before is in memory before what comes after. Whoever looks is this processor, after a
// fault or a reset.
void in_this_order() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

LogHistory::LogHistory(HistoryCursors& cursors, std::span<char> text)
    : cursors_(cursors), text_(text), recovered_(is_one()) {
  if (!recovered_) clear();
}

void LogHistory::clear() {
  cursors_ = {};
  in_this_order();
  cursors_.magic = magic_of(text_.size());
}

bool LogHistory::is_one() const {
  const std::size_t turn = 2 * text_.size();
  if (cursors_.magic != magic_of(text_.size())) return false;
  if (cursors_.released >= turn || cursors_.appended >= turn || used() > text_.size()) return false;
  return used() == 0 || text_[place(ahead(cursors_.released, used() - 1))] == '\n';
}

// Cursors go twice around the ring before they begin anew: so full is not the same as empty.
std::uint32_t LogHistory::ahead(std::uint32_t cursor, std::uint32_t count) const {
  const auto turn = static_cast<std::uint32_t>(2 * text_.size());
  const std::uint32_t sum = cursor + count;
  return sum < turn ? sum : sum - turn;
}

std::uint32_t LogHistory::used() const {
  const auto turn = static_cast<std::uint32_t>(2 * text_.size());
  return ahead(cursors_.appended, turn - cursors_.released);
}

std::size_t LogHistory::place(std::uint32_t cursor) const {
  return cursor < text_.size() ? cursor : cursor - text_.size();
}

std::size_t LogHistory::write(std::string_view line) {
  if (line.size() > text_.size()) {
    ++cursors_.lost;
    return 0;
  }
  while (text_.size() - used() < line.size()) release_line();
  const std::size_t at = place(cursors_.appended);
  const std::size_t first = std::min(line.size(), text_.size() - at);
  std::copy_n(line.data(), first, text_.data() + at);
  std::copy_n(line.data() + first, line.size() - first, text_.data());
  in_this_order();
  cursors_.appended = ahead(cursors_.appended, static_cast<std::uint32_t>(line.size()));
  return line.size();
}

void LogHistory::release_line() {
  ++cursors_.lost;
  const std::uint32_t all = used();
  std::uint32_t count = 0;
  while (count < all && text_[place(ahead(cursors_.released, count))] != '\n') ++count;
  cursors_.released = ahead(cursors_.released, std::min(count + 1, all));
  in_this_order();
}

TwoSpans LogHistory::content() const {
  const Bytes all = std::as_bytes(text_);
  const std::size_t at = place(cursors_.released);
  const std::size_t first = std::min<std::size_t>(used(), text_.size() - at);
  return {.first = all.subspan(at, first), .second = all.first(used() - first)};
}

}  // namespace bobbin
