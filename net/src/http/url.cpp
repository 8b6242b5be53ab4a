// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/url.hpp>

#include <charconv>

#include <bobbin/http/fields.hpp>
#include <bobbin/http/request.hpp>

#include "syntax.hpp"

namespace bobbin::http {

std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view scheme = "http";
  constexpr std::string_view separator = "://";
  text = before(text, text.find('#'));
  const bool is_http = same_token(before(text, scheme.size()), scheme) &&
                       behind(text, scheme.size()).starts_with(separator);
  if (!is_http) return std::nullopt;
  const std::string_view rest = behind(text, scheme.size() + separator.size());
  const std::string_view host = before(rest, rest.find_first_of("/?"));
  const std::string_view target = host.size() < rest.size() ? behind(rest, host.size()) : "/";
  if (!is_valid(Request{.target = target, .host = host})) return std::nullopt;
  return Url{.host = host, .target = target};
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    if (take_until(value, '=') == name) return value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> query_number(std::string_view query, std::string_view name) {
  const std::string_view digits = query_value(query, name).value_or(std::string_view());
  const char* const end = digits.data() + digits.size();
  std::int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace bobbin::http
