// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <bobbin/http/response_head.hpp>

namespace bobbin::http {

// A host, with its port if it has one, and what is asked for there.
struct Place {
  std::string_view host;
  std::string_view target;
};

struct Redirect {
  Place place;
  bool same_host = true;  // as before
};

// Where a response sends its client to: the field Location of 301, 302, 303, 307 and 308.
std::optional<std::string_view> redirect_of(const ResponseHead& response);

// The place that `reference` (RFC 3986 §4.1, without its fragment) means to who is at `from`,
// written to `room`, of which `from` may be made. None if it does not fit, has another scheme than
// http, or no host. Whether it can be asked for has still to be checked.
std::optional<Redirect> resolve(std::string_view reference, const Place& from,
                                std::span<char> room);

}  // namespace bobbin::http
