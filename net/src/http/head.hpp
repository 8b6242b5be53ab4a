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

// What the fields of a head say to its recipient, gathered while they are looked at, each once.
class HeadFields {
 public:
  // Those that a recipient has to understand itself.
  enum Known : std::uint8_t { host, content_length, transfer_encoding, expect, connection };

  // `lines` are those behind the first one, each with its end.
  Refusal read(std::string_view lines, const HeadLimits& limits);

  std::size_t count(Known field) const { return counts_[field]; }
  // That of the first field of this name; empty if there is none.
  std::string_view value(Known field) const { return values_[field]; }

  // What they say of the content: `none` if they say nothing. There may be one that does.
  Refusal find_length(Version version, BodyLength& body) const;

  // Whether the connection stays open after this message.
  bool keeps_alive(Version version) const;

 private:
  static constexpr std::size_t known_max = connection + 1;

  void note(std::string_view name, std::string_view value);
  void note_wishes(std::string_view list);

  std::string_view values_[known_max];
  std::uint16_t counts_[known_max]{};
  bool asks_to_close_ = false;
  bool asks_to_stay_ = false;
};

// "HTTP/1.1"; another HTTP/1 but 1.0 counts as that.
Refusal parse_version(std::string_view text, Version& version);

// `next_element`, for who need not have an optional.
bool take_element(std::string_view& list, std::string_view& element);

}  // namespace bobbin::http
