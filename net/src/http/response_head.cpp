// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/response_head.hpp>

#include <algorithm>
#include <optional>

#include "head.hpp"
#include "syntax.hpp"

namespace bobbin::http {

namespace {

using Trouble = std::optional<BadResponse>;

// What a server would say to a request of this kind, said of a response.
BadResponse trouble_of(Status refusal) {
  switch (refusal) {
    case Status::content_too_large: return BadResponse::content_too_large;
    case Status::request_header_fields_too_large: return BadResponse::head_too_large;
    case Status::http_version_not_supported:
    case Status::not_implemented: return BadResponse::unsupported;
    default: return BadResponse::malformed;
  }
}

// "200 OK", "200 " and, as some servers write it, "200".
bool parse_status(std::string_view text, ResponseHead& head) {
  const std::string_view digits = take_until(text, ' ');
  if (digits.size() != 3 || !std::all_of(digits.begin(), digits.end(), is_digit)) return false;
  const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  head.status = static_cast<Status>(status);
  head.reason = text;
  return status >= 100 && is_field_value(text);
}

Refusal parse_lines(std::string_view text, const HeadLimits& limits, ResponseHead& head) {
  std::string_view line = take_until(text, '\r');
  if (const Refusal no = parse_version(take_until(line, ' '), head.version)) return no;
  if (!parse_status(line, head) || !text.starts_with('\n')) return Status::bad_request;
  text.remove_prefix(1);
  HeadFields fields;
  if (const Refusal no = fields.read(text, limits)) return no;
  head.fields = Fields(text);
  head.keeps_alive = fields.keeps_alive(head.version);
  return fields.find_length(head.version, head.body);
}

// RFC 9112 §6.3. Two lengths are refused even where neither is of account.
void find_end(bool answers_head, ResponseHead& head) {
  if (answers_head || is_bodiless(head.status)) {
    head.body = {};
  } else if (head.body.kind == BodyLength::Kind::none) {
    head.body.kind = BodyLength::Kind::closing;
    head.keeps_alive = false;
  }
}

}  // namespace

std::string_view describe(BadResponse trouble) {
  switch (trouble) {
    case BadResponse::malformed: return "malformed response";
    case BadResponse::unsupported: return "response of an unknown version or coding";
    case BadResponse::head_too_large: return "response head too large";
    case BadResponse::content_too_large: return "response content too large";
    case BadResponse::incomplete: return "incomplete response";
    case BadResponse::too_many_redirects: return "too many redirects";
    case BadResponse::bad_redirect: return "redirected to nowhere";
  }
  return "bad response";
}

ResponseDecoder::Found ResponseDecoder::find(Bytes data, bool answers_head, ResponseHead& head) {
  using enum Found::Kind;
  const std::size_t size = std::min<std::size_t>(data.size(), limits_->size);
  const std::string_view text = text_of(data.first(size));
  switch (scan_.find(text)) {
    case HeadScan::End::malformed: return {.kind = refused};
    case HeadScan::End::missing:
      if (size < limits_->size) return {};
      return {.kind = refused, .trouble = BadResponse::head_too_large};
    case HeadScan::End::found: break;
  }
  head = {};
  const std::string_view lines = before(text, scan_.size() - line_end.size());
  if (const Refusal no = parse_lines(lines, *limits_, head)) {
    return {.kind = refused, .trouble = trouble_of(*no)};
  }
  find_end(answers_head, head);
  return {.kind = whole, .size = scan_.size()};
}

}  // namespace bobbin::http
