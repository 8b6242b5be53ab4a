// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/body_decoder.hpp>

#include <algorithm>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// One more digit still fits behind it.
constexpr std::uint64_t limit_max = UINT64_MAX / 16;

}  // namespace

void BodyDecoder::begin(BodyLength length, std::uint64_t limit) {
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

bool BodyDecoder::in_framing() const {
  switch (state_) {
    case State::content:
    case State::open:
    case State::chunk:
    case State::ended:
    case State::too_long:
    case State::malformed: return false;
    default: return true;
  }
}

BodyDecoder::Found BodyDecoder::find(Bytes data) {
  std::size_t used = 0;
  while (used < data.size() && in_framing()) {
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

BodyDecoder::State BodyDecoder::after(char c) {
  const auto expect = [c](char expected, State next) {
    return c == expected ? next : State::malformed;
  };
  switch (state_) {
    case State::size: return add_digit(c);
    case State::digits: return after_digits(c);
    case State::extension:
      if (c == '\r') return State::size_end;
      return is(in_value, c) ? State::extension : State::malformed;
    case State::size_end: return c == '\n' ? end_of_size() : State::malformed;
    case State::chunk_return: return expect('\r', State::chunk_end);
    case State::chunk_end: return expect('\n', State::size);
    case State::trailer:
      if (c == '\r') return State::last_end;
      return is(in_token, c) ? State::name : State::malformed;
    case State::name:
      if (c == ':') return State::value;
      return is(in_token, c) ? State::name : State::malformed;
    case State::value:
      if (c == '\r') return State::value_end;
      return is(in_value, c) ? State::value : State::malformed;
    case State::value_end: return expect('\n', State::trailer);
    case State::last_end: return expect('\n', State::ended);
    default: return State::malformed;
  }
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
