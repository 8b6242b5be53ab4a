// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "head.hpp"

#include <algorithm>

#include <bobbin/http/head_scan.hpp>

#include "syntax.hpp"

namespace bobbin::http {

HeadScan::End HeadScan::find(std::string_view text) {
  if (ended_) return End::found;
  if (!text.empty() && text[0] != '\r' && !is_token_character(text[0])) return End::malformed;
  while (scanned_ < text.size()) {
    const std::size_t newline = std::min(text.find('\n', scanned_), text.size());
    scanned_ = static_cast<std::uint16_t>(std::min(newline + 1, text.size()));
    if (newline == text.size()) break;
    if (newline == 0 || text[newline - 1] != '\r') return End::malformed;
    ended_ = newline - line_ == 1 && line_ > 0;
    if (ended_) return End::found;
    line_ = scanned_;
  }
  return End::missing;
}

namespace {

bool is_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != line.npos && is_token(before(line, colon)) &&
         is_field_value(behind(line, colon + 1));
}

}  // namespace

Refusal check_fields(std::string_view lines, const HeadLimits& limits) {
  for (std::size_t count = 0; !lines.empty(); ++count) {
    if (count == limits.fields) return Status::request_header_fields_too_large;
    if (!is_field_line(take_until(lines, line_end))) return Status::bad_request;
  }
  return std::nullopt;
}

Refusal parse_coding(std::string_view codings) {
  if (same_token(codings, "chunked")) return std::nullopt;
  std::string_view last;
  while (const auto coding = next_element(codings)) {
    if (same_token(last, "chunked")) return Status::bad_request;
    last = *coding;
  }
  return same_token(last, "chunked") ? Status::not_implemented : Status::bad_request;
}

Refusal parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || !all_are(text, is_digit)) return Status::bad_request;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > UINT64_MAX / 10 || length * 10 > UINT64_MAX - digit)
      return Status::content_too_large;
    length = length * 10 + digit;
  }
  return std::nullopt;
}

Refusal find_length(const Fields& fields, Version version, BodyLength& body) {
  const std::size_t codings = fields.count("Transfer-Encoding");
  const std::size_t lengths = fields.count("Content-Length");
  if (codings + lengths == 0) return std::nullopt;
  if (codings + lengths > 1) return Status::bad_request;
  if (lengths == 1) {
    body.kind = BodyLength::Kind::known;
    return parse_length(*fields.find("Content-Length"), body.bytes);
  }
  if (version == Version::http_1_0) return Status::bad_request;
  body.kind = BodyLength::Kind::chunked;
  return parse_coding(*fields.find("Transfer-Encoding"));
}

Refusal parse_version(std::string_view text, Version& version) {
  const bool formed = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                      text[6] == '.' && is_digit(text[7]);
  if (!formed) return Status::bad_request;
  if (text[5] != '1') return Status::http_version_not_supported;
  version = text[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  return std::nullopt;
}

bool keeps_alive(const Fields& fields, Version version) {
  return version == Version::http_1_0 ? fields.list_has("Connection", "keep-alive")
                                      : !fields.list_has("Connection", "close");
}

bool is_authority(std::string_view text) {
  return all_are(text, [](char c) {
    return is_target_character(c) && std::string_view("/?@\\,").find(c) == std::string_view::npos;
  });
}

}  // namespace bobbin::http
