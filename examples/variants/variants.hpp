// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "features.hpp"

// A site that greets in several variants, so that one can find out which is liked best, and a
// channel by which each feature is made more or less likely while it runs.
namespace variants {

using Chance = bobbin::amp::Fixed<6>;

struct Features {
  Chance capitalize{};
  Chance exclaim{};
  bobbin::Random random;

  bool draw(Chance chance) {
    return static_cast<std::int64_t>(random.below(Chance::one)) < chance.units;
  }
};

class Site final : public bobbin::http::RoutedResponder<Site> {
 public:
  explicit Site(Features& features) : features_(features) {}

  bobbin::Error greet(const bobbin::http::RequestHead&, const bobbin::http::Parameters&) {
    constexpr std::string_view greetings[] = {"hello world", "Hello world", "hello world!",
                                              "Hello world!"};
    const bool capital = features_.draw(features_.capitalize);
    const bool mark = features_.draw(features_.exclaim);
    return respond({.type = "text/plain"}, greetings[(mark ? 2 : 0) + (capital ? 1 : 0)]);
  }

  static constexpr bobbin::http::Route<Site> routes[] = {{"GET", "/", &Site::greet}};

 private:
  Features& features_;
};

inline constexpr bobbin::amp::PeerLimits control_limits{.box = 128, .questions = 0, .answers = 0};

class Control final : public bobbin::amp::Peer<Control, control_limits> {
  using Nothing = bobbin::amp::Nothing;
  using Likelihood = features::Likelihood;

 public:
  explicit Control(Features& features) : features_(features) {}

  bobbin::Outcome<Likelihood> get_capitalize(const Nothing&) {
    return Likelihood{features_.capitalize};
  }
  bobbin::Outcome<Nothing> set_capitalize(const Likelihood& likelihood) {
    features_.capitalize = likelihood.value;
    return Nothing();
  }
  bobbin::Outcome<Likelihood> get_exclaim(const Nothing&) { return Likelihood{features_.exclaim}; }
  bobbin::Outcome<Nothing> set_exclaim(const Likelihood& likelihood) {
    features_.exclaim = likelihood.value;
    return Nothing();
  }

  static constexpr bobbin::amp::Responder responders[] = {
      bobbin::amp::responder<features::GetCapitalize, &Control::get_capitalize>,
      bobbin::amp::responder<features::SetCapitalize, &Control::set_capitalize>,
      bobbin::amp::responder<features::GetExclaim, &Control::get_exclaim>,
      bobbin::amp::responder<features::SetExclaim, &Control::set_exclaim>,
  };

 private:
  Features& features_;
};

}  // namespace variants
