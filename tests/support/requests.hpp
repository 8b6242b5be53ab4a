// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/http.hpp>

// What the decoders of HTTP make of a stream: for the unit tests and the fuzzer.
namespace bobbin::test {

// "GET /", "Host: a" ..., "body abc", "end", "refused 400": what was found, in order.
using RequestEvents = std::vector<std::string>;

// Shows the decoders a stream that comes in pieces, as a transport does: what was not used is shown
// again, in front of the next piece. Each view is a copy of its own that ends where it ends, so
// that a sanitizer sees who reads behind it.
class RequestReader {
 public:
  explicit RequestReader(const http::HeadLimits& limits, std::uint64_t body_max)
      : head_(limits), body_max_(body_max) {}

  void come(std::string_view piece) {
    pending_ += piece;
    while (!over_ && step()) {
    }
  }

  // Pieces of a body that follow each other are one event, as where it is cut is of no account.
  const RequestEvents& events() const { return events_; }
  std::size_t waiting() const { return pending_.size(); }

 private:
  bool step() {
    const std::vector<char> copy(pending_.begin(), pending_.end());
    const Bytes data = bytes_of({copy.data(), copy.size()});
    return in_body_ ? step_body(data) : step_head(data);
  }

  bool step_head(Bytes data) {
    http::RequestHead head;
    http::RequestDecoder::Found found = head_.find(data, head);
    // Found twice it is the same: not taken, it stays.
    if (found.kind == http::RequestDecoder::Found::Kind::whole) found = head_.find(data, head);
    switch (found.kind) {
      case http::RequestDecoder::Found::Kind::partial: return false;
      case http::RequestDecoder::Found::Kind::refused: return refuse(found.status);
      case http::RequestDecoder::Found::Kind::whole: break;
    }
    tell(head);
    head_.take();
    body_.begin(head.body, body_max_);
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
      case http::BodyDecoder::Found::Kind::too_long: return refuse(http::Status::content_too_large);
      case http::BodyDecoder::Found::Kind::malformed: return refuse(http::Status::bad_request);
    }
    return false;
  }

  void tell(const http::RequestHead& head) {
    events_.push_back(std::string(head.method) + " " + std::string(head.target));
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

  bool refuse(http::Status status) {
    events_.push_back("refused " + std::to_string(static_cast<int>(status)));
    over_ = true;
    return false;
  }

  http::RequestDecoder head_;
  http::BodyDecoder body_;
  std::uint64_t body_max_;
  bool in_body_ = false;
  bool over_ = false;
  RequestEvents events_;
  std::string pending_;
};

struct RequestLimits {
  http::HeadLimits head{};
  std::uint64_t body = 1000;
};

inline RequestEvents requests_in(std::string_view stream, const std::vector<std::size_t>& cuts = {},
                                 const RequestLimits& limits = {}) {
  RequestReader reader(limits.head, limits.body);
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    reader.come(stream.substr(begin, cut - begin));
    begin = cut;
  }
  reader.come(stream.substr(begin));
  return reader.events();
}

}  // namespace bobbin::test
