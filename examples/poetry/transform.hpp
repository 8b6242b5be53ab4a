// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <bobbin/net.hpp>

#include "poem.hpp"

namespace poetry {

// What can be done with a poem. It knows of no network, so any number of protocols may offer it.
class TransformService {
 public:
  static constexpr std::size_t name_max = 16;

  // The poem as the transform of this name makes it, valid until the next; none if there is no such
  // transform. Only what stands in the table can be named.
  std::optional<std::string_view> transform(std::string_view name, std::string_view poem) {
    const auto known = std::ranges::find(transforms, name, &Transform::name);
    if (known == transforms.end() || poem.size() > poem_max) return std::nullopt;
    std::ranges::transform(poem, text_.begin(), known->of_letter);
    return std::string_view(text_.data(), poem.size());
  }

 private:
  struct Transform {
    std::string_view name;
    char (*of_letter)(char);
  };

  static constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }
  static constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; }
  static constexpr std::array transforms{Transform{"cummingsify", lower},
                                         Transform{"shout", upper}};

  std::array<char, poem_max> text_;
};

// Asks for a poem to be transformed, "cummingsify.TYGER TYGER", and answers with the new poem, both
// as netstrings. So either end can tell what is whole from what broke off. Whom the service
// refuses gets no answer, only the end.
inline constexpr std::size_t request_max = TransformService::name_max + 1 + poem_max;

class TransformProtocol final : public bobbin::NetstringReceiver<request_max> {
 public:
  explicit TransformProtocol(TransformService& service) : service_(service) {}

  bobbin::Taken string_received(Bytes request) override {
    const std::string_view text = bobbin::text_of(request);
    const std::size_t dot = text.find('.');
    if (dot != std::string_view::npos) {
      const auto poem = service_.transform(text.substr(0, dot), text.substr(dot + 1));
      if (poem && !send_string(*poem)) return bobbin::Taken::not_now;
    }
    transport().lose_connection();
    return bobbin::Taken::yes;
  }

 private:
  TransformService& service_;
};

}  // namespace poetry
