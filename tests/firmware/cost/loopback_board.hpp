// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/lwip/host.hpp>

namespace cost {

// The board's clock with lwIP's loopback interface in place of its Ethernet: both ends of a
// connection are in one image, and nothing but instructions takes time. What is sent arrives after
// the next sleep, as from a wire.
class LoopbackBoard final : public bobbin::LwipHost {
 public:
  LoopbackBoard();

  bobbin::Instant now() override;
  Input poll_input() override;
  // Returns at once while something is under way, which is what a frame does to the board.
  void sleep_until(bobbin::Instant deadline) override;
  void wake() override {}

  // Whether something was sent that has not arrived.
  bool under_way() const;
};

}  // namespace cost
