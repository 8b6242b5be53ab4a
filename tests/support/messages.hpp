// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/http.hpp>

// What requests.hpp and responses.hpp have in common.
namespace bobbin::test {

// What was found, in order: what a head says, its fields as "Host: a", "body abc", "end", or
// "refused ..." and why. Pieces of a body that follow each other are one event, as where it is cut
// is of no account.
using MessageEvents = std::vector<std::string>;

// Shows the decoders a stream that comes in pieces, as a transport does: what was not used is shown
// again, in front of the next piece. Each view is a copy of its own that ends where it ends, so
// that a sanitizer sees who reads behind it.
class MessageReader {
 public:
  virtual ~MessageReader() = default;

  void come(std::string_view piece) {
    pending_ += piece;
    while (!over_ && step()) {
    }
  }
  // All of a stream, in pieces that end at the cuts.
  const MessageEvents& read(std::string_view stream, const std::vector<std::size_t>& cuts) {
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
      come(stream.substr(begin, cut - begin));
      begin = cut;
    }
    come(stream.substr(begin));
    return events_;
  }

  const MessageEvents& events() const { return events_; }
  std::size_t waiting() const { return pending_.size(); }

 protected:
  using BodyFound = http::BodyDecoder::Found;

  explicit MessageReader(std::uint64_t body_max) : body_max_(body_max) {}

  // Looks for a head, and tells of what it finds. Whether there is more to look at.
  virtual bool step_head(Bytes data) = 0;
  // Why a body is refused.
  virtual std::string trouble_of(BodyFound::Kind kind) const = 0;

  // A head of this size, whose first line says this, and what its body is.
  bool tell(std::size_t size, std::string line, const http::Fields& fields, http::BodyLength body) {
    events_.push_back(std::move(line));
    for (const http::Field field : fields) {
      events_.push_back(std::string(field.name) + ": " + std::string(field.value));
    }
    body_.begin(body, body_max_);
    in_body_ = true;
    pending_.erase(0, size);
    return true;
  }
  bool refuse(const std::string& why) {
    events_.push_back("refused " + why);
    over_ = true;
    return false;
  }

 private:
  bool step() {
    const std::vector<char> copy(pending_.begin(), pending_.end());
    const Bytes data = bytes_of({copy.data(), copy.size()});
    return in_body_ ? step_body(data) : step_head(data);
  }

  bool step_body(Bytes data) {
    const BodyFound found = body_.find(data);
    switch (found.kind) {
      case BodyFound::Kind::partial: pending_.erase(0, found.size); return found.size > 0;
      case BodyFound::Kind::piece: return take(found.piece);
      case BodyFound::Kind::end:
        events_.emplace_back("end");
        in_body_ = false;
        return true;
      case BodyFound::Kind::too_long:
      case BodyFound::Kind::malformed: return refuse(trouble_of(found.kind));
    }
    return false;
  }

  bool take(Bytes piece) {
    if (events_.empty() || !events_.back().starts_with("body ")) events_.emplace_back("body ");
    events_.back() += text_of(piece);
    body_.take(piece.size());
    pending_.erase(0, piece.size());
    return true;
  }

  std::uint64_t body_max_;
  http::BodyDecoder body_;
  bool in_body_ = false;
  bool over_ = false;
  MessageEvents events_;
  std::string pending_;
};

}  // namespace bobbin::test
