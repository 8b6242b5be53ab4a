// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/request_head.hpp>

#include <algorithm>

#include "head.hpp"
#include "syntax.hpp"

namespace bobbin::http {

namespace {

// All of these lie in front of a line's end or a space, which no target has.

void split_path(const char* begin, const char* end, RequestHead& head) {
  const char* const path_end = skip(in_path, begin);
  head.path = {begin, path_end};
  head.query = {path_end == end ? end : path_end + 1, end};
}

// "http://host/path", which a proxy is sent, and a server has to understand.
bool parse_absolute(RequestHead& head) {
  const char* const begin = head.target.data();
  const char* const colon = skip(in_token, begin);
  const std::string_view scheme(begin, colon);
  const bool is_http = (is_word(scheme, "http") || is_word(scheme, "https")) && colon[0] == ':' &&
                       colon[1] == '/' && colon[2] == '/';
  if (!is_http) return false;
  const char* const host = colon + 3;
  const char* const end = skip(in_authority, host);
  head.authority = {host, end};
  split_path(end, begin + head.target.size(), head);
  if (head.path.empty()) head.path = "/";
  return is_authority(head.authority) && (*end == '/' || *end == '?' || *end == ' ');
}

Refusal parse_target(RequestHead& head) {
  const std::string_view target = head.target;
  if (is_word(head.method, "CONNECT")) return Status::not_implemented;
  if (target.front() == '/') {
    split_path(target.data(), target.data() + target.size(), head);
    return std::nullopt;
  }
  if (is_word(target, "*") && is_word(head.method, "OPTIONS")) {
    head.path = target;
    return std::nullopt;
  }
  return parse_absolute(head) ? Refusal() : Status::bad_request;
}

// Takes what is of this kind off the front of the line, with the character behind it, which must be
// `end`.
bool take(CharacterKind kind, char end, const char*& at, std::string_view& taken) {
  const char* const begin = at;
  const char* const behind = skip(kind, begin);
  taken = {begin, behind};
  at = behind + 1;
  return *behind == end && behind != begin;
}

// `at` is where it begins, and then where the next line does.
Refusal parse_request_line(const char*& at, const HeadLimits& limits, RequestHead& head) {
  std::string_view version;
  const bool is_formed = take(in_token, ' ', at, head.method) &&
                         take(in_target, ' ', at, head.target) &&
                         take(in_target, '\r', at, version) && *at++ == '\n';
  if (!is_formed) return Status::bad_request;
  if (const Refusal refusal = parse_version(version, head.version)) return refusal;
  if (head.target.size() > limits.target) return Status::uri_too_long;
  return parse_target(head);
}

Refusal find_authority(const HeadFields& fields, RequestHead& head) {
  const std::size_t count = fields.count(HeadFields::host);
  if (count > 1 || (count == 0 && head.version == Version::http_1_1)) return Status::bad_request;
  const std::string_view host = fields.value(HeadFields::host);
  // Empty it is of a target that has none (RFC 9112 §3.2).
  if (!host.empty() && !is_authority(host)) return Status::bad_request;
  if (head.authority.empty()) head.authority = host;
  return std::nullopt;
}

Refusal find_wishes(const HeadFields& fields, RequestHead& head) {
  head.keeps_alive = fields.keeps_alive(head.version);
  if (head.version == Version::http_1_0 || fields.count(HeadFields::expect) == 0) {
    return std::nullopt;
  }
  head.expects_continue = is_word(fields.value(HeadFields::expect), "100-continue");
  return head.expects_continue ? Refusal() : Status::expectation_failed;
}

}  // namespace

RequestDecoder::Found RequestDecoder::find(Bytes data, RequestHead& head) {
  const std::size_t size = std::min<std::size_t>(data.size(), limits_->size);
  const std::string_view text = text_of(data.first(size));
  Refusal refusal;
  switch (scan_.find(text)) {
    case HeadScan::End::malformed: refusal = Status::bad_request; break;
    case HeadScan::End::found: refusal = parse({text.data(), scan_.size()}, head); break;
    case HeadScan::End::missing:
      if (size < limits_->size) return {};
      refusal =
          scan_.is_in_first_line() ? Status::uri_too_long : Status::request_header_fields_too_large;
  }
  if (refusal) return {.kind = Found::Kind::refused, .status = *refusal};
  return {.kind = Found::Kind::whole, .size = scan_.size()};
}

Refusal RequestDecoder::parse(std::string_view text, RequestHead& head) const {
  text.remove_suffix(line_end.size());
  const char* at = text.data();
  if (at[0] == '\r' && at[1] == '\n') at += line_end.size();
  head = {};
  if (const Refusal no = parse_request_line(at, *limits_, head)) return no;
  const std::string_view lines(at, text.data() + text.size());
  HeadFields fields;
  if (const Refusal no = fields.read(lines, *limits_)) return no;
  head.fields = Fields(lines);
  if (const Refusal no = find_authority(fields, head)) return no;
  if (const Refusal no = fields.find_length(head.version, head.body)) return no;
  return find_wishes(fields, head);
}

void RequestDecoder::take() { scan_ = {}; }

}  // namespace bobbin::http
