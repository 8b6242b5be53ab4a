// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/http/fields.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/status.hpp>

namespace bobbin::http {

// What a response says before its content. Its texts are read during the call it is given to.
struct Response {
  Status status = Status::ok;
  std::string_view type{};  // Content-Type; empty: no such field
  // Others. Not among them may be those that say how the content ends and whether the connection
  // stays open, which are written by who knows: Content-Length, Transfer-Encoding, Connection.
  std::span<const Field> fields{};
};

// Whether it can be written: every name a token, no value with a line end in it, none of the fields
// that are not its own.
bool is_valid(const Response& response);

// What a response says of its framing and its time, beside what the program says.
struct ResponseFraming {
  BodyLength body;
  bool keeps_alive = true;
  Version version = Version::http_1_1;  // the request's
  std::string_view date{};              // empty: no such field
};

// The head of a response, as the pieces it is made of: nothing is put together in memory.
class ResponsePieces {
 public:
  ResponsePieces(const Response& response, const ResponseFraming& framing);

  std::size_t size() const;

  // Calls `write(std::string_view)` with each piece, in order.
  template <class Write>
  void each_piece(Write write) const;

 private:
  const Response& response_;
  const ResponseFraming& framing_;
  char status_[4];
  char length_[20];
  std::uint8_t length_size_ = 0;
};

template <class Write>
void ResponsePieces::each_piece(Write write) const {
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
    field("Content-Length", {length_, length_size_});
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
