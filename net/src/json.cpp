// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/json.hpp>

#include "digit.hpp"
#include "utf8.hpp"

namespace bobbin {

namespace {

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

// 16 for what is no digit.
std::uint32_t hex_digit(char c) {
  if (is_digit(c)) return static_cast<std::uint32_t>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint32_t>(lower - 'a' + 10) : 16;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

std::string_view describe(JsonFault fault) {
  switch (fault) {
    case JsonFault::none: return "no fault";
    case JsonFault::unexpected: return "unexpected character";
    case JsonFault::unfinished: return "text ends too early";
    case JsonFault::too_deep: return "too deep";
    case JsonFault::too_long: return "string or number too long";
    case JsonFault::bad_escape: return "escape without a meaning";
    case JsonFault::bad_utf8: return "no UTF-8";
  }
  return "?";
}

JsonToken JsonReader::next() {
  if (fault_ != JsonFault::none) return token_;
  skip_space();
  offset_ = at_;
  token_ = step();
  return token_;
}

JsonToken JsonReader::skip() {
  if (token_ == JsonToken::key) next();
  if (token_ != JsonToken::object && token_ != JsonToken::array) return token_;
  const std::size_t outside = depth_ - 1;
  while (depth_ > outside && token_ != JsonToken::malformed) next();
  return token_;
}

JsonToken JsonReader::step() {
  switch (expects_) {
    case Expects::value: return read_value();
    case Expects::first_value: return take(']') ? close(JsonToken::array_end) : read_value();
    case Expects::first_key: return take('}') ? close(JsonToken::object_end) : read_key();
    case Expects::more: return read_more();
    case Expects::nothing: break;
  }
  if (at_end()) return JsonToken::end;
  fail_here();
  return JsonToken::malformed;
}

JsonToken JsonReader::read_more() {
  if (in_object() && take('}')) return close(JsonToken::object_end);
  if (!in_object() && take(']')) return close(JsonToken::array_end);
  if (!take(',')) {
    fail_here();
    return JsonToken::malformed;
  }
  skip_space();
  offset_ = at_;
  return in_object() ? read_key() : read_value();
}

JsonToken JsonReader::read_value() {
  if (is_digit(at_end() ? '\0' : text_[at_]) || sees('-')) return read_number();
  if (sees('"')) return read_string(JsonToken::string);
  if (take('{')) return open(JsonToken::object);
  if (take('[')) return open(JsonToken::array);
  if (sees('t')) return read_word("true", JsonToken::boolean);
  if (sees('f')) return read_word("false", JsonToken::boolean);
  if (sees('n')) return read_word("null", JsonToken::null);
  fail_here();
  return JsonToken::malformed;
}

// With its colon, so that a value follows.
JsonToken JsonReader::read_key() {
  if (read_string(JsonToken::key) == JsonToken::malformed) return JsonToken::malformed;
  skip_space();
  expects_ = Expects::value;
  if (take(':')) return JsonToken::key;
  fail_here();
  return JsonToken::malformed;
}

JsonToken JsonReader::read_string(JsonToken kind) {
  if (!take('"')) {
    fail_here();
    return JsonToken::malformed;
  }
  const std::size_t begin = at_;
  if (!pass_string()) return JsonToken::malformed;
  return have(kind, text_.substr(begin, at_ - 1 - begin));
}

JsonToken JsonReader::read_number() {
  const std::size_t begin = at_;
  take('-');
  bool whole = take('0') || take_digits();
  if (whole && take('.')) whole = take_digits();
  if (whole && (take('e') || take('E'))) {
    if (!take('+')) take('-');
    whole = take_digits();
  }
  if (whole) return have(JsonToken::number, text_.substr(begin, at_ - begin));
  fail_here();
  return JsonToken::malformed;
}

JsonToken JsonReader::read_word(std::string_view word, JsonToken kind) {
  const std::size_t begin = at_;
  for (const char c : word) {
    if (take(c)) continue;
    fail_here();
    return JsonToken::malformed;
  }
  value_ = text_.substr(begin, word.size());
  value_is_over();
  return kind;
}

JsonToken JsonReader::have(JsonToken kind, std::string_view value) {
  if (value.size() > limits_.length) {
    fail(JsonFault::too_long, offset_);
    return JsonToken::malformed;
  }
  value_ = value;
  value_is_over();
  return kind;
}

void JsonReader::value_is_over() { expects_ = depth_ == 0 ? Expects::nothing : Expects::more; }

JsonToken JsonReader::open(JsonToken kind) {
  if (depth_ == limits_.depth) {
    fail(JsonFault::too_deep, offset_);
    return JsonToken::malformed;
  }
  const bool object = kind == JsonToken::object;
  objects_ = objects_ << 1 | (object ? 1U : 0U);
  ++depth_;
  expects_ = object ? Expects::first_key : Expects::first_value;
  return kind;
}

JsonToken JsonReader::close(JsonToken kind) {
  objects_ >>= 1;
  --depth_;
  value_is_over();
  return kind;
}

bool JsonReader::take(char c) {
  if (!sees(c)) return false;
  ++at_;
  return true;
}

// At least one.
bool JsonReader::take_digits() {
  const std::size_t begin = at_;
  while (!at_end() && is_digit(text_[at_])) ++at_;
  return at_ > begin;
}

void JsonReader::skip_space() {
  while (sees(' ') || sees('\n') || sees('\r') || sees('\t')) ++at_;
}

bool JsonReader::fail(JsonFault fault, std::size_t offset) {
  fault_ = fault;
  offset_ = offset;
  return false;
}

bool JsonReader::fail_here() {
  return fail(at_end() ? JsonFault::unfinished : JsonFault::unexpected, at_);
}

// Up to its closing quote, and that too.
bool JsonReader::pass_string() {
  while (!take('"')) {
    if (at_end() || byte_of(text_[at_]) < 0x20) return fail_here();
    if (byte_of(text_[at_]) >= 0x80) {
      if (!pass_utf8()) return false;
    } else if (!take('\\')) {
      ++at_;
    } else if (!pass_escape()) {
      return false;
    }
  }
  return true;
}

bool JsonReader::pass_escape() {
  const std::size_t begin = at_ - 1;
  if (at_end()) return fail_here();
  constexpr std::string_view simple = "\"\\/bfnrt";
  if (simple.find(text_[at_]) != std::string_view::npos) {
    ++at_;
    return true;
  }
  std::uint32_t unit = 0;
  if (!take('u')) return fail(JsonFault::bad_escape, begin);
  if (!pass_hex(unit)) return false;
  if (is_low_surrogate(unit)) return fail(JsonFault::bad_escape, begin);
  if (!is_high_surrogate(unit)) return true;
  if (!take('\\') || !take('u')) {
    return at_end() ? fail_here() : fail(JsonFault::bad_escape, begin);
  }
  if (!pass_hex(unit)) return false;
  return is_low_surrogate(unit) || fail(JsonFault::bad_escape, begin);
}

bool JsonReader::pass_hex(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    if (at_end()) return fail_here();
    const std::uint32_t digit = hex_digit(text_[at_]);
    if (digit > 15) return fail(JsonFault::bad_escape, at_);
    unit = unit << 4 | digit;
    ++at_;
  }
  return true;
}

bool JsonReader::pass_utf8() {
  const std::size_t begin = at_;
  const Utf8Lead lead = utf8_lead(byte_of(text_[at_++]));
  if (lead.following == 0) return fail(JsonFault::bad_utf8, begin);
  std::uint8_t lowest = lead.lowest;
  std::uint8_t highest = lead.highest;
  for (std::size_t i = 0; i < lead.following; ++i) {
    if (at_end()) return fail_here();
    const std::uint8_t byte = byte_of(text_[at_]);
    if (byte < lowest || byte > highest) return fail(JsonFault::bad_utf8, begin);
    lowest = 0x80;
    highest = 0xBF;
    ++at_;
  }
  return true;
}

}  // namespace bobbin
