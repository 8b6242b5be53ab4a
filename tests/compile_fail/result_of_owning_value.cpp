// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a Result holds a plain value

#include <string>

#include <bobbin/error.hpp>

#ifdef BOBBIN_CONTROL
bobbin::Result<const char*> result = "text";
#else
bobbin::Result<std::string> result = std::string("text");
#endif
