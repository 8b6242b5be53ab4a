// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/http/fields.hpp>
#include <bobbin/http/head_scan.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/status.hpp>

namespace bobbin::http {

// What is wrong with what a server answers; for `Failure`.
enum class BadResponse : std::uint8_t {
  malformed,           // it is not HTTP, or can be understood in two ways
  unsupported,         // another version, or a transfer coding that is not known
  head_too_large,      // longer than HeadLimits, with more fields, or more than a Fetch can keep
  content_too_large,   // longer than was allowed
  incomplete,          // the connection ended before the response did
  too_many_redirects,  // than were allowed
  bad_redirect,        // to nowhere, or to where this client does not go
};

std::string_view describe(BadResponse trouble);

// What a response says before its content. All texts are views of the bytes that were received.
struct ResponseHead {
  Status status = Status::ok;
  std::string_view reason;
  Version version = Version::http_1_1;
  bool keeps_alive = true;  // the server does not say that it closes after this response
  BodyLength body;
  Fields fields;

  // 1xx: another response to the same request follows.
  bool is_interim() const { return status < Status::ok; }
};

// Finds the heads of responses (RFC 9112 §4 to §6), as strictly as RequestDecoder those of
// requests. It keeps no bytes. After what is refused nothing that follows means anything.
class ResponseDecoder {
 public:
  // Of `limits`, which outlives the decoder, `target` is of no account.
  explicit constexpr ResponseDecoder(const HeadLimits& limits) : limits_(&limits) {}

  struct Found {
    enum class Kind : std::uint8_t { partial, whole, refused };

    Kind kind = Kind::partial;
    BadResponse trouble = BadResponse::malformed;  // of one that is refused
    std::size_t size = 0;                          // of a whole one: its bytes
  };

  // A whole head is written to `head`, whose views are of `data`. To HEAD (`answers_head`) there is
  // no content, whatever the fields say.
  Found find(Bytes data, bool answers_head, ResponseHead& head);

  // The head was taken: the next one begins at the front of what is shown next.
  void take() { scan_ = {}; }

 private:
  const HeadLimits* limits_;
  HeadScan scan_;
};

}  // namespace bobbin::http
