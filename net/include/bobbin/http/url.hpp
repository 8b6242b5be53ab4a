// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bobbin::http {

// What a Request needs of a URL (RFC 9110 §4.2.1); both are parts of its text.
//
//   const std::optional<http::Url> url = http::parse_url("http://example.org:8080/a?b");
//   if (!url) return Errc::invalid_argument;
//   return fetch.start(client, {.request = {.target = url->target, .host = url->host}}, done);
struct Url {
  std::string_view host;    // "example.org:8080"
  std::string_view target;  // "/a?b"; without a path "?b", which a Request takes for "/?b", or "/"
};

// None: another scheme than http, as https is, somebody's name in front of the host, or what no
// request may be for. A fragment, which no server is told, is left out.
std::optional<Url> parse_url(std::string_view text);

// The value of the first parameter of this name in a query, "a=b&c=d", as it stands there; empty if
// it has none, nothing if there is no such parameter. Neither is decoded, see `decode_form`.
std::optional<std::string_view> query_value(std::string_view query, std::string_view name);

// The same where it is a whole number in decimal digits, perhaps below zero; nothing where it is
// not, or too large.
std::optional<std::int64_t> query_number(std::string_view query, std::string_view name);

}  // namespace bobbin::http
