// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: each of a name of its own

#include <bobbin/http.hpp>

struct Site final : bobbin::http::RoutedResponder<Site> {
  bobbin::Error answer(const bobbin::http::RequestHead&, const bobbin::http::Parameters&);

#ifdef BOBBIN_CONTROL
  static constexpr bobbin::http::Route<Site> inside[] = {{ "GET", "/<int:other>", &Site::answer }};
#else
  static constexpr bobbin::http::Route<Site> inside[] = {{"GET", "/<int:id>", &Site::answer}};
#endif
  static constexpr bobbin::http::Branch<Site> branches[] = {{"/<id>", inside}};
};

Site site;
