// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/lwip/host.hpp>
#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/ethernet.hpp>

namespace bobbin::mps2 {

// The board as the LwipReactor sees it: its clock, its sleep, and its Ethernet with lwIP on it. One
// object, which lives for ever, made before the reactor:
//
//   mps2::LwipBoard board;
//   LwipReactor<> reactor(board);
class LwipBoard final : public LwipHost {
 public:
  // Starts lwIP and the interface. A board whose Ethernet does not answer says so on the console
  // and ends with status 1.
  explicit LwipBoard(const Ipv4Settings& settings = {});

  Ethernet& ethernet() { return ethernet_; }

  Instant now() override;
  Input poll_input() override;
  void sleep_until(Instant deadline) override;
  void wake() override;
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const override { return !in_interrupt(); }
#endif

 private:
  Ethernet ethernet_;
};

}  // namespace bobbin::mps2
