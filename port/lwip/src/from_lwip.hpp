// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/assert.hpp>
#include <bobbin/lwip/reactor.hpp>

#include "options.hpp"

namespace bobbin {

// A call that lwIP makes, for as long as it lasts. It comes in the reactor's own context. Where
// lwIP has a thread of its own, it comes while the reactor sleeps, which is woken for what was
// marked.
class FromLwip {
 public:
  explicit FromLwip([[maybe_unused]] LwipReactorBase& reactor) {
    BOBBIN_ASSERT_CONTEXT(reactor);
    if constexpr (options::lwip_has_thread) reactor_ = &reactor;
  }
  ~FromLwip() {
    if constexpr (options::lwip_has_thread) reactor_->wake_for_marked();
  }
  FromLwip(const FromLwip&) = delete;
  FromLwip& operator=(const FromLwip&) = delete;

 private:
  LwipReactorBase* reactor_ = nullptr;
};

}  // namespace bobbin
