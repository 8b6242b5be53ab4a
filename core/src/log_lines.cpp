// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_lines.hpp>

#include <algorithm>

#include <bobbin/address.hpp>
#include <bobbin/assert.hpp>

#include "log_line.hpp"

namespace bobbin {

namespace {

enum class Syntax : std::uint8_t { text, json };

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr unsigned microsecond_places = 6;

// The length of the UTF-8 character in front (RFC 3629), 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // No overlong forms, no surrogates, nothing beyond U+10FFFF.
  const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// One byte as an escape sequence; `valid` if it is a character.
void append_escape(LogLine& line, std::uint8_t byte, bool valid, Syntax syntax) {
  const char high = hex_digits[byte >> 4];
  const char low = hex_digits[byte & 15];
  switch (byte) {
    case '\n': return line.append("\\n");
    case '\r': return line.append("\\r");
    case '\t': return line.append("\\t");
    case '\\': return line.append("\\\\");
    case '"': return line.append("\\\"");
    default: break;
  }
  const char as_text[] = {'\\', 'x', high, low};
  const char as_json[] = {'\\', 'u', '0', '0', high, low};
  if (syntax == Syntax::text) return line.append(std::string_view(as_text, sizeof as_text));
  line.append(valid ? std::string_view(as_json, sizeof as_json) : "\\ufffd");
}

// C1 controls are characters of two bytes in UTF-8, to which terminals listen all the same.
bool is_c1_control(std::string_view character) {
  return character[0] == '\xc2' && static_cast<std::uint8_t>(character[1]) < 0xa0;
}

void append_escaped(LogLine& line, std::string_view text, Syntax syntax) {
  while (!text.empty() && !line.was_cut()) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    std::size_t length = character_length(text);
    if (syntax == Syntax::text && length == 2 && is_c1_control(text)) length = 0;
    const bool special = length == 0 || first < ' ' || first == 0x7f || first == '\\' ||
                         (first == '"' && syntax == Syntax::json);
    if (special) {
      append_escape(line, first, length > 0, syntax);
    } else {
      line.append(std::string_view(text.data(), length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

void append_hexadecimal(LogLine& line, Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (line.was_cut()) return;
    const auto value = std::to_integer<std::uint8_t>(byte);
    const char digits[] = {hex_digits[value >> 4], hex_digits[value & 15]};
    line.append(std::string_view(digits, sizeof digits));
  }
}

void append_number(LogLine& line, std::int64_t value, unsigned places, LogLayout layout) {
  const bool negative = value < 0;
  const auto bits = static_cast<std::uint64_t>(value);
  line.append({.magnitude = negative ? 0 - bits : bits,
               .negative = negative,
               .places = places,
               .layout = layout});
}

// Seconds, with as many places as say something: none, three or six.
void append_duration(LogLine& line, Duration duration) {
  std::int64_t value = duration.count();
  unsigned places = microsecond_places;
  for (; places > 0 && value % 1000 == 0; places -= 3) value /= 1000;
  append_number(line, value, places, {});
}

void append_error(LogLine& line, Error error, Syntax syntax) {
  if (syntax == Syntax::json) line.append("{\"error\":\"");
  line.append(describe(error));
  if (syntax == Syntax::json) {
    line.append("\",\"native\":");
    append_number(line, error.native, 0, {});
    line.append('}');
  } else if (error.native != 0) {
    line.append(" (");
    append_number(line, error.native, 0, {});
    line.append(')');
  }
}

void append_quoted(LogLine& line, const LogValue& value, Syntax syntax) {
  if (syntax == Syntax::json) line.append('"');
  if (value.kind() == LogValue::Kind::text) append_escaped(line, value.text(), syntax);
  if (value.kind() == LogValue::Kind::bytes) append_hexadecimal(line, value.bytes());
  if (value.kind() == LogValue::Kind::address)
    append_escaped(line, AddressText(value.address()), syntax);
  if (syntax == Syntax::json) line.append('"');
}

void append_value(LogLine& line, const LogValue& value, LogLayout layout, Syntax syntax) {
  switch (value.kind()) {
    case LogValue::Kind::none: return line.append("null");
    case LogValue::Kind::boolean: return line.append(value.boolean() ? "true" : "false");
    case LogValue::Kind::integer: return append_number(line, value.integer(), 0, layout);
    case LogValue::Kind::natural:
      return line.append({.magnitude = value.natural(), .layout = layout});
    case LogValue::Kind::decimal:
      return append_number(line, value.decimal().value, value.decimal().places, {});
    case LogValue::Kind::duration:
      append_duration(line, value.duration());
      return syntax == Syntax::text ? line.append('s') : void();
    case LogValue::Kind::text:
    case LogValue::Kind::bytes:
    case LogValue::Kind::address: return append_quoted(line, value, syntax);
    case LogValue::Kind::error: return append_error(line, value.error(), syntax);
  }
}

void append_time(LogLine& line, Instant time, Duration epoch) {
  append_number(line, time.time_since_epoch().count() + epoch.count(), microsecond_places, {});
}

// A value that the format has no name for, or none for a name: an event made by hand, wrongly.
void append_message(LogLine& line, const LogEvent& event) {
  LogScanner scanner(event.format);
  LogPiece piece;
  std::span<const LogValue> rest = event.values;
  while (scanner.next(piece)) {
    if (!piece.is_value()) {
      append_escaped(line, piece.text, Syntax::text);
      continue;
    }
    if (rest.empty()) return;
    if (piece.kind == LogPiece::Kind::value)
      append_value(line, rest.front(), piece.layout, Syntax::text);
    rest = rest.subspan(1);
  }
}

// One field of the object after the other; the line may be cut between two.
class JsonFields {
 public:
  explicit JsonFields(LogLine& line) : line_(line) { line_.append('{'); }

  void add(std::string_view name, const LogValue& value) {
    begin(name);
    append_value(line_, value, {}, Syntax::json);
    line_.allow_cut();
  }

  void add_time(Instant time, Duration epoch) {
    begin("log_time");
    append_time(line_, time, epoch);
    line_.allow_cut();
  }

 private:
  void begin(std::string_view name) {
    line_.append(first_ ? "\"" : ",\"");
    append_escaped(line_, name, Syntax::json);
    line_.append("\":");
    first_ = false;
  }

  LogLine& line_;
  bool first_ = true;
};

}  // namespace

std::string_view render_text(const LogEvent& event, std::span<char> space, Duration epoch) {
  BOBBIN_ASSERT(space.size() >= text_line_min);
  LogLine line(space, LogLine::Cut::after_any_piece, {.cut = "...", .end = "\n"});
  append_time(line, event.time, epoch);
  line.append(" [");
  append_escaped(line, event.log_namespace, Syntax::text);
  line.append('#');
  line.append(describe(event.level));
  if (event.source.kind() != LogValue::Kind::none) {
    line.append(' ');
    append_value(line, event.source, {}, Syntax::text);
  }
  line.append("] ");
  append_message(line, event);
  if (event.failure) {
    line.append(": ");
    append_error(line, event.failure, Syntax::text);
  }
  return line.finish();
}

std::string_view render_json(const LogEvent& event, std::span<char> space, Duration epoch) {
  BOBBIN_ASSERT(space.size() >= json_line_min);
  LogLine line(space, LogLine::Cut::where_told, {.cut = ",\"log_truncated\":true", .end = "}\n"});
  JsonFields object(line);
  object.add_time(event.time, epoch);
  object.add("log_level", describe(event.level));
  object.add("log_namespace", event.log_namespace);
  if (event.source.kind() != LogValue::Kind::none) object.add("log_source", event.source);
  object.add("log_format", event.format);
  if (event.failure) object.add("log_failure", event.failure);
  LogFields fields(event);
  std::string_view name;
  const LogValue* value = nullptr;
  while (!line.was_cut() && fields.next(name, value)) object.add(name, *value);
  return line.finish();
}

Error LineObserver::observe(const LogEvent& event) {
  const std::string_view line = render_(event, line_, epoch_);
  if (line_open_ && sink_("\n") == 0) return Errc::would_block;
  const std::size_t taken = sink_(line);
  line_open_ = taken > 0 && taken < line.size();
  return taken < line.size() ? Errc::would_block : Errc::ok;
}

}  // namespace bobbin
