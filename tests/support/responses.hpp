// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/http.hpp>

// What the decoders of HTTP make of a stream of responses: for the unit tests and the fuzzer.
namespace bobbin::test {

// "200 OK", "Server: a" ..., "body abc", "end", "refused malformed response": what was found, in
// order. What ends with the connection has "body ..." and no end.
using ResponseEvents = std::vector<std::string>;

struct ResponseLimits {
  http::HeadLimits head{};
  std::uint64_t body = 1000;
  bool answers_head = false;
};

// Shows the decoders a stream that comes in pieces, as a transport does. Each view is a copy of its
// own that ends where it ends, so that a sanitizer sees who reads behind it.
class ResponseReader {
 public:
  explicit ResponseReader(const ResponseLimits& limits) : limits_(limits), head_(limits_.head) {}

  void come(std::string_view piece) {
    pending_ += piece;
    while (!over_ && step()) {
    }
  }

  const ResponseEvents& events() const { return events_; }

 private:
  bool step() {
    const std::vector<char> copy(pending_.begin(), pending_.end());
    const Bytes data = bytes_of({copy.data(), copy.size()});
    return in_body_ ? step_body(data) : step_head(data);
  }

  bool step_head(Bytes data) {
    using Kind = http::ResponseDecoder::Found::Kind;
    http::ResponseHead head;
    http::ResponseDecoder::Found found = head_.find(data, limits_.answers_head, head);
    // Found twice it is the same: not taken, it stays.
    if (found.kind == Kind::whole) found = head_.find(data, limits_.answers_head, head);
    if (found.kind == Kind::partial) return false;
    if (found.kind == Kind::refused) return refuse(found.trouble);
    tell(head);
    head_.take();
    body_.begin(head.body, limits_.body);
    in_body_ = true;
    pending_.erase(0, found.size);
    return true;
  }

  bool step_body(Bytes data) {
    const http::BodyDecoder::Found found = body_.find(data);
    switch (found.kind) {
      case http::BodyDecoder::Found::Kind::partial:
        pending_.erase(0, found.size);
        return found.size > 0;
      case http::BodyDecoder::Found::Kind::piece: return take(found.piece);
      case http::BodyDecoder::Found::Kind::end:
        events_.emplace_back("end");
        in_body_ = false;
        return true;
      case http::BodyDecoder::Found::Kind::too_long:
        return refuse(http::BadResponse::content_too_large);
      case http::BodyDecoder::Found::Kind::malformed: return refuse(http::BadResponse::malformed);
    }
    return false;
  }

  void tell(const http::ResponseHead& head) {
    events_.push_back(std::to_string(static_cast<int>(head.status)) + " " +
                      std::string(head.reason));
    for (const http::Field field : head.fields) {
      events_.push_back(std::string(field.name) + ": " + std::string(field.value));
    }
  }

  bool take(Bytes piece) {
    if (events_.empty() || !events_.back().starts_with("body ")) events_.emplace_back("body ");
    events_.back() += text_of(piece);
    body_.take(piece.size());
    pending_.erase(0, piece.size());
    return true;
  }

  bool refuse(http::BadResponse trouble) {
    events_.push_back("refused " + std::string(describe(trouble)));
    over_ = true;
    return false;
  }

  ResponseLimits limits_;
  http::ResponseDecoder head_;
  http::BodyDecoder body_;
  bool in_body_ = false;
  bool over_ = false;
  ResponseEvents events_;
  std::string pending_;
};

inline ResponseEvents responses_in(std::string_view stream,
                                   const std::vector<std::size_t>& cuts = {},
                                   const ResponseLimits& limits = {}) {
  ResponseReader reader(limits);
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    reader.come(stream.substr(begin, cut - begin));
    begin = cut;
  }
  reader.come(stream.substr(begin));
  return reader.events();
}

}  // namespace bobbin::test
