// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/assert.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// What comes next in a JSON text.
enum class JsonToken : std::uint8_t {
  object,  // '{'; then a key and a value for each member, and `object_end`
  object_end,
  array,  // '['; then the values, and `array_end`
  array_end,
  key,
  string,
  number,
  boolean,
  null,
  end,        // of the text; and again for every further call
  malformed,  // see `JsonReader::fault`; and again for every further call
};

enum class JsonFault : std::uint8_t {
  none,
  unexpected,  // a byte that cannot be there
  unfinished,  // the text ends too early
  too_deep,
  too_long,
  bad_escape,  // in a string, or half a surrogate pair, which has no meaning alone
  bad_utf8,
};

// "unexpected character", "text ends too early", ...
std::string_view describe(JsonFault fault);

struct JsonLimits {
  // How many objects and arrays may lie within each other; at most 64.
  std::size_t depth = 16;
  // Of a string, a key or a number, in bytes as they are written, without quotes.
  std::size_t length = 4096;
};

// A string of a JSON text, which must stay where it is.
class JsonString {
 public:
  constexpr JsonString() = default;

  // As it is written between its quotes.
  std::string_view raw() const { return raw_; }

  // Its bytes, in UTF-8, once escapes are replaced; they may be zeros.
  std::size_t size() const;

  // Whether it means `text`, which is UTF-8: "a" and "\u0061" are the same.
  bool is(std::string_view text) const;

  // What it means, at the front of `place`. Errors: no_capacity when there is less than `size()`.
  Result<std::string_view> copy_to(std::span<char> place) const;

 private:
  friend class JsonReader;
  explicit constexpr JsonString(std::string_view raw) : raw_(raw) {}

  std::string_view raw_;
};

// A number of a JSON text, which must stay where it is.
class JsonNumber {
 public:
  constexpr JsonNumber() = default;

  // As it is written: of any size and precision.
  std::string_view text() const { return text_; }

  // Errors: invalid_argument for what is written with a fraction or an exponent, and for what does
  // not fit.
  Result<std::int64_t> as_integer() const;

  // The nearest there is. Errors: invalid_argument for what is larger than any, or nearer to zero.
  // Only who calls it links it, which in firmware is much.
  Result<double> as_double() const;

 private:
  friend class JsonReader;
  explicit constexpr JsonNumber(std::string_view text) : text_(text) {}

  std::string_view text_;
};

// Reads a JSON text (RFC 8259), token by token, as it is asked to. It allocates nothing, does not
// recurse, and keeps no more than a bit for each level.
//
//   JsonReader json(text);
//   if (json.next() != JsonToken::object) return refuse(json);
//   while (json.next() == JsonToken::key) {
//     const JsonString key = json.string();
//     if (key.is("port") && json.next() == JsonToken::number) {
//       port = json.number().as_integer();
//     } else {
//       json.skip();
//     }
//   }
//
// The text lies in one piece: it is a message, which is whole in the receive buffer, or a file that
// was read. So strings and numbers are views of it, and are copied only by who asks for that. A
// text that is longer than there is memory is not for this reader.
//
// It is strict: nothing but the grammar, in valid UTF-8, without a byte order mark; and no half of
// a surrogate pair, though the grammar has it. Keys that occur twice are given twice. What was
// given before a fault was there; whether the text is well-formed is known at its `end`.
class JsonReader {
 public:
  using Limits = JsonLimits;

  // `text` stays where it is for as long as this and what it gives are used.
  explicit JsonReader(std::string_view text, Limits limits = {}) : text_(text), limits_(limits) {
    BOBBIN_ASSERT(limits.depth <= depth_max);
  }

  // Goes on to the next token.
  JsonToken next();

  // The one that `next` gave last.
  JsonToken token() const { return token_; }

  // Passes over what the last token began: after `object` and `array` all up to their end, after
  // `key` its value; after others there is nothing to pass over. Then that is the last token, and
  // is returned.
  JsonToken skip();

  // Of the last token. A `key` is a string too.
  JsonString string() const {
    BOBBIN_ASSERT(token_ == JsonToken::string || token_ == JsonToken::key);
    return JsonString(value_);
  }
  JsonNumber number() const {
    BOBBIN_ASSERT(token_ == JsonToken::number);
    return JsonNumber(value_);
  }
  bool boolean() const {
    BOBBIN_ASSERT(token_ == JsonToken::boolean);
    return value_.size() == 4;
  }

  // Where the last token begins; where the fault is, after `malformed`. In bytes.
  std::size_t offset() const { return offset_; }

  // How many objects and arrays have begun and not ended.
  std::size_t depth() const { return depth_; }

  JsonFault fault() const { return fault_; }

  static constexpr std::size_t depth_max = 64;

 private:
  enum class Expects : std::uint8_t {
    value,
    first_value,  // or the end of the array
    first_key,    // or the end of the object
    more,         // a comma, or the end of what is open
    nothing,
  };

  bool at_end() const { return at_ == text_.size(); }
  bool sees(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c);
  bool take_digits();
  void skip_space();
  bool in_object() const { return (objects_ & 1) != 0; }

  JsonToken step();
  JsonToken read_more();
  JsonToken read_value();
  JsonToken read_key();
  JsonToken read_string(JsonToken kind);
  JsonToken read_number();
  JsonToken read_word(std::string_view word, JsonToken kind);
  JsonToken open(JsonToken kind);
  JsonToken close(JsonToken kind);
  JsonToken have(JsonToken kind, std::string_view value);
  void value_is_over();

  bool pass_string();
  bool pass_escape();
  bool pass_hex(std::uint32_t& unit);
  bool pass_utf8();

  bool fail(JsonFault fault, std::size_t offset);
  bool fail_here();

  std::string_view text_;
  std::string_view value_;
  Limits limits_;
  std::size_t at_ = 0;
  std::size_t offset_ = 0;
  std::uint64_t objects_ = 0;  // a bit for each level, the innermost lowest: is it an object?
  std::size_t depth_ = 0;
  Expects expects_ = Expects::value;
  JsonToken token_ = JsonToken::null;
  JsonFault fault_ = JsonFault::none;
};

}  // namespace bobbin
