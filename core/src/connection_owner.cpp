// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_owner.hpp>

#include <bobbin/connection_pool.hpp>

namespace bobbin {

ConnectionOwner::ConnectionOwner(ConnectionPool& pool) : pool_(pool), limits_(pool.limits()) {}

void ConnectionOwner::end() {
  stop_opening();
  pool_.close_all(*this);
}

}  // namespace bobbin
