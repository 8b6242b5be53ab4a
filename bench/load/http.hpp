// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "message.hpp"

namespace bench {

// What every HTTP server of the bench is asked for.
inline constexpr std::string_view http_request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

// What the server at that port answers: 200 and the content "Hello, world\n", whose length it says.
// Anything else ends the program with the reason.
std::string http_answer(std::uint16_t port);

// Where in the answer the time is, which changes from second to second; empty if nowhere.
Part date_in(std::string_view answer);

}  // namespace bench
