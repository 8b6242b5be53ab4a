// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/lwip/host.hpp>

namespace bobbin::test {

// A board in a test's process: lwIP's loopback interface, and time that passes only while the
// reactor sleeps, then at once. Supplies what lwIP asks of a board. Needs LWIP_NETIF_LOOPBACK.
//
// Where lwIP is built for groups there is a second interface, a wire with nobody at its end, which
// the loopback interface cannot be: it would hear each datagram to a group twice.
//
// lwIP is one for the process, and so is its time, which goes on from test to test; the first
// LoopbackHost initializes both.
class LoopbackHost final : public LwipHost {
 public:
  LoopbackHost();

  static constexpr Address::Ip4 wire_ip4{10, 0, 0, 1};
  static std::uint32_t wire_scope();  // for addresses on the wire

  Instant now() override;
  Input poll_input() override;
  // A sleep that nothing could ever end fails the program.
  void sleep_until(Instant deadline) override;
  void wake() override { woken_ = true; }
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const override { return own_context_; }
#endif

  // Lets time pass with nobody running, not even lwIP.
  static void advance(Duration length);

  // For random numbers, such as initial sequence numbers.
  static void seed(std::uint64_t seed);

  // While cut, every packet is lost.
  void cut(bool is_cut) { cut_ = is_cut; }

  // As a cable: while it is out, nothing leads anywhere and every packet is lost.
  void unplug(bool is_out);

  // As if what follows ran in an interrupt.
  void interrupt(bool is_interrupt) { own_context_ = !is_interrupt; }

  // As a chip whose frames nobody can take: `poll_input` leaves them and says so.
  void starve(bool is_starved) { starved_ = is_starved; }

  std::uint32_t sleeps() const { return sleeps_; }

 private:
  bool woken_ = false;
  bool own_context_ = true;
  bool cut_ = false;
  bool starved_ = false;
  std::uint32_t sleeps_ = 0;
};

}  // namespace bobbin::test
