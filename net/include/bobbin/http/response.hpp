// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/http/fields.hpp>
#include <bobbin/http/head_writer.hpp>
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
  // Both last as long as this does.
  ResponsePieces(const Response& response, const ResponseFraming& framing)
      : response_(response), framing_(framing) {}

  std::size_t size() const;

  // Calls `write(std::string_view)` with each piece, in order.
  template <class Write>
  void each_piece(Write write) const {
    give_pieces(HeadWriter(write));
  }

 private:
  void give_pieces(const HeadWriter& head) const;

  const Response& response_;
  const ResponseFraming& framing_;
};

}  // namespace bobbin::http
