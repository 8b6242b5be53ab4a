// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bobbin/net/decoded.hpp>
#include <bobbin/net/line.hpp>
#include <bobbin/net/netstring.hpp>
#include <bobbin/net/prefixed.hpp>

// What decoders make of a stream, and what they should: for the unit tests and the fuzzers.
namespace bobbin::test {

// "message hello", "too long ...", "malformed": what was found, in order.
using Found = std::vector<std::string>;

// Shows a decoder a stream that comes in pieces, as a transport does: what was not used is shown
// again, in front of the next piece. Each view is a copy of its own that ends where it ends, so
// that a sanitizer sees who reads behind it.
template <class Decoder>
class Shown {
 public:
  explicit Shown(Decoder decoder) : decoder_(decoder) {}

  void come(std::string_view piece) {
    pending_ += piece;
    while (!over_ && step()) {
    }
  }

  const Found& found() const { return found_; }
  // What was never used.
  const std::string& pending() const { return pending_; }
  // The most bytes that ever waited for the rest of a message.
  std::size_t waited_max() const { return waited_max_; }

 private:
  bool step() {
    const std::vector<char> copy(pending_.begin(), pending_.end());
    const Bytes bytes = bytes_of({copy.data(), copy.size()});
    Decoded frame = decoder_.find(bytes);
    // Found twice it is the same: not taken, it stays.
    if (frame.kind == Decoded::Kind::whole) frame = decoder_.find(bytes);
    const std::string message(text_of(frame.message));
    switch (frame.kind) {
      case Decoded::Kind::partial:
        waited_max_ = std::max(waited_max_, frame.size == 0 ? pending_.size() : 0);
        if (frame.size == 0) return false;
        break;
      case Decoded::Kind::whole:
        found_.push_back("message " + message);
        decoder_.take();
        break;
      case Decoded::Kind::too_long:
        found_.push_back("too long " + std::to_string(frame.announced) + message);
        break;
      case Decoded::Kind::malformed: found_.emplace_back("malformed"); break;
    }
    over_ = frame.size == 0;
    pending_.erase(0, frame.size);
    return true;
  }

  Decoder decoder_;
  bool over_ = false;
  Found found_;
  std::string pending_;
  std::size_t waited_max_ = 0;
};

template <class Decoder>
Found found_in(Decoder decoder, std::string_view stream, const std::vector<std::size_t>& cuts) {
  Shown<Decoder> shown(decoder);
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    shown.come(stream.substr(begin, cut - begin));
    begin = cut;
  }
  shown.come(stream.substr(begin));
  return shown.found();
}

// What is right, said as simply as can be, of a stream that is there as a whole.

inline Found lines_in(std::string_view stream, const LineFormat& format) {
  Found found;
  for (;;) {
    const std::size_t end = stream.find(format.delimiter.view());
    if (end <= format.length_max) {
      found.push_back("message " + std::string(stream.substr(0, end)));
    } else if (stream.size() >= format.size_max()) {
      found.push_back("too long 0" + std::string(stream.substr(0, format.length_max)));
    }
    if (end == stream.npos) return found;
    stream.remove_prefix(end + format.delimiter.size);
  }
}

inline Found netstrings_in(std::string_view stream, std::size_t length_max) {
  Found found;
  while (!stream.empty()) {
    const std::size_t digits = std::min(stream.find_first_not_of("0123456789"), stream.size());
    // The shortest beginning of the digits that says too much, or is wrong in itself.
    for (std::size_t i = 1; i <= digits; ++i) {
      if (i == 2 && stream[0] == '0') return found.emplace_back("malformed"), found;
      if (i > 9 || std::stoul(std::string(stream.substr(0, i))) > length_max) {
        return found.emplace_back("too long 0"), found;
      }
    }
    if (digits == stream.size()) return found;
    if (digits == 0 || stream[digits] != ':') return found.emplace_back("malformed"), found;
    const std::size_t length = std::stoul(std::string(stream.substr(0, digits)));
    stream.remove_prefix(digits + 1);
    if (stream.size() <= length) return found;
    if (stream[length] != ',') return found.emplace_back("malformed"), found;
    found.push_back("message " + std::string(stream.substr(0, length)));
    stream.remove_prefix(length + 1);
  }
  return found;
}

inline Found strings_in(std::string_view stream, const PrefixedFormat& format) {
  Found found;
  const auto width = static_cast<std::size_t>(format.width);
  while (stream.size() >= width) {
    std::size_t length = 0;
    for (const char c : stream.substr(0, width)) {
      length = length * 256 + static_cast<unsigned char>(c);
    }
    stream.remove_prefix(width);
    if (length > format.length_max) {
      found.push_back("too long " + std::to_string(length));
    } else if (stream.size() < length) {
      return found;
    } else {
      found.push_back("message " + std::string(stream.substr(0, length)));
    }
    stream.remove_prefix(std::min(length, stream.size()));
  }
  return found;
}

}  // namespace bobbin::test
