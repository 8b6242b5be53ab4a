// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <random>

#include <bobbin/lwip/host.hpp>

#include <lwip/netif.h>

namespace bobbin::test {

// A board whose Ethernet is a TAP interface of this machine, at whose other end is the kernel. Real
// time. Makes the interface, gives the kernel 10.9.0.1 and lwIP 10.9.0.2 on it.
class TapHost final : public LwipHost {
 public:
  // Says on standard error what is not permitted here, and `ready` is false.
  TapHost();
  ~TapHost();
  TapHost(const TapHost&) = delete;
  TapHost& operator=(const TapHost&) = delete;

  bool ready() const { return ready_; }

  // One frame in so many is lost in each direction; 0: none.
  void lose_one_in(std::uint32_t frames) { lost_of_ = frames; }

  // While it is out, lwIP's interface has no link and every frame is lost.
  void pull_cable(bool is_out);

  Instant now() override;
  Input poll_input() override;
  void sleep_until(Instant deadline) override;
  void wake() override;
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const override { return true; }
#endif

 private:
  static err_t set_up(netif* interface);
  static err_t send(netif* interface, pbuf* frame);

  bool open();
  bool loses_this_one();
  bool take(const std::uint8_t* frame, std::size_t length);

  int tap_ = -1;
  int waker_ = -1;
  bool ready_ = false;
  bool is_out_ = false;
  bool frame_waits_ = false;  // that lwIP had no buffer for
  std::size_t waiting_length_ = 0;
  std::uint8_t waiting_[1600];
  std::uint32_t lost_of_ = 0;
  std::mt19937 numbers_{1};
  netif interface_{};
};

}  // namespace bobbin::test
