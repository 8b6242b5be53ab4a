// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: the name of a field has 1 to 255 bytes and does not begin with '_'

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

struct Arguments {
  int ask = 0;
#ifdef BOBBIN_CONTROL
  static constexpr std::tuple fields{bobbin::amp::Field("ask", &Arguments::ask)};
#else
  static constexpr std::tuple fields{bobbin::amp::Field("_ask", &Arguments::ask)};
#endif
};

void put(bobbin::amp::BoxSink& sink) { bobbin::amp::put_fields(sink, Arguments{}); }
