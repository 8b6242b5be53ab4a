// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip/tcpip_host.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

#include <lwip/opt.h>
#include <lwip/priv/tcpip_priv.h>
#include <lwip/tcpip.h>
#include <lwip/timeouts.h>

// Its sum names what only the preprocessor takes for 0.
#if MEMP_NUM_SYS_TIMEOUT <= LWIP_NUM_SYS_TIMEOUT_INTERNAL
#error "bobbin: raise MEMP_NUM_SYS_TIMEOUT to LWIP_NUM_SYS_TIMEOUT_INTERNAL + 1 or more"
#endif

namespace bobbin {

// So the message's place in the box is sure: all that are in it are of these pools, and each once.
static_assert(TCPIP_MBOX_SIZE >= MEMP_NUM_TCPIP_MSG_INPKT + MEMP_NUM_TCPIP_MSG_API,
              "bobbin: TCPIP_MBOX_SIZE must be at least MEMP_NUM_TCPIP_MSG_INPKT + "
              "MEMP_NUM_TCPIP_MSG_API");

// A message on its way becomes one that does nothing and that lwIP frees.
LwipTcpipHost::~LwipTcpipHost() {
  Dependent::shut_down();
  if (message_ == nullptr) return;
  if (posted_.load(std::memory_order_acquire)) {
    auto& message = *reinterpret_cast<tcpip_msg*>(message_);
    message.type = TCPIP_MSG_CALLBACK;
    message.msg.cb.function = [](void*) {};
  } else {
    tcpip_callbackmsg_delete(message_);
  }
}

Error LwipTcpipHost::drive(Reactor& reactor) {
  if (Error error = attach(reactor)) return error;
  if (message_ != nullptr) {
    wake();
    return {};
  }
  message_ = tcpip_callbackmsg_new(on_message, this);
  if (message_ == nullptr) {
    Dependent::shut_down();
    return Errc::no_capacity;
  }
  post();
  return {};
}

void LwipTcpipHost::end() {
  sys_untimeout(on_time, this);
  expected_ = {};
}

// Where the timer is not set, a message is on its way.
void LwipTcpipHost::attend() {
  if (reactor() != nullptr && reactor()->next_deadline() < expected_) wake();
}

void LwipTcpipHost::sleep_until(Instant) {
  constexpr bool lwip_would_stop = true;
  BOBBIN_ASSERT(!lwip_would_stop);
}

void LwipTcpipHost::wake() {
  if (!posted_.exchange(true, std::memory_order_acq_rel)) post();
}

void LwipTcpipHost::post() {
  [[maybe_unused]] const err_t code = tcpip_callbackmsg_trycallback(message_);
  BOBBIN_ASSERT(code == ERR_OK);
}

// Taken back before the reactor looks at what it was woken for, so that no wake is lost.
void LwipTcpipHost::on_message(void* self) {
  auto& host = *static_cast<LwipTcpipHost*>(self);
  host.posted_.exchange(false, std::memory_order_acq_rel);
  host.take_turn();
}

void LwipTcpipHost::on_time(void* self) {
  auto& host = *static_cast<LwipTcpipHost*>(self);
  host.expected_ = {};
  host.take_turn();
}

// The next turn waits behind what else lwIP's thread has to do, also if it is due now: lwIP runs
// what is due of its timers before it looks at its messages.
void LwipTcpipHost::take_turn() {
  if (reactor() == nullptr) return;
  reactor()->turn(Duration::zero());
  if (reactor() == nullptr) return;
  const Instant deadline = reactor()->next_deadline();
  if (deadline <= now()) return wake();
  expect(deadline);
}

void LwipTcpipHost::expect(Instant deadline) {
  if (deadline == expected_) return;
  if (expected_ != Instant{}) sys_untimeout(on_time, this);
  expected_ = deadline;
  sys_timeout(clock_.until(deadline), on_time, this);
}

#ifdef BOBBIN_CHECK_CONTEXT
bool LwipTcpipHost::in_own_context() const {
  LWIP_ASSERT_CORE_LOCKED();
  return true;
}
#endif

}  // namespace bobbin
