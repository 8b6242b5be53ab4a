// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/response.hpp>

#include <initializer_list>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

bool is_own_of_response(const Field& field) {
  for (const char* name : {"content-length", "transfer-encoding", "connection"}) {
    if (is_word(field.name, name)) return false;
  }
  return is_token(field.name) && is_field_value(field.value);
}

}  // namespace

bool is_valid(const Response& response) {
  const auto status = static_cast<unsigned>(response.status);
  bool valid = status >= 200 && status <= 999 && is_field_value(response.type);
  for (const Field& field : response.fields) valid = valid && is_own_of_response(field);
  return valid;
}

std::size_t ResponsePieces::size() const {
  std::size_t size = 0;
  each_piece([&size](std::string_view piece) { size += piece.size(); });
  return size;
}

// In flash once, for who counts and for who sends.
void ResponsePieces::give_pieces(const HeadWriter& head) const {
  head.text("HTTP/1.1 ");
  head.number(static_cast<std::uint64_t>(response_.status));
  head.text(" ");
  head.text(reason_phrase(response_.status));
  head.field_if_any("Date", framing_.date);
  head.field_if_any("Content-Type", response_.type);
  head.fields(response_.fields);
  head.length(framing_.body);
  if (!framing_.keeps_alive) {
    head.text("\r\nConnection: close");
  } else if (framing_.version == Version::http_1_0) {
    head.text("\r\nConnection: keep-alive");
  }
  head.end();
}

}  // namespace bobbin::http
