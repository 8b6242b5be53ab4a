// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages.hpp"

// What the decoders of HTTP make of a stream: for the unit tests and the fuzzer.
namespace bobbin::test {

// "GET /", "Host: a" ..., "body abc", "end", "refused 400".
using RequestEvents = MessageEvents;

class RequestReader final : public MessageReader {
 public:
  explicit RequestReader(const http::HeadLimits& limits, std::uint64_t body_max)
      : MessageReader(body_max), head_(limits) {}

 private:
  bool step_head(Bytes data) override {
    using Kind = http::RequestDecoder::Found::Kind;
    http::RequestHead head;
    http::RequestDecoder::Found found = head_.find(data, head);
    // Found twice it is the same: not taken, it stays.
    if (found.kind == Kind::whole) found = head_.find(data, head);
    if (found.kind == Kind::partial) return false;
    if (found.kind == Kind::refused) return refuse(number_of(found.status));
    head_.take();
    return tell(found.size, std::string(head.method) + " " + std::string(head.target), head.fields,
                head.body);
  }
  std::string trouble_of(BodyFound::Kind kind) const override {
    const bool too_long = kind == BodyFound::Kind::too_long;
    return number_of(too_long ? http::Status::content_too_large : http::Status::bad_request);
  }

  static std::string number_of(http::Status status) {
    return std::to_string(static_cast<int>(status));
  }

  http::RequestDecoder head_;
};

struct RequestLimits {
  http::HeadLimits head{};
  std::uint64_t body = 1000;
};

inline RequestEvents requests_in(std::string_view stream, const std::vector<std::size_t>& cuts = {},
                                 const RequestLimits& limits = {}) {
  return RequestReader(limits.head, limits.body).read(stream, cuts);
}

}  // namespace bobbin::test
