// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: HEAD goes to the route for GET

#include <bobbin/http.hpp>

struct Site final : bobbin::http::RoutedResponder<Site> {
  bobbin::Error answer(const bobbin::http::RequestHead&, const bobbin::http::Parameters&);

#ifdef BOBBIN_CONTROL
  static constexpr bobbin::http::Route<Site> own[] = {{ "GET", "/", &Site::answer }};
#else
  static constexpr bobbin::http::Route<Site> own[] = {{"HEAD", "/", &Site::answer}};
#endif
  static constexpr bobbin::http::Branch<Site> branches[] = {{"/api", own}};
};

Site site;
