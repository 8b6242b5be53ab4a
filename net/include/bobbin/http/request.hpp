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

namespace bobbin::http {

// What a request says before its content. Its texts are read during the call it is given to.
struct Request {
  std::string_view method = "GET";
  // Begins with '/', or is "*"; encoded as it is to be sent. A query alone, "?a", is that of "/".
  std::string_view target = "/";
  std::string_view host;    // "example.org", "192.0.2.1:8080"
  std::string_view type{};  // Content-Type; empty: no such field
  // Others. Not among them may be Host, and those that say how the content ends and whether the
  // connection stays open: Content-Length, Transfer-Encoding, Connection, Expect.
  std::span<const Field> fields{};
};

// Whether it can be written: a method that is a token and not CONNECT, a target without spaces, a
// host that is not empty and of letters that hosts have, every name a token, no value with a line
// end in it, none of the fields that are not its own.
bool is_valid(const Request& request);

// The head of a request, as the pieces it is made of: nothing is put together in memory.
class RequestPieces {
 public:
  // Both last as long as this does.
  RequestPieces(const Request& request, const BodyLength& body) : request_(request), body_(body) {}

  std::size_t size() const;

  // Calls `write(std::string_view)` with each piece, in order.
  template <class Write>
  void each_piece(Write write) const {
    give_pieces(HeadWriter(write));
  }

 private:
  void give_pieces(const HeadWriter& head) const;

  const Request& request_;
  const BodyLength& body_;
};

}  // namespace bobbin::http
