// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/net/json.hpp>

// What a JsonReader makes of a text, and what a plain recursive reading of RFC 8259 does: for the
// unit tests and the fuzzer.
namespace bobbin::test {

// "object", "key name", "string text", "number 1e2", "true", "array end", ...
using JsonTokens = std::vector<std::string>;

inline std::string meaning_of(JsonString string) {
  std::string place(string.size(), '\0');
  const auto copied = string.copy_to(place);
  return copied && string.is(*copied) ? std::string(*copied) : "no meaning";
}

inline std::string in_words(const JsonReader& json) {
  switch (json.token()) {
    case JsonToken::object: return "object";
    case JsonToken::object_end: return "object end";
    case JsonToken::array: return "array";
    case JsonToken::array_end: return "array end";
    case JsonToken::key: return "key " + meaning_of(json.string());
    case JsonToken::string: return "string " + meaning_of(json.string());
    case JsonToken::number: return "number " + std::string(json.number().text());
    case JsonToken::boolean: return json.boolean() ? "true" : "false";
    case JsonToken::null: return "null";
    case JsonToken::end:
    case JsonToken::malformed: break;
  }
  return "?";
}

// Nothing for what is malformed.
inline std::optional<JsonTokens> read_json(std::string_view text, JsonLimits limits = {}) {
  JsonTokens tokens;
  JsonReader json(text, limits);
  while (json.next() != JsonToken::end) {
    if (json.token() == JsonToken::malformed) return std::nullopt;
    tokens.push_back(in_words(json));
  }
  return tokens;
}

class JsonModel {
 public:
  explicit JsonModel(std::string_view text, JsonLimits limits = {}) : text_(text), limits_(limits) {
    good_ = value(limits.depth) && (space(), at_ == text_.size());
  }

  std::optional<JsonTokens> tokens() const {
    return good_ ? std::optional<JsonTokens>(tokens_) : std::nullopt;
  }

 private:
  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  bool eat(char c) { return peek() == static_cast<unsigned char>(c) && ++at_ != 0; }
  void space() {
    while (eat(' ') || eat('\t') || eat('\n') || eat('\r')) {
    }
  }
  bool say(std::string token) {
    tokens_.push_back(std::move(token));
    return true;
  }
  bool word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return say(std::string(word));
  }

  bool value(std::size_t levels) {
    space();
    switch (peek()) {
      case '{': return levels > 0 && object(levels - 1);
      case '[': return levels > 0 && array(levels - 1);
      case '"': return string("string ");
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object(std::size_t levels) {
    say("object");
    ++at_;
    space();
    if (eat('}')) return say("object end");
    do {
      space();
      if (!string("key ")) return false;
      space();
      if (!eat(':') || !value(levels)) return false;
      space();
    } while (eat(','));
    return eat('}') && say("object end");
  }

  bool array(std::size_t levels) {
    say("array");
    ++at_;
    space();
    if (eat(']')) return say("array end");
    do {
      if (!value(levels)) return false;
      space();
    } while (eat(','));
    return eat(']') && say("array end");
  }

  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }
  bool number() {
    const std::size_t begin = at_;
    eat('-');
    const std::size_t first = at_;
    if (!digits() || (text_[first] == '0' && at_ - first > 1)) return false;
    if (eat('.') && !digits()) return false;
    if (eat('e') || eat('E')) {
      if (!eat('+')) eat('-');
      if (!digits()) return false;
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    return number.size() <= limits_.length && say("number " + std::string(number));
  }

  bool string(const char* kind) {
    if (!eat('"')) return false;
    const std::size_t begin = at_;
    std::u32string meaning;
    while (!eat('"')) {
      char32_t code = 0;
      if (!(eat('\\') ? escape(code) : character(code))) return false;
      meaning += code;
    }
    if (at_ - 1 - begin > limits_.length) return false;
    return say(kind + utf8(meaning));
  }

  bool escape(char32_t& code) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t which = peek() < 1 ? letters.npos : letters.find(text_[at_]);
    if (which != letters.npos) {
      ++at_;
      code = static_cast<char32_t>(meanings[which]);
      return true;
    }
    std::uint32_t high = 0, low = 0;
    if (!eat('u') || !hex(high)) return false;
    code = high;
    if (high < 0xD800 || high > 0xDFFF) return true;
    if (high > 0xDBFF || !eat('\\') || !eat('u') || !hex(low)) return false;
    code = 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
    return low >= 0xDC00 && low <= 0xDFFF;
  }
  bool hex(std::uint32_t& unit) {
    const std::string digits(text_.substr(at_, 4));
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) return false;
    if (digits.size() < 4) return false;
    unit = static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
    at_ += 4;
    return true;
  }

  // By the number it is, and not by the bytes it may be made of.
  bool character(char32_t& code) {
    if (peek() < 0x20) return false;
    const auto first = static_cast<std::uint32_t>(peek());
    ++at_;
    const int more = first < 0x80 ? 0 : first < 0xC0 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (more < 0 || first > 0xF7) return false;
    code = more == 0 ? first : first & (0x3FU >> more);
    for (int i = 0; i < more; ++i, ++at_) {
      if (peek() < 0x80 || peek() > 0xBF) return false;
      code = code << 6 | (static_cast<std::uint32_t>(peek()) & 0x3F);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    return code >= least[more] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  }
  static std::string utf8(const std::u32string& meaning) {
    std::string bytes;
    for (const char32_t code : meaning) {
      const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      const std::uint32_t mark = more == 0 ? 0 : 0xFF00U >> (more + 1) & 0xFF;
      bytes += static_cast<char>(mark | code >> 6 * more);
      for (int i = more; i-- > 0;) bytes += static_cast<char>(0x80 | (code >> 6 * i & 0x3F));
    }
    return bytes;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  bool good_ = false;
  JsonTokens tokens_;
};

}  // namespace bobbin::test
