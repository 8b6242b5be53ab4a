// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/request.hpp>

#include <algorithm>
#include <initializer_list>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

bool is_own_of_request(const Field& field) {
  for (const char* name : {"host", "content-length", "transfer-encoding", "connection", "expect"}) {
    if (is_word(field.name, name)) return false;
  }
  return is_token(field.name) && is_field_value(field.value);
}

bool is_target(std::string_view text) {
  const bool begins_well = text.starts_with('/') || text.starts_with('?') || text == "*";
  return begins_well && all_are(in_target, text);
}

}  // namespace

bool is_valid(const Request& request) {
  return is_token(request.method) && request.method != "CONNECT" && is_target(request.target) &&
         is_authority(request.host) && is_field_value(request.type) &&
         std::all_of(request.fields.begin(), request.fields.end(), is_own_of_request);
}

std::size_t RequestPieces::size() const {
  std::size_t size = 0;
  each_piece([&size](std::string_view piece) { size += piece.size(); });
  return size;
}

void RequestPieces::give_pieces(const HeadWriter& head) const {
  head.text(request_.method);
  head.text(request_.target.starts_with('?') ? " /" : " ");
  head.text(request_.target);
  head.text(" HTTP/1.1");
  head.field("Host", request_.host);
  head.field_if_any("Content-Type", request_.type);
  head.fields(request_.fields);
  head.length(body_);
  head.end();
}

}  // namespace bobbin::http
