// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <atomic>
#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/datagram_port.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/lwip/host.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

// LwipReactor without its memory; see there.
//
// lwIP calls its callbacks from inside `wait` only, or from its own thread while `wait` sleeps, and
// they only record and mark: whatever an application does happens in the reactor's other steps,
// outside of lwIP.
class LwipReactorBase : public Reactor {
 public:
  // Accepts connections at `address`; port 0 chooses one (`port.host()`). :: is IPv6 alone. Errors:
  // address_in_use, no_capacity (MEMP_NUM_TCP_PCB_LISTEN, and one connection's pcb for a moment),
  // not_supported (a family lwIP was built without); invalid_argument when the pool's receive
  // buffer is larger than TCP_WND, as a message that fills it could never arrive, or when it has
  // more connections than BOBBIN_LWIP_CONNECTIONS, for which lwIP's memory is reckoned; and those
  // of `ListeningPort::prepare`. At most BOBBIN_LWIP_BACKLOG of `options.backlog` count.
  Error listen_tcp(const Address& address, ListeningPort& port, const ListenOptions& options = {});

  // Connects; how it went is told by the connector's factory. Errors: no_capacity (also when lwIP
  // has no pcb or segment), unreachable (no interface leads there), not_supported and
  // invalid_argument as above; and those of `Connector::prepare`.
  Error connect_tcp(const Address& destination, Connector& connector,
                    const ConnectOptions& options = {});

  // Sends and receives datagrams at `address`; port 0 chooses one (`port.host()`). :: is IPv6
  // alone. Up to BOBBIN_LWIP_DATAGRAMS wait for the reactor, the rest is dropped and counted.
  // Nothing is copied on its way out. No port hears of refusals. Errors: address_in_use,
  // no_capacity (BOBBIN_LWIP_UDP_PORTS), address_not_available (no interface with the address of
  // `options.multicast_interface`), not_supported as above; and those of `DatagramPort::prepare`.
  Error listen_udp(const Address& address, DatagramPort& port, const UdpOptions& options = {});

  // How often the sleep ended, whatever ended it. lwIP's own timers, and frames that change nothing
  // for an application, end it without a turn of the reactor.
  std::uint32_t wakeups() const { return wakeups_; }

 protected:
  LwipReactorBase(Storage storage, LwipHost& host) : Reactor(storage), host_(host) {
    // Calls may be asked for before the first turn.
    set_now(host.now());
  }
  ~LwipReactorBase() = default;

 private:
  friend class FromLwip;
  friend class LwipChannel;

  // Windows that opened in this turn. They are announced in the second round of the step that
  // writes, when every answer of the first has left and has told of its own.
  class OpenedWindows final : public Selectable {
   public:
    explicit OpenedWindows(Reactor& reactor) : reactor_(reactor) {}
    void mark();
    void do_read() override {}
    void do_write() override;

   private:
    Reactor& reactor_;
    bool answers_have_left_ = false;
  };

  Instant read_clock() override { return host_.now(); }
  void wait(Instant until) override;
  void wake() override;
  Instant port_deadline() const override;
#ifdef BOBBIN_CHECK_CONTEXT
  bool is_own_context() const override { return host_.in_own_context(); }
#endif

  bool done_waiting() const;

  // lwIP's thread marked something, perhaps.
  void wake_for_marked();

  // A channel found no segment to write with and has none on its way whose end it would hear of.
  void memory_is_short() { memory_short_ = true; }
  // Segments were given back: whoever had found none may try again.
  void memory_was_freed() {
    if (memory_short_) retry_writes();
  }
  void retry_writes();

  void window_opened() { opened_windows_.mark(); }

  LwipHost& host_;
  OpenedWindows opened_windows_{*this};
  LwipHost::Input input_ = LwipHost::Input::drained;  // what the latest poll found
  std::uint32_t wakeups_ = 0;
  std::atomic<bool> woken_{false};
  bool memory_short_ = false;
};

}  // namespace bobbin
