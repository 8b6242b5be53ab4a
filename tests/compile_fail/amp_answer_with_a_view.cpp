// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: an answer outlives the bytes it came in

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

struct Name {
  static constexpr std::string_view name = "Name";
  using Arguments = bobbin::amp::Nothing;
  struct Response {
#ifdef BOBBIN_CONTROL
    bobbin::amp::Text<20> text;
#else
    std::string_view text;
#endif
    static constexpr std::tuple fields{bobbin::amp::Field("text", &Response::text)};
  };
};

bobbin::amp::Question<Name> question;
