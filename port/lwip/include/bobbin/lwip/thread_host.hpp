// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>

#include <bobbin/lwip/host.hpp>
#include <bobbin/lwip/milliseconds.hpp>

#include <lwip/sys.h>

namespace bobbin {

// The LwipHost for lwIP with a thread of its own (NO_SYS 0), which runs lwIP's timers and takes its
// input, and the reactor in another, which holds lwIP's core lock whenever it does not sleep. (For
// a reactor in lwIP's thread see LwipTcpipHost.)
//
//   tcpip_init(…);
//   static LwipThreadHost host;
//   LOCK_TCPIP_CORE();
//   static LwipReactor<> reactor(host);
//   …
//   reactor.run();
//   UNLOCK_TCPIP_CORE();
//
// So lwIP's callbacks come only while the reactor sleeps, and everything that has to do with the
// reactor, its destruction too, is done with the core locked; `call_from_thread` excepted. Who
// waits for the lock must get it when the reactor gives it up for a moment in each turn: by a
// higher priority, as lwIP's thread has on most systems, or because the lock is fair.
//
// Time is lwIP's, in milliseconds: what is due is done up to one later. After a quiet time lwIP's
// thread may notice a timer that the reactor's calls started, such as the retransmission of a SYN,
// with a delay of up to a second, as with every program that uses lwIP under its lock.
class LwipThreadHost final : public LwipHost {
 public:
  // After tcpip_init(). One whose semaphore the system has no memory for fails an assertion.
  LwipThreadHost();
  ~LwipThreadHost();
  LwipThreadHost(const LwipThreadHost&) = delete;
  LwipThreadHost& operator=(const LwipThreadHost&) = delete;

  Instant now() override { return clock_.now(); }
  Input poll_input() override;
  void sleep_until(Instant deadline) override;

  // From any thread; from an interrupt where the system's sys_sem_signal() may be.
  void wake() override;

#ifdef BOBBIN_CHECK_CONTEXT
  // Asserts by LWIP_ASSERT_CORE_LOCKED() that the caller holds the lock.
  bool in_own_context() const override;
#endif

 private:
  sys_sem_t woken_;
  std::atomic<bool> signalled_{false};
  LwipMilliseconds clock_;
};

}  // namespace bobbin
