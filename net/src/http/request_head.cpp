// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/request_head.hpp>

#include <algorithm>
#include <charconv>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// What to answer to a request that is refused; nothing if it is not.
using Refusal = std::optional<Status>;

constexpr std::string_view line_end = "\r\n";

Refusal parse_version(std::string_view text, Version& version) {
  const bool formed = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                      text[6] == '.' && is_digit(text[7]);
  if (!formed) return Status::bad_request;
  if (text[5] != '1') return Status::http_version_not_supported;
  version = text[7] == '0' ? Version::http_1_0 : Version::http_1_1;
  return std::nullopt;
}

bool is_authority(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_target_character(c) && std::string_view("/?@\\,").find(c) == std::string_view::npos;
  });
}

void split_path(std::string_view text, RequestHead& head) {
  head.path = take_until(text, "?");
  head.query = text;
}

// "http://host/path", which a proxy is sent, and a server has to understand.
bool parse_absolute(RequestHead& head) {
  std::string_view rest = head.target;
  const std::string_view scheme = take_until(rest, "://");
  if (!same_token(scheme, "http") && !same_token(scheme, "https")) return false;
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  head.authority = before(rest, end);
  split_path(behind(rest, end), head);
  if (head.path.empty()) head.path = "/";
  return !head.authority.empty() && is_authority(head.authority);
}

Refusal parse_target(RequestHead& head) {
  const std::string_view target = head.target;
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_character)) {
    return Status::bad_request;
  }
  if (head.method == "CONNECT") return Status::not_implemented;
  if (target.front() == '/') {
    split_path(target, head);
    return std::nullopt;
  }
  if (target == "*" && head.method == "OPTIONS") {
    head.path = target;
    return std::nullopt;
  }
  return parse_absolute(head) ? Refusal() : Status::bad_request;
}

Refusal parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  head.method = take_until(line, " ");
  head.target = take_until(line, " ");
  if (!is_token(head.method)) return Status::bad_request;
  if (const Refusal refusal = parse_version(line, head.version)) return refusal;
  if (head.target.size() > limits.target) return Status::uri_too_long;
  return parse_target(head);
}

bool is_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != line.npos && is_token(before(line, colon)) &&
         is_field_value(behind(line, colon + 1));
}

Refusal check_fields(std::string_view lines, const HeadLimits& limits) {
  for (std::size_t count = 0; !lines.empty(); ++count) {
    if (count == limits.fields) return Status::request_header_fields_too_large;
    if (!is_field_line(take_until(lines, line_end))) return Status::bad_request;
  }
  return std::nullopt;
}

Refusal find_authority(RequestHead& head) {
  const std::size_t count = head.fields.count("Host");
  if (count > 1 || (count == 0 && head.version == Version::http_1_1)) return Status::bad_request;
  const std::string_view host = head.fields.find("Host").value_or("");
  if (!is_authority(host)) return Status::bad_request;
  if (head.authority.empty()) head.authority = host;
  return std::nullopt;
}

// Codings of which the last is not "chunked" leave open where the content ends.
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
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return Status::bad_request;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() ? Refusal() : Status::content_too_large;
}

Refusal find_body(RequestHead& head) {
  const std::size_t codings = head.fields.count("Transfer-Encoding");
  const std::size_t lengths = head.fields.count("Content-Length");
  if (codings + lengths == 0) return std::nullopt;
  if (codings + lengths > 1) return Status::bad_request;
  if (lengths == 1) {
    head.body.kind = BodyLength::Kind::known;
    return parse_length(*head.fields.find("Content-Length"), head.body.bytes);
  }
  if (head.version == Version::http_1_0) return Status::bad_request;
  head.body.kind = BodyLength::Kind::chunked;
  return parse_coding(*head.fields.find("Transfer-Encoding"));
}

Refusal find_wishes(RequestHead& head) {
  if (head.version == Version::http_1_0) {
    head.keeps_alive = head.fields.list_has("Connection", "keep-alive");
    return std::nullopt;
  }
  head.keeps_alive = !head.fields.list_has("Connection", "close");
  const auto expected = head.fields.find("Expect");
  if (!expected) return std::nullopt;
  head.expects_continue = same_token(*expected, "100-continue");
  return head.expects_continue ? Refusal() : Status::expectation_failed;
}

}  // namespace

RequestDecoder::Found RequestDecoder::find(Bytes data, RequestHead& head) {
  using enum Found::Kind;
  const std::size_t size = std::min<std::size_t>(data.size(), limits_->size);
  const std::string_view text = text_of(data.first(size));
  switch (find_end(text)) {
    case End::missing: break;
    case End::malformed: return {.kind = refused, .status = Status::bad_request};
    case End::found: {
      const Refusal refusal = parse(before(text, scanned_), head);
      if (refusal) return {.kind = refused, .status = *refusal};
      return {.kind = whole, .size = scanned_};
    }
  }
  if (size < limits_->size) return {};
  // Not even its first line has come to an end.
  const bool in_first_line = line_ <= line_end.size();
  return {.kind = refused,
          .status = in_first_line ? Status::uri_too_long : Status::request_header_fields_too_large};
}

// Where a head is whole, `scanned_` is its end. Only its first character and its ends of lines are
// looked at before.
RequestDecoder::End RequestDecoder::find_end(std::string_view text) {
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

std::optional<Status> RequestDecoder::parse(std::string_view text, RequestHead& head) const {
  text.remove_suffix(line_end.size());
  if (text.starts_with(line_end)) text.remove_prefix(line_end.size());
  head = {};
  if (const Refusal no = parse_request_line(take_until(text, line_end), *limits_, head)) return no;
  if (const Refusal no = check_fields(text, *limits_)) return no;
  head.fields = Fields(text);
  if (const Refusal no = find_authority(head)) return no;
  if (const Refusal no = find_body(head)) return no;
  return find_wishes(head);
}

void RequestDecoder::take() { *this = RequestDecoder(*limits_); }

}  // namespace bobbin::http
