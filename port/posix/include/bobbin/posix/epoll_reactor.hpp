// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <pthread.h>

#include <cstdint>

#include <bobbin/address.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/datagram_port.hpp>
#include <bobbin/error.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/stop_signals.hpp>
#include <bobbin/posix/watched.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

// EpollReactor without its sizes. All calls are for the reactor's own thread.
class EpollReactorBase : public Reactor {
 public:
  // Whether the constructor got what it needs from the system. A reactor whose status is an error
  // must not run; `listen_tcp`, `connect_tcp` and `listen_udp` return the same error.
  Error status() const { return status_; }

  // Accepts connections at `address` until `port.stop_listening()` or the reactor stops. An IPv6
  // address takes IPv6 only. After an error `port` does not listen. Errors: those of
  // `ListeningPort::prepare`; address_in_use, address_not_available, permission_denied;
  // not_supported for a family this machine, or this port, does not have; no_capacity; status().
  Error listen_tcp(const Address& address, ListeningPort& port, const ListenOptions& options = {});

  // Starts one attempt to connect; how it went comes from the reactor, also when it failed at once.
  // Errors: those of `Connector::prepare`; not_supported, as above; no_capacity when the system is
  // short of something; status(). After an error nothing has begun.
  Error connect_tcp(const Address& destination, Connector& connector,
                    const ConnectOptions& options = {});

  // Sends and receives datagrams at `address` until `port.stop_listening()` or the reactor stops.
  // An IPv6 address takes IPv6 only. After an error `port` does not listen. Errors: those of
  // `DatagramPort::prepare`; address_in_use, address_not_available, permission_denied;
  // not_supported for a family this machine does not have; no_capacity; status().
  Error listen_udp(const Address& address, DatagramPort& port, const UdpOptions& options = {});

  // For a loop of somebody else's, which calls `turn(Duration::zero())`: a descriptor that poll(2),
  // or an epoll of that loop, shows as readable (level-triggered) when something happened that no
  // turn has taken yet: on a socket, a posted call, a signal. It is only to be waited for; nothing
  // may be read from it or added to it. It knows nothing of time and of what the turn before left
  // over: wait no longer than until `next_deadline()`, asked anew after each turn and after every
  // other call into the reactor. A turn takes what made it readable even if it has no use for it,
  // so it never stays readable while nothing happens. Negative when `status()` is an error.
  int descriptor() const { return epoll_.number(); }

  // The first SIGINT or SIGTERM calls `stop()`. Both are then as they were before, so that a second
  // one ends a program that hangs. Until then they are blocked for this thread, and for threads and
  // programs it starts: call it before starting threads, or a signal may be delivered to one of
  // them. Errors: already_registered, no_capacity, status().
  Error stop_on_signals();

 protected:
  explicit EpollReactorBase(Storage storage);
  ~EpollReactorBase();

 private:
  friend class DatagramSocket;
  friend class SocketAcceptor;
  friend class SocketChannel;

  struct Waker final : Watched {
    void ready(std::uint32_t) override {}
    Descriptor descriptor;
  };

  Error open();
  Result<Channel*> start_connecting(const Address& destination, Connector& connector);

  Instant read_clock() override;
  void wait(Instant until) override;
  void wake() override;
  void adopt_context() override;
  bool is_own_context() const override;
  Duration longest_sleep(Instant until);

  // Edge-triggered, once for as long as the descriptor is open: what is paused or does not wait for
  // room simply does not act on the event. Errors: no_capacity.
  enum class Interest : std::uint8_t { input, input_and_room };
  Error watch(int descriptor, Watched& watched, Interest interest = Interest::input);
  void forget_and_close(int descriptor);
  // The system was short of memory, and no event will tell when it is not: wait only a moment.
  void do_not_sleep_long() { short_of_memory_ = true; }

  Descriptor epoll_;
  Waker waker_;
  StopSignals stop_signals_{*this};
  Instant start_{};
  pthread_t thread_{};
  Error status_;
  bool short_of_memory_ = false;
};

}  // namespace bobbin
