// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <pthread.h>

#include <cstdint>
#include <optional>

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

// What the reactors for Linux have in common: everything but how they wait. All calls are for the
// reactor's own thread.
class PosixReactor : public Reactor {
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

  // The first SIGINT or SIGTERM calls `stop()`. Both are then as they were before, so that a second
  // one ends a program that hangs. Until then they are blocked for this thread, and for threads and
  // programs it starts: call it before starting threads, or a signal may be delivered to one of
  // them. Errors: already_registered, no_capacity, status().
  Error stop_on_signals();

 protected:
  explicit PosixReactor(Storage storage);
  ~PosixReactor() = default;

  // To be called once by the constructor of a reactor that can watch; `trouble` is its own.
  void open(Error trouble);

  // Calls `ready` for each event of a descriptor, once for as long as the descriptor is open: what
  // is paused or does not wait for room simply does not act on the event. Errors: no_capacity.
  enum class Interest : std::uint8_t { input, input_and_room };
  virtual Error watch(int descriptor, Watched& watched, Interest interest) = 0;
  // Also from inside `ready`.
  virtual void forget(int descriptor) = 0;

  // How long a wait for `until` may be; `forever` without an end.
  Duration longest_sleep(Instant until);

  int waker() const { return waker_.descriptor.number(); }

 private:
  friend class DatagramSocket;
  friend class SocketAcceptor;
  friend class SocketChannel;
  friend class StopSignals;

  struct Waker final : Watched {
    void ready(std::uint32_t) override {}
    Descriptor descriptor;
  };

  Result<Channel*> start_connecting(const Address& destination, Connector& connector);
  void forget_and_close(int descriptor);
  // The system was short of memory, and no event will tell when it is not: `item`, which has just
  // been marked, is served in a moment.
  void hold_back(Selectable& item);
  void serve_held_back();

  Instant read_clock() override;
  void wake() override;
  Instant port_deadline() const override { return memory_retry_; }
#ifdef BOBBIN_CHECK_CONTEXT
  void adopt_context() override;
  bool is_own_context() const override;
#endif

  Waker waker_;
  StopSignals stop_signals_{*this};
  Instant start_{};
#ifdef BOBBIN_CHECK_CONTEXT
  std::optional<pthread_t> thread_;
#endif
  Error status_;
  ReadyList held_back_;
  Instant memory_retry_ = never;  // of those
};

}  // namespace bobbin
