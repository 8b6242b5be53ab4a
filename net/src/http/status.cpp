// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/status.hpp>

#include <iterator>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// A text for each hundred, with a line for each status: an empty one where there is none, as with
// their numbers, or as a table of texts, they would take more.
constexpr const char* phrases[] = {
    "Continue\n",
    "OK\n"
    "Created\n"
    "Accepted\n"
    "\nNo Content\n"
    "\nPartial Content\n",
    "\nMoved Permanently\n"
    "Found\n"
    "See Other\n"
    "Not Modified\n"
    "\n\nTemporary Redirect\n"
    "Permanent Redirect\n",
    "Bad Request\n"
    "Unauthorized\n"
    "\nForbidden\n"
    "Not Found\n"
    "Method Not Allowed\n"
    "Not Acceptable\n"
    "\nRequest Timeout\n"
    "Conflict\n"
    "Gone\n"
    "Length Required\n"
    "Precondition Failed\n"
    "Content Too Large\n"
    "URI Too Long\n"
    "Unsupported Media Type\n"
    "Range Not Satisfiable\n"
    "Expectation Failed\n"
    "\n\n\n\n\n\n\n\nUpgrade Required\n"
    "\n\nToo Many Requests\n"
    "\nRequest Header Fields Too Large\n",
    "Internal Server Error\n"
    "Not Implemented\n"
    "Bad Gateway\n"
    "Service Unavailable\n"
    "Gateway Timeout\n"
    "HTTP Version Not Supported\n",
};

}  // namespace

std::string_view reason_phrase(Status status) {
  const auto number = static_cast<unsigned>(status);
  const unsigned hundred = number / 100 - 1;
  const char* phrase = hundred < std::size(phrases) ? phrases[hundred] : "";
  for (unsigned left = number % 100; left > 0 && *phrase != '\0'; --left) {
    phrase = skip(in_value, phrase) + 1;
  }
  const char* const end = skip(in_value, phrase);
  return end == phrase ? "Unknown" : std::string_view(phrase, end);
}

}  // namespace bobbin::http
