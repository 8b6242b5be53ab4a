// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: up to Pattern::parameters_max parameters

#include <bobbin/http.hpp>

struct Site final : bobbin::http::RoutedResponder<Site> {
  bobbin::Error answer(const bobbin::http::RequestHead&, const bobbin::http::Parameters&);

  static constexpr bobbin::http::Route<Site> routes_inside[] = {{"GET", "/<d>/<e>", &Site::answer}};
  static constexpr bobbin::http::Branch<Site> inner[] = {{"/<c>", routes_inside}};
#ifdef BOBBIN_CONTROL
  static constexpr bobbin::http::Branch<Site> branches[] = {{ "/<a>", {}, {}, inner }};
#else
  static constexpr bobbin::http::Branch<Site> branches[] = {{"/<a>/<b>", {}, {}, inner}};
#endif
};

Site site;
