// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages.hpp"

// What the decoders of HTTP make of a stream of responses: for the unit tests and the fuzzer.
namespace bobbin::test {

// "200 OK", "Server: a" ..., "body abc", "end", "refused malformed response". What ends with the
// connection has "body ..." and no end.
using ResponseEvents = MessageEvents;

struct ResponseLimits {
  http::HeadLimits head{};
  std::uint64_t body = 1000;
  bool answers_head = false;
};

class ResponseReader final : public MessageReader {
 public:
  explicit ResponseReader(const ResponseLimits& limits)
      : MessageReader(limits.body), answers_head_(limits.answers_head), head_(limits.head) {}

 private:
  bool step_head(Bytes data) override {
    using Kind = http::ResponseDecoder::Found::Kind;
    http::ResponseHead head;
    http::ResponseDecoder::Found found = head_.find(data, answers_head_, head);
    // Found twice it is the same: not taken, it stays.
    if (found.kind == Kind::whole) found = head_.find(data, answers_head_, head);
    if (found.kind == Kind::partial) return false;
    if (found.kind == Kind::refused) return refuse(std::string(describe(found.trouble)));
    head_.take();
    const std::string status = std::to_string(static_cast<int>(head.status));
    return tell(found.size, status + " " + std::string(head.reason), head.fields, head.body);
  }
  std::string trouble_of(BodyFound::Kind kind) const override {
    const bool too_long = kind == BodyFound::Kind::too_long;
    return std::string(
        describe(too_long ? http::BadResponse::content_too_large : http::BadResponse::malformed));
  }

  bool answers_head_;
  http::ResponseDecoder head_;
};

inline ResponseEvents responses_in(std::string_view stream,
                                   const std::vector<std::size_t>& cuts = {},
                                   const ResponseLimits& limits = {}) {
  return ResponseReader(limits).read(stream, cuts);
}

}  // namespace bobbin::test
