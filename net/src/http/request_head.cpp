// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/request_head.hpp>

#include <algorithm>

#include "head.hpp"
#include "syntax.hpp"

namespace bobbin::http {

namespace {

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
  if (target.empty() || !all_are(target, is_target_character)) {
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

Refusal find_authority(RequestHead& head) {
  const std::size_t count = head.fields.count("Host");
  if (count > 1 || (count == 0 && head.version == Version::http_1_1)) return Status::bad_request;
  const std::string_view host = head.fields.find("Host").value_or("");
  if (!is_authority(host)) return Status::bad_request;
  if (head.authority.empty()) head.authority = host;
  return std::nullopt;
}

Refusal find_wishes(RequestHead& head) {
  head.keeps_alive = keeps_alive(head.fields, head.version);
  if (head.version == Version::http_1_0) return std::nullopt;
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
  switch (scan_.find(text)) {
    case HeadScan::End::missing: break;
    case HeadScan::End::malformed: return {.kind = refused, .status = Status::bad_request};
    case HeadScan::End::found: {
      const Refusal refusal = parse(before(text, scan_.size()), head);
      if (refusal) return {.kind = refused, .status = *refusal};
      return {.kind = whole, .size = scan_.size()};
    }
  }
  if (size < limits_->size) return {};
  return {.kind = refused,
          .status = scan_.is_in_first_line() ? Status::uri_too_long
                                             : Status::request_header_fields_too_large};
}

Refusal RequestDecoder::parse(std::string_view text, RequestHead& head) const {
  text.remove_suffix(line_end.size());
  if (text.starts_with(line_end)) text.remove_prefix(line_end.size());
  head = {};
  if (const Refusal no = parse_request_line(take_until(text, line_end), *limits_, head)) return no;
  if (const Refusal no = check_fields(text, *limits_)) return no;
  head.fields = Fields(text);
  if (const Refusal no = find_authority(head)) return no;
  if (const Refusal no = find_length(head.fields, head.version, head.body)) return no;
  return find_wishes(head);
}

void RequestDecoder::take() { scan_ = {}; }

}  // namespace bobbin::http
