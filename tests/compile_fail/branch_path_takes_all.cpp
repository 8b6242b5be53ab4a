// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: refuse

#include <bobbin/http.hpp>

#ifdef BOBBIN_CONTROL
inline constexpr bobbin::http::BranchPath path = "/api/<rest>";
#else
inline constexpr bobbin::http::BranchPath path = "/api/<path:rest>";
#endif
