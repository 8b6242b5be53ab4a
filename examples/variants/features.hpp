// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

// What can be got and set of a site that is tried out in several variants: how likely each feature
// is, from 0 to 1. Each command is about one feature, so two that belong together are not changed
// at once, and nobody is led to believe so.
namespace features {

// On the wire a Float.
struct Likelihood {
  bobbin::amp::Fixed<6> value;
  static constexpr std::tuple fields{bobbin::amp::Field("value", &Likelihood::value)};
};

struct GetCapitalize {
  static constexpr std::string_view name = "GetCapitalize";
  using Arguments = bobbin::amp::Nothing;
  using Response = Likelihood;
};
struct SetCapitalize {
  static constexpr std::string_view name = "SetCapitalize";
  using Arguments = Likelihood;
  using Response = bobbin::amp::Nothing;
};
struct GetExclaim {
  static constexpr std::string_view name = "GetExclaim";
  using Arguments = bobbin::amp::Nothing;
  using Response = Likelihood;
};
struct SetExclaim {
  static constexpr std::string_view name = "SetExclaim";
  using Arguments = Likelihood;
  using Response = bobbin::amp::Nothing;
};

}  // namespace features
