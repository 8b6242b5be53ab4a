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
  const std::optional<bobbin::http::Url> parts = bobbin::http::parse_url(url);
  if (!parts || url.size() > Source::url_max) return std::nullopt;
  return Source{.url = url, .host = parts->host, .target = parts->target};
}

}  // namespace feeds
