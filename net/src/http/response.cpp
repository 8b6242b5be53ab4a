// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/response.hpp>

#include <initializer_list>

#include "digits.hpp"

namespace bobbin::http {

namespace {

bool is_own(const Field& field) {
  for (const std::string_view name : {"Content-Length", "Transfer-Encoding", "Connection"}) {
    if (same_token(field.name, name)) return false;
  }
  return is_token(field.name) && is_field_value(field.value);
}

}  // namespace

bool is_valid(const Response& response) {
  const auto status = static_cast<unsigned>(response.status);
  bool valid = status >= 200 && status <= 999 && is_field_value(response.type);
  for (const Field& field : response.fields) valid = valid && is_own(field);
  return valid;
}

ResponsePieces::ResponsePieces(const Response& response, const ResponseFraming& framing)
    : response_(response), framing_(framing) {
  auto status = static_cast<unsigned>(response.status);
  status_[3] = ' ';
  for (std::size_t i = 3; i-- > 0; status /= 10) status_[i] = static_cast<char>('0' + status % 10);
  length_size_ = static_cast<std::uint8_t>(write_decimal(framing.body.bytes, length_));
}

std::size_t ResponsePieces::size() const {
  std::size_t size = 0;
  each_piece([&size](std::string_view piece) { size += piece.size(); });
  return size;
}

// In flash once, for who counts and for who sends.
void ResponsePieces::give_pieces(void* context, Give give) const {
  const auto write = [context, give](std::string_view piece) { give(context, piece); };
  const auto field = [&write](std::string_view name, std::string_view value) {
    write(name);
    write(": ");
    write(value);
    write("\r\n");
  };
  write("HTTP/1.1 ");
  write({status_, sizeof status_});
  write(reason_phrase(response_.status));
  write("\r\n");
  if (!framing_.date.empty()) field("Date", framing_.date);
  if (!response_.type.empty()) field("Content-Type", response_.type);
  for (const Field& own : response_.fields) field(own.name, own.value);
  if (framing_.body.kind == BodyLength::Kind::known) {
    field("Content-Length", {length_ + sizeof length_ - length_size_, length_size_});
  } else if (framing_.body.kind == BodyLength::Kind::chunked) {
    field("Transfer-Encoding", "chunked");
  }
  if (!framing_.keeps_alive) {
    field("Connection", "close");
  } else if (framing_.version == Version::http_1_0) {
    field("Connection", "keep-alive");
  }
  write("\r\n");
}

}  // namespace bobbin::http
