// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/body_decoder.hpp>

#include <algorithm>
#include <iterator>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// One more digit still fits behind it.
constexpr std::uint64_t limit_max = UINT64_MAX / 16;

}  // namespace

void BodyDecoder::begin(const BodyLength& length, std::uint64_t limit) {
  framing_ = 0;
  left_ = length.bytes;
  allowed_ = std::min(limit, limit_max);
  if (length.kind == BodyLength::Kind::chunked) {
    left_ = 0;
    state_ = State::size;
  } else if (length.kind == BodyLength::Kind::closing) {
    left_ = limit;
    state_ = State::open;
  } else if (length.bytes > limit) {
    state_ = State::too_long;
  } else {
    state_ = length.bytes > 0 ? State::content : State::ended;
  }
}

BodyDecoder::Found BodyDecoder::find(Bytes data) {
  std::size_t used = 0;
  while (used < data.size() && state_ <= State::last_end) {
    state_ = ++framing_ > framing_max ? State::malformed : after(static_cast<char>(data[used]));
    ++used;
  }
  if (used > 0) return {.size = used};
  switch (state_) {
    case State::ended: return {.kind = Found::Kind::end};
    case State::too_long: return {.kind = Found::Kind::too_long};
    case State::malformed: return {.kind = Found::Kind::malformed};
    default: break;
  }
  if (data.empty()) return {};
  if (left_ == 0) return {.kind = Found::Kind::too_long};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), left_));
  return {.kind = Found::Kind::piece, .piece = data.first(size)};
}

void BodyDecoder::take(std::size_t count) {
  left_ -= count;
  if (left_ > 0 || state_ == State::open) return;
  framing_ = 0;
  state_ = state_ == State::content ? State::ended : State::chunk_return;
}

// What may follow in the states of which each character decides alone.
struct BodyDecoder::Step {
  // Where a state stands among them.
  static constexpr std::size_t place(State state) {
    return static_cast<std::size_t>(state) - static_cast<std::size_t>(State::extension);
  }

  std::uint8_t kind;  // characters of this kind lead to `more`
  State more;
  char end;  // and this one to `next`
  State next;
};

BodyDecoder::State BodyDecoder::after(char c) {
  using enum State;
  static constexpr Step steps[] = {
      {in_value, extension, '\r', size_end},
      {0, malformed, '\r', chunk_end},
      {0, malformed, '\n', size},
      {in_token, name, '\r', last_end},
      {in_token, name, ':', value},
      {in_value, value, '\r', value_end},
      {0, malformed, '\n', trailer},
      {0, malformed, '\n', ended},
  };
  static_assert(std::size(steps) == Step::place(last_end) + 1);
  switch (state_) {
    case size: return add_digit(c);
    case digits: return after_digits(c);
    case size_end: return c == '\n' ? end_of_size() : malformed;
    default: break;
  }
  const Step& step = steps[Step::place(state_)];
  if (c == step.end) return step.next;
  return is(step.kind, c) ? step.more : malformed;
}

BodyDecoder::State BodyDecoder::after_digits(char c) {
  if (c == '\r') return State::size_end;
  if (c == ';') return State::extension;
  return add_digit(c);
}

// Sizes beyond any limit stay there and do not overflow, however many digits follow.
BodyDecoder::State BodyDecoder::add_digit(char c) {
  const int digit = hex_value(c);
  if (digit < 0) return State::malformed;
  left_ = left_ * 16 + static_cast<unsigned>(digit);
  return left_ > allowed_ ? State::too_long : State::digits;
}

BodyDecoder::State BodyDecoder::end_of_size() {
  framing_ = 0;
  if (left_ == 0) return State::trailer;
  allowed_ -= left_;
  return State::chunk;
}

}  // namespace bobbin::http
