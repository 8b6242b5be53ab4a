// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/http/fields.hpp>
#include <bobbin/http/head_scan.hpp>
#include <bobbin/http/status.hpp>

namespace bobbin::http {

enum class Version : std::uint8_t { http_1_0, http_1_1 };

// How a message's content ends (RFC 9112 §6.3).
struct BodyLength {
  enum class Kind : std::uint8_t {
    none,     // there is no content
    known,    // after so many bytes; may be none
    chunked,  // when it says so
    closing,  // when the connection does; of responses only
  };

  Kind kind = Kind::none;
  std::uint64_t bytes = 0;

  static constexpr BodyLength of(std::uint64_t bytes) { return {Kind::known, bytes}; }
  static constexpr BodyLength chunked() { return {Kind::chunked, 0}; }
};

// What a request says before its content. All texts are views of the bytes that were received.
struct RequestHead {
  std::string_view method;
  std::string_view target;     // as it came
  std::string_view path;       // of the target: begins with '/', or is "*"; not decoded
  std::string_view query;      // what follows the '?'; not decoded
  std::string_view authority;  // the target's, else the Host field's; empty where there is neither
  Version version = Version::http_1_1;
  bool keeps_alive = true;        // the client does not ask to close after this request
  bool expects_continue = false;  // it waits for a word before it sends the content
  BodyLength body;
  Fields fields;
};

struct HeadLimits {
  std::uint16_t size = 2048;    // bytes of a whole head
  std::uint16_t target = 1024;  // bytes of the target
  std::uint16_t fields = 64;
};

class Refusal;

// Finds the heads of requests (RFC 9112 §2 to §3, §5 to §7), strictly: whatever two recipients
// could understand in two ways is refused. That is a line that does not end with CRLF, a CR
// elsewhere, a folded line, a space in front of a colon, two lengths, a length and a transfer
// coding, a coding in HTTP/1.0, no Host or several, or one that is none. One empty line in front of
// a request is passed over.
//
// It keeps no bytes. It is shown what has come from the front, until there is a whole head; what it
// has looked at once it does not look at again. After a refusal nothing that follows means
// anything.
class RequestDecoder {
 public:
  // `limits` outlives the decoder.
  explicit constexpr RequestDecoder(const HeadLimits& limits) : limits_(&limits) {}

  struct Found {
    enum class Kind : std::uint8_t { partial, whole, refused };

    Kind kind = Kind::partial;
    Status status = Status::ok;  // of one that is refused: what to answer
    std::size_t size = 0;        // of a whole one: the bytes it takes from the front
  };

  // A whole head is written to `head`, whose views are of `data`.
  Found find(Bytes data, RequestHead& head);

  // The head was taken: the next one begins at the front of what is shown next.
  void take();

 private:
  Refusal parse(std::string_view text, RequestHead& head) const;

  const HeadLimits* limits_;
  HeadScan scan_;
};

}  // namespace bobbin::http
