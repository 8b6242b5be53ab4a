// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/resolving_client.hpp>

#include <charconv>

#include "syntax.hpp"

namespace bobbin::http {

std::optional<ResolvingLine::Host> ResolvingLine::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const Result<HostName> name = HostName::parse(before(text, colon));
  if (!name) return std::nullopt;
  Host host{.name = *name};
  if (colon == text.npos) return host;
  const std::string_view digits = behind(text, colon + 1);
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, host.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || host.port == 0) return std::nullopt;
  return host;
}

// The name may have been looked up since, for a connection that was never made.
bool ResolvingLine::knows(std::string_view text) const {
  const std::optional<Host> host = parse(text);
  return host && host == host_ && server() == meant_;
}

Error ResolvingLine::look_up(std::string_view text) {
  const std::optional<Host> host = parse(text);
  if (!host) return Errc::invalid_argument;
  host_ = *host;
  meant_ = Address();
  lookup_.reset();
  const Error error = names_.resolver.resolve(lookup_, host_.name.view(),
                                              {.port = host_.port, .timeout = names_.lookup_time});
  if (error) return error;
  lookup_.add_callbacks([this](std::span<const Address> addresses) { found(addresses); },
                        [this](const Failure& failure) { server_missing(failure); });
  return {};
}

void ResolvingLine::end_look_up() {
  left_ = {};
  lookup_.reset();
}

void ResolvingLine::found(std::span<const Address> addresses) {
  left_ = addresses;
  server_found(*next_address());
}

std::optional<Address> ResolvingLine::next_address() {
  if (left_.empty()) return std::nullopt;
  meant_ = left_.front();
  left_ = left_.subspan(1);
  return meant_;
}

}  // namespace bobbin::http
