// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "lwip_pools.hpp"

#include <lwip/memp.h>
#include <lwip/priv/memp_priv.h>

namespace {

constexpr std::string_view names[] = {
#define LWIP_MEMPOOL(name, number, size, description) "lwIP " description,
#include <lwip/priv/memp_std.h>
};

std::uint32_t count_free(const memp_desc& pool) {
  std::uint32_t count = 0;
  for (const memp* free = *pool.tab; free != nullptr; free = free->next) ++count;
  return count;
}

}  // namespace

bobbin::Error add_lwip_pools(Figures& figures) {
  for (std::size_t i = 0; i < MEMP_MAX; ++i) {
    const memp_desc* const pool = memp_pools[i];
    const auto use = [pool] {
      return bobbin::PoolUse{.capacity = pool->num, .in_use = pool->num - count_free(*pool)};
    };
    const std::size_t bytes = std::size_t{pool->num} * (MEMP_SIZE + MEMP_ALIGN_SIZE(pool->size));
    const PoolFigures row{.name = names[i], .bytes = bytes, .use = use, .counts = false};
    if (bobbin::Error error = figures.add(row)) return error;
  }
  return {};
}
