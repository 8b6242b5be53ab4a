// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "figures.hpp"

// lwIP's pools. It keeps no count of them where its statistics are left out, but what is free can
// be counted.
bobbin::Error add_lwip_pools(Figures& figures);
