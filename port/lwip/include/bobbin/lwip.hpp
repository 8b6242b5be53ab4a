// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>
#include <bobbin/lwip/host.hpp>
#include <bobbin/lwip/reactor.hpp>
#include <bobbin/lwip/resolver.hpp>

namespace bobbin {

// The reactor for lwIP. All of its memory is its `sizeof`, beside lwIP's own pools. It does not
// move. Without an operating system (NO_SYS 1) it is made after `lwip_init()` and after an
// interface was added; it runs lwIP's timers and input, so nothing else may. With one see
// LwipTcpipHost and LwipThreadHost.
template <ReactorSizes sizes = ReactorSizes{}>
class LwipReactor final : private ReactorStorage<sizes>, public LwipReactorBase {
 public:
  // `host` is the caller's and outlives the reactor.
  explicit LwipReactor(LwipHost& host) : LwipReactorBase(this->spans(), host) {}
  ~LwipReactor() { this->shut_down(); }
};

static_assert(TcpReactor<LwipReactor<>>);
static_assert(UdpReactor<LwipReactor<>>);

}  // namespace bobbin
