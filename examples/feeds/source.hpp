// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <bobbin/http.hpp>

namespace feeds {

// Where a feed is found: "http://example.org/rss.xml". All texts are views of the URL.
struct Source {
  static constexpr std::size_t url_max = 200;

  std::string_view url;
  std::string_view host;
  std::string_view target;
};

inline std::optional<Source> parse_source(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme) || url.size() > Source::url_max) return std::nullopt;
  const std::string_view rest = url.substr(scheme.size());
  const std::string_view host = rest.substr(0, rest.find('/'));
  const std::string_view target = host.size() < rest.size() ? rest.substr(host.size()) : "/";
  if (!is_valid(bobbin::http::Request{.target = target, .host = host})) return std::nullopt;
  return Source{.url = url, .host = host, .target = target};
}

}  // namespace feeds
