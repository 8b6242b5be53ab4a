// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: branches are no deeper than Branch::depth_max

#include <bobbin/http.hpp>

struct Site final : bobbin::http::RoutedResponder<Site> {
  static constexpr bobbin::http::Branch<Site> fifth[] = {{"/e", {}}};
  static constexpr bobbin::http::Branch<Site> fourth[] = {{"/d", {}, {}, fifth}};
  static constexpr bobbin::http::Branch<Site> third[] = {{"/c", {}, {}, fourth}};
  static constexpr bobbin::http::Branch<Site> second[] = {{"/b", {}, {}, third}};
  static constexpr bobbin::http::Branch<Site> first[] = {{"/a", {}, {}, second}};
#ifdef BOBBIN_CONTROL
  static constexpr auto& branches = second;
#else
  static constexpr auto& branches = first;
#endif
};

Site site;
