// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: refuse

#include <bobbin/http.hpp>

#ifdef BOBBIN_CONTROL
inline constexpr bobbin::http::Template page = "<p>{{name}}</p>";
#else
inline constexpr bobbin::http::Template page = "<p>{{\"name\"}}</p>";
#endif
