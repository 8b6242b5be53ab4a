// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>

#include <bobbin/dependent.hpp>
#include <bobbin/lwip/host.hpp>
#include <bobbin/lwip/milliseconds.hpp>

struct tcpip_callback_msg;

namespace bobbin {

// The LwipHost for a reactor in lwIP's own thread, tcpip_thread (NO_SYS 0), which takes a turn
// whenever the reactor has something to do, between its frames and timers: no thread more, no stack
// more, and a turn waits for no lock. For example, in what tcpip_init() is told to call:
//
//   void start(void*) {
//     static LwipTcpipHost host;
//     static LwipReactor<> reactor(host);
//     static TcpServer<Echo, sizes> server;
//     if (reactor.listen_tcp(Address::any(7), server)) …
//     if (host.drive(reactor)) …
//   }
//
// A turn takes at most its budget, and lwIP's thread looks after lwIP between two of them. So
// nothing in it may block, as in any reactor.
//
// Everything that has to do with the reactor, its destruction too, is done in lwIP's thread, or in
// another that has locked lwIP's core; `call_from_thread` excepted. What is done outside of the
// reactor's turns is followed by `attend`. Callbacks come in lwIP's thread.
//
// Time is lwIP's, in milliseconds: what is due is done up to one later. Takes one message of
// MEMP_NUM_TCPIP_MSG_API and one timer, BOBBIN_LWIP_TIMEOUTS.
class LwipTcpipHost final : public LwipHost, private Dependent {
 public:
  // After tcpip_init().
  LwipTcpipHost() = default;
  // While nobody calls `wake`, which `call_from_thread` does. A message to lwIP's thread may be on
  // its way.
  ~LwipTcpipHost();

  // Has `reactor`, of which this is the host, take turns from now on, until it stops or is
  // destroyed; the first one soon, but not yet. Errors: no_capacity, when lwIP has no message left;
  // not_running, when `reactor` has stopped already; already_registered, when this drives another.
  Error drive(Reactor& reactor);

  // For who has called the reactor, or something that it serves, from outside of its turns: from
  // another thread with the core locked, or in lwIP's, in a function of lwIP's timers or of
  // tcpip_callback(). Sees to it that what was asked for begins. Costs little if that was nothing.
  void attend();

  Instant now() override { return clock_.now(); }
  Input poll_input() override { return Input::drained; }

  // Fails an assertion: whoever gives this reactor a turn that may sleep, as `run` does, stops
  // lwIP.
  void sleep_until(Instant deadline) override;

  // From any thread; from an interrupt where the system's sys_mbox_trypost() may be.
  void wake() override;

#ifdef BOBBIN_CHECK_CONTEXT
  // Asserts by LWIP_ASSERT_CORE_LOCKED() that the caller is lwIP's thread or holds the lock.
  bool in_own_context() const override;
#endif

 private:
  void end() override;

  static void on_message(void* self);
  static void on_time(void* self);

  void post();
  void take_turn();
  void expect(Instant deadline);

  LwipMilliseconds clock_;
  tcpip_callback_msg* message_ = nullptr;
  std::atomic<bool> posted_{true};  // the message is on its way; until there is one, it seems so
  Instant expected_{};              // lwIP's timer, set until then; in the past if it is not set
};

}  // namespace bobbin
