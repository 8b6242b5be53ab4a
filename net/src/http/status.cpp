// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/status.hpp>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// One text is smaller than a table of texts.
constexpr std::string_view phrases =
    "100 Continue\n"
    "200 OK\n"
    "201 Created\n"
    "202 Accepted\n"
    "204 No Content\n"
    "206 Partial Content\n"
    "301 Moved Permanently\n"
    "302 Found\n"
    "303 See Other\n"
    "304 Not Modified\n"
    "307 Temporary Redirect\n"
    "308 Permanent Redirect\n"
    "400 Bad Request\n"
    "401 Unauthorized\n"
    "403 Forbidden\n"
    "404 Not Found\n"
    "405 Method Not Allowed\n"
    "406 Not Acceptable\n"
    "408 Request Timeout\n"
    "409 Conflict\n"
    "410 Gone\n"
    "411 Length Required\n"
    "412 Precondition Failed\n"
    "413 Content Too Large\n"
    "414 URI Too Long\n"
    "415 Unsupported Media Type\n"
    "416 Range Not Satisfiable\n"
    "417 Expectation Failed\n"
    "426 Upgrade Required\n"
    "429 Too Many Requests\n"
    "431 Request Header Fields Too Large\n"
    "500 Internal Server Error\n"
    "501 Not Implemented\n"
    "502 Bad Gateway\n"
    "503 Service Unavailable\n"
    "504 Gateway Timeout\n"
    "505 HTTP Version Not Supported\n";

}  // namespace

std::string_view reason_phrase(Status status) {
  std::string_view rest = phrases;
  while (!rest.empty()) {
    const std::string_view line = take_until(rest, '\n');
    const int number = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
    if (number == static_cast<int>(status)) return behind(line, 4);
  }
  return "Unknown";
}

}  // namespace bobbin::http
