// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/http/date.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/status.hpp>

namespace bobbin::http {

// What tells one state of a resource from another (RFC 9110 §8.8).
struct Validators {
  std::string_view etag{};             // with its quotes, and W/ if it is weak; empty: none
  std::optional<WallTime> modified{};  // Last-Modified
};

// Whether the request is to be answered as if it had no conditions (RFC 9110 §13): `ok` if so;
// `not_modified` when the client has this state already; `precondition_failed` when it wanted
// another one. A condition that cannot be understood is passed over, but for a tag, which then is
// not the one.
Status check_conditions(const RequestHead& request, const Validators& validators);

// Bytes of a content, the last one included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  constexpr std::uint64_t size() const { return last - first + 1; }
};

// The part of a content of `size` bytes that a request asks for (RFC 9110 §14.2). `ok` and no
// range: all of it, also where Range means nothing, is not of bytes, or its condition (If-Range)
// does not hold, and to whatever is not GET. `partial_content` and a range: of several the first.
// `range_not_satisfiable`: it begins behind the end.
struct RangeChoice {
  Status status = Status::ok;
  ByteRange range{};
};
RangeChoice choose_range(const RequestHead& request, std::uint64_t size,
                         const Validators& validators);

// The value of Content-Range: "bytes 0-99/1000", or "bytes */1000" of what is not satisfiable.
class ContentRange {
 public:
  ContentRange() = default;
  ContentRange(const RangeChoice& choice, std::uint64_t size);

  std::string_view text() const { return {text_, size_}; }

 private:
  void add(std::string_view text);
  void add(std::uint64_t number);

  char text_[72] = {};
  std::size_t size_ = 0;
};

// Whether the client takes content in this coding, "gzip": it is named in Accept-Encoding, or "*"
// is, and not with a weight of zero.
bool accepts_coding(const RequestHead& request, std::string_view coding);

}  // namespace bobbin::http
