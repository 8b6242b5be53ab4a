// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "head.hpp"

#include <algorithm>

#include <bobbin/http/head_scan.hpp>

#include "syntax.hpp"

namespace bobbin::http {

HeadScan::End HeadScan::find(std::string_view text) {
  if (ended_) return End::found;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (begin != end && *begin != '\r' && !is(in_token, *begin)) return End::malformed;
  const char* at = begin + scanned_;
  const char* line = begin + line_;
  while (!ended_ && (at = http::find('\n', at, end)) != end) {
    if (at == begin || at[-1] != '\r') return End::malformed;
    ++at;
    ended_ = line != begin && at - line == 2;
    line = at;
  }
  scanned_ = static_cast<std::uint16_t>(at - begin);
  line_ = static_cast<std::uint16_t>(line - begin);
  return ended_ ? End::found : End::missing;
}

namespace {

// In the order of HeadFields::Known. Each is told from all others, and nearly all from those that
// are none of them, by its size.
constexpr std::string_view known_names[] = {"host", "content-length", "transfer-encoding", "expect",
                                            "connection"};

// The value of Transfer-Encoding. Codings of which the last is not "chunked" leave open where the
// content ends.
Refusal parse_coding(std::string_view codings) {
  constexpr auto chunked = "chunked";
  if (is_word(codings, chunked)) return std::nullopt;
  std::string_view coding;
  bool is_chunked = false;
  while (take_element(codings, coding)) {
    if (is_chunked) return Status::bad_request;
    is_chunked = is_word(coding, chunked);
  }
  return is_chunked ? Status::not_implemented : Status::bad_request;
}

// The value of Content-Length.
Refusal parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty()) return Status::bad_request;
  Refusal refusal;
  for (const char c : text) {
    if (!is_digit(c)) return Status::bad_request;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    // By halves, which a small processor multiplies by an instruction each.
    const std::uint64_t low = (length & UINT32_MAX) * 10 + digit;
    const std::uint64_t high = (length >> 32) * 10 + (low >> 32);
    if (high > UINT32_MAX) refusal = Status::content_too_large;
    length = high << 32 | (low & UINT32_MAX);
  }
  return refusal;
}

}  // namespace

Refusal HeadFields::read(std::string_view lines, const HeadLimits& limits) {
  const char* at = lines.data();
  const char* const end = at + lines.size();
  for (std::size_t count = 0; at != end; ++count) {
    if (count == limits.fields) return Status::request_header_fields_too_large;
    const char* const name = at;
    const char* const colon = skip(in_token, name);
    if (colon == name || *colon != ':') return Status::bad_request;
    const char* const value_end = skip(in_value, colon + 1);
    if (value_end[0] != '\r' || value_end[1] != '\n') return Status::bad_request;
    note({name, colon}, {colon + 1, value_end});
    at = value_end + line_end.size();
  }
  return std::nullopt;
}

void HeadFields::note(std::string_view name, std::string_view value) {
  for (std::size_t field = 0; field < known_max; ++field) {
    const std::string_view known = known_names[field];
    if (name.size() != known.size()) continue;
    if (!is_word(name, known.data())) return;
    if (counts_[field]++ == 0) values_[field] = without_spaces(value);
    if (field == connection) note_wishes(value);
    return;
  }
}

void HeadFields::note_wishes(std::string_view list) {
  std::string_view wish;
  while (take_element(list, wish)) {
    asks_to_close_ = asks_to_close_ || is_word(wish, "close");
    asks_to_stay_ = asks_to_stay_ || is_word(wish, "keep-alive");
  }
}

Refusal HeadFields::find_length(Version version, BodyLength& body) const {
  const std::size_t found = count(content_length) + count(transfer_encoding);
  if (found == 0) return std::nullopt;
  if (found > 1) return Status::bad_request;
  if (count(content_length) == 1) {
    body.kind = BodyLength::Kind::known;
    return parse_length(value(content_length), body.bytes);
  }
  if (version == Version::http_1_0) return Status::bad_request;
  body.kind = BodyLength::Kind::chunked;
  return parse_coding(value(transfer_encoding));
}

bool HeadFields::keeps_alive(Version version) const {
  return !asks_to_close_ && (version != Version::http_1_0 || asks_to_stay_);
}

Refusal parse_version(std::string_view text, Version& version) {
  const bool formed = text.size() == 8 && is_word(before(text, 5), "HTTP/") && is_digit(text[5]) &&
                      text[6] == '.' && is_digit(text[7]);
  if (!formed) return Status::bad_request;
  if (text[5] != '1') return Status::http_version_not_supported;
  version = text[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  return std::nullopt;
}

}  // namespace bobbin::http
