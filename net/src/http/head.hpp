// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/http/request_head.hpp>
#include <bobbin/http/status.hpp>

// What heads of requests and of responses have in common.
namespace bobbin::http {

inline constexpr std::string_view line_end = "\r\n";

// What a server answers to a head that is refused; nothing if it is not. An optional in two bytes:
// a small processor has one of four in several pieces.
class Refusal {
 public:
  constexpr Refusal() = default;
  constexpr Refusal(std::nullopt_t) {}
  constexpr Refusal(Status status) : status_(status) {}

  explicit constexpr operator bool() const { return status_ != no_status; }
  constexpr Status operator*() const { return status_; }

 private:
  static constexpr Status no_status{};

  Status status_ = no_status;
};

// The lines behind the first one, each with its end.
Refusal check_fields(std::string_view lines, const HeadLimits& limits);

// The value of Transfer-Encoding. Codings of which the last is not "chunked" leave open where the
// content ends.
Refusal parse_coding(std::string_view codings);

// The value of Content-Length.
Refusal parse_length(std::string_view text, std::uint64_t& length);

// What the fields say of the content: `none` if they say nothing. There may be one that does.
Refusal find_length(const Fields& fields, Version version, BodyLength& body);

// "HTTP/1.1"; another HTTP/1 but 1.0 counts as that.
Refusal parse_version(std::string_view text, Version& version);

// Whether the connection stays open after this message.
bool keeps_alive(const Fields& fields, Version version);

// Whether `text` may stand behind "Host:", or between "//" and '/' in a URL.
bool is_authority(std::string_view text);

}  // namespace bobbin::http
