// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: a route begins with '/'

#include <bobbin/http.hpp>

struct Site final : bobbin::http::RoutedResponder<Site> {
  bobbin::Error answer(const bobbin::http::RequestHead&, const bobbin::http::Parameters&);

  static constexpr bobbin::http::Route<Site> own[] = {{"GET", "", &Site::answer}};
#ifdef BOBBIN_CONTROL
  static constexpr bobbin::http::Branch<Site> branches[] = {{ "/api", own }};
#else
  static constexpr auto& routes = own;
#endif
};

Site site;
