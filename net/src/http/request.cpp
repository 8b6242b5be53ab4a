// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/request.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

bool is_own(const Field& field) {
  for (const std::string_view name :
       {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"}) {
    if (same_token(field.name, name)) return false;
  }
  return is_token(field.name) && is_field_value(field.value);
}

bool is_target(std::string_view text) {
  return (text.starts_with('/') || text == "*") && all_are(in_target, text);
}

}  // namespace

bool is_valid(const Request& request) {
  return is_token(request.method) && request.method != "CONNECT" && is_target(request.target) &&
         !request.host.empty() && all_are(in_authority, request.host) &&
         is_field_value(request.type) &&
         std::all_of(request.fields.begin(), request.fields.end(), is_own);
}

RequestPieces::RequestPieces(const Request& request, const BodyLength& body)
    : request_(request), body_(body) {
  const auto [end, error] = std::to_chars(length_, length_ + sizeof length_, body.bytes);
  length_size_ = static_cast<std::uint8_t>(end - length_);
}

std::size_t RequestPieces::size() const {
  std::size_t size = 0;
  each_piece([&size](std::string_view piece) { size += piece.size(); });
  return size;
}

}  // namespace bobbin::http
