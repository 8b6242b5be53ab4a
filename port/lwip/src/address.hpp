// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/address.hpp>

#include <lwip/ip_addr.h>

namespace bobbin {

// False when lwIP was built without the address's family.
bool to_lwip(const Address& address, ip_addr_t& ip);

Address from_lwip(const ip_addr_t& ip, std::uint16_t port);

}  // namespace bobbin
