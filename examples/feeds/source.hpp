// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <bobbin/http.hpp>

namespace feeds {

// Where a feed is found: "http://example.org/rss.xml".
struct Source {
  static constexpr std::size_t url_max = 200;

  std::string_view url;
};

inline std::optional<Source> parse_source(std::string_view url) {
  if (!bobbin::http::parse_url(url) || url.size() > Source::url_max) return std::nullopt;
  return Source{url};
}

}  // namespace feeds
