// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/bytes.hpp>
#include <bobbin/http/request_head.hpp>

namespace bobbin::http {

// Finds the content of a message in what follows its head: so many bytes, all that comes until the
// connection ends, or chunks (RFC 9112 §7.1), strictly: chunk sizes are hexadecimal digits and
// nothing else, every line ends with CRLF. Chunk extensions and trailer fields are passed over;
// there may be `framing_max` bytes of either at a stretch. It keeps no bytes.
class BodyDecoder {
 public:
  static constexpr std::size_t framing_max = 1024;

  struct Found {
    enum class Kind : std::uint8_t {
      partial,    // `size` bytes of the front belong to the framing and are passed over; maybe none
      piece,      // `piece` is content, all there is in one piece; `take` says how much was used
      end,        // the content is whole; what follows is not its
      too_long,   // longer than the limit
      malformed,  // what follows means nothing
    };

    Kind kind = Kind::partial;
    std::size_t size = 0;
    Bytes piece{};
  };

  // The content that is to come. Of more than `limit` bytes it is `too_long`, which is found as
  // soon as it has been announced.
  void begin(const BodyLength& length, std::uint64_t limit);

  // What is at the front of `data`, which begins where what was used ends.
  Found find(Bytes data);

  // So many bytes of a piece were used.
  void take(std::size_t count);

  // Whether `find` gives `end`, for which it needs no bytes.
  bool is_whole() const { return state_ == State::ended; }

 private:
  enum class State : std::uint8_t {
    size,  // in front of the first digit of a chunk's size
    digits,
    size_end,
    extension,
    chunk_return,
    chunk_end,
    trailer,  // at the beginning of a line of the trailer
    name,
    value,
    value_end,
    last_end,  // the last of the framing
    content,   // of known length
    open,      // of a length that nobody knows; it never ends here
    chunk,
    ended,
    too_long,
    malformed,
  };

  struct Step;

  State after(char c);
  State after_digits(char c);
  State end_of_size();
  State add_digit(char c);

  std::uint64_t left_ = 0;     // of the content, or of the chunk
  std::uint64_t allowed_ = 0;  // how much content may come behind this chunk
  std::uint16_t framing_ = 0;
  State state_ = State::ended;
};

}  // namespace bobbin::http
