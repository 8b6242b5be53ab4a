// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_owner.hpp>

#include <bobbin/connection_pool.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

ConnectionOwner::ConnectionOwner(ConnectionPool& pool) : pool_(pool), limits_(pool.limits()) {}

void ConnectionOwner::watch_activity(bool wanted) {
  if (wanted && !watches_activity_) pool_.note_activity(*this, reactor()->now());
  watches_activity_ = wanted;
}

void ConnectionOwner::end() {
  stop_opening();
  pool_.close_all(*this);
}

}  // namespace bobbin
