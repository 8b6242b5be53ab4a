// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/net/endpoint.hpp>

namespace example {

// Says what is wrong with a description of an endpoint, below the part it is wrong with.
void point_at(std::string_view description, const bobbin::EndpointError& error);

}  // namespace example
