// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/thread_host.hpp>

#include <bobbin/assert.hpp>

#include <lwip/opt.h>
#include <lwip/tcpip.h>

namespace bobbin {

LwipThreadHost::LwipThreadHost() {
  [[maybe_unused]] const err_t code = sys_sem_new(&woken_, 0);
  BOBBIN_ASSERT(code == ERR_OK);
}

LwipThreadHost::~LwipThreadHost() { sys_sem_free(&woken_); }

// A reactor that never sleeps must not keep lwIP's thread from its input.
LwipHost::Input LwipThreadHost::poll_input() {
  UNLOCK_TCPIP_CORE();
  LOCK_TCPIP_CORE();
  return Input::drained;
}

// `signalled_` is set whenever the semaphore is, so that many wakes are one signal. Taken back
// before the reactor looks at what it was woken for, so that none is lost.
void LwipThreadHost::sleep_until(Instant deadline) {
  const u32_t length = clock_.until(deadline);
  UNLOCK_TCPIP_CORE();
  sys_arch_sem_wait(&woken_, length);
  signalled_.exchange(false, std::memory_order_acq_rel);
  LOCK_TCPIP_CORE();
}

void LwipThreadHost::wake() {
  if (!signalled_.exchange(true, std::memory_order_acq_rel)) sys_sem_signal(&woken_);
}

#ifdef BOBBIN_CHECK_CONTEXT
bool LwipThreadHost::in_own_context() const {
  LWIP_ASSERT_CORE_LOCKED();
  return true;
}
#endif

}  // namespace bobbin
