// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>

#include "program.hpp"

namespace bench {

// What a browser sends.
inline constexpr std::string_view head =
    "GET /library/shelves/12/volumes/contents.html?sort=title&order=ascending&page=31 HTTP/1.1\r\n"
    "Host: library.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Referer: http://library.example.org/library/shelves/12/volumes/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=5f2c9a7be41d4b6f8e03c2d1a95b7e64; seen=1700000000.1699999000.4; theme=dark; "
    "visit=GA1.2.1234567890.1699990000; columns=narrow\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Cache-Control: max-age=0\r\n"
    "\r\n";
inline constexpr int fields_of_head = 11;
static_assert(head.size() == 700);

// Prints the nanoseconds for each of `--heads N` calls of `parse`, which says whether it has found
// the head of a request.
template <class Parse>
int measure_heads(const Options& options, Parse parse) {
  const std::size_t heads = options.number("heads", 1 << 19);
  const std::int64_t begin = monotonic_ns();
  for (std::size_t i = 0; i < heads; ++i) {
    if (!parse()) fail("parsing");
  }
  std::printf("%.3f\n", static_cast<double>(monotonic_ns() - begin) / static_cast<double>(heads));
  return 0;
}

}  // namespace bench
