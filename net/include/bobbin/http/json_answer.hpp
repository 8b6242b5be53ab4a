// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <bobbin/http/responder.hpp>
#include <bobbin/net/json_writer.hpp>

namespace bobbin::http {

// A whole answer in JSON, of up to `size_max` bytes, which lie on the stack meanwhile; of the type
// application/json, unless `response` says another. Errors: those of `AnyResponder::respond`, and
// no_capacity where the text is longer, or too deep; then nothing was sent.
//
//   return http::respond_json(*this, [this](JsonWriter& json) {
//     json.object();
//     json.key("temperature");
//     json.number(temperature_);
//     json.object_end();
//   });
template <std::size_t size_max = 256, class Write>
Error respond_json(AnyResponder& responder, Write write, Response response = {}) {
  std::array<char, size_max> place;
  JsonWriter json(place);
  write(json);
  const Result<std::string_view> text = json.text();
  if (!text) return text.error();
  if (response.type.empty()) response.type = "application/json";
  return responder.respond(response, *text);
}

}  // namespace bobbin::http
