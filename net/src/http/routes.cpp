// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/routes.hpp>

#include <algorithm>

#include "syntax.hpp"

namespace bobbin::http {

bool is_host(std::string_view name, std::string_view authority) {
  if (name == "*") return true;
  // A port is behind the last colon; those of an IPv6 address are in brackets.
  const std::size_t colon = authority.rfind(':');
  std::string_view host = authority.find(']', std::min(colon, authority.size())) == authority.npos
                              ? before(authority, colon)
                              : authority;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!name.starts_with("*.")) return same_token(name, host);
  const std::string_view domain = behind(name, 1);
  return host.size() > domain.size() &&
         same_token(behind(host, host.size() - domain.size()), domain);
}

bool Allowed::has(std::string_view method) const {
  std::string_view list = text();
  while (const auto element = next_element(list)) {
    if (*element == method) return true;
  }
  return false;
}

void Allowed::add(std::string_view method) {
  if (has(method) || size_ + method.size() + 2 > text_.size()) return;
  if (size_ > 0) {
    text_[size_++] = ',';
    text_[size_++] = ' ';
  }
  std::copy(method.begin(), method.end(), text_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += method.size();
}

void AnyRoutedResponder::route_missing(const RequestHead&) {
  if (respond({.status = Status::not_found, .type = "text/plain"}, "Not Found\n")) {
    transport().abort_connection();
  }
}

void AnyRoutedResponder::request_failed(const RequestHead&, Error error) { refuse_for(error); }

Error AnyRoutedResponder::respond_with(Status status) {
  return respond({.status = status, .type = "text/plain"}, reason_phrase(status));
}

void AnyRoutedResponder::refuse_for(Error error) {
  const Error trouble = respond_with(error == Errc::no_capacity ? Status::service_unavailable
                                                                : Status::internal_server_error);
  // An answer that has begun cannot become another one; one that is finished may stand.
  if (trouble == Errc::already_running) transport().abort_connection();
}

void AnyRoutedResponder::answer_allowed(const RequestHead& request, const Allowed& routes) {
  Allowed allowed = routes;
  if (routes.has("GET")) allowed.add("HEAD");
  allowed.add("OPTIONS");
  const Field allow{"Allow", allowed.text()};
  const bool asked = request.method == "OPTIONS";
  const Error error = respond(
      {.status = asked ? Status::no_content : Status::method_not_allowed, .fields = {&allow, 1}},
      "");
  if (error) transport().abort_connection();
}

}  // namespace bobbin::http
