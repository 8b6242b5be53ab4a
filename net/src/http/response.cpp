// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/response.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>

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
  return status >= 200 && status <= 999 && is_field_value(response.type) &&
         std::all_of(response.fields.begin(), response.fields.end(), is_own);
}

ResponsePieces::ResponsePieces(const Response& response, const ResponseFraming& framing)
    : response_(response), framing_(framing) {
  const auto status = static_cast<unsigned>(response.status);
  std::to_chars(status_, status_ + 3, status);
  status_[3] = ' ';
  const auto [end, error] = std::to_chars(length_, length_ + sizeof length_, framing.body.bytes);
  length_size_ = static_cast<std::uint8_t>(end - length_);
}

std::size_t ResponsePieces::size() const {
  std::size_t size = 0;
  each_piece([&size](std::string_view piece) { size += piece.size(); });
  return size;
}

}  // namespace bobbin::http
