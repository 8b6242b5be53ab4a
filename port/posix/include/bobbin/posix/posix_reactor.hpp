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
#include <bobbin/posix/descriptor_stream.hpp>
#include <bobbin/posix/process.hpp>
#include <bobbin/posix/serial_port.hpp>
#include <bobbin/posix/socket_file.hpp>
#include <bobbin/posix/socket_options.hpp>
#include <bobbin/posix/stop_signals.hpp>
#include <bobbin/posix/watched.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

enum class SocketKind : std::uint8_t;

// What the reactors for Linux have in common: everything but how they wait. All calls are for the
// reactor's own thread.
//
// A program with one tells of failures that nobody handled on standard error, a line for each,
// unless it defines `bobbin_unhandled_failure` itself, or an Application logs them.
class PosixReactor : public Reactor {
 public:
  // Whether the constructor got what it needs from the system. A reactor whose status is an error
  // must not run; what could begin something returns the same error.
  Error status() const { return status_; }

  // Accepts connections at `address` until `port.stop_listening()` or the reactor stops. An IPv6
  // address takes IPv6 only. After an error `port` does not listen. Errors: those of
  // `ListeningPort::prepare`; address_in_use, address_not_available, permission_denied;
  // not_supported for a family this machine, or this port, does not have; invalid_argument for
  // socket options out of range; no_capacity, also for more buffer than the system allows;
  // status().
  Error listen_tcp(const Address& address, ListeningPort& port, const ListenOptions& options = {},
                   const SocketOptions& socket_options = {});

  // Starts one attempt to connect; how it went comes from the reactor, also when it failed at once.
  // Errors: those of `Connector::prepare`; not_supported and invalid_argument, as above, and for
  // port 0; no_capacity when the system is short of something; status(). After an error nothing has
  // begun.
  Error connect_tcp(const Address& destination, Connector& connector,
                    const ConnectOptions& options = {}, const SocketOptions& socket_options = {});

  // As `listen_tcp`, for processes of one machine: at the path of a file, an abstract name, or for
  // `Address::unix_unnamed()` an abstract name that is free, which `ListeningPort::host` tells. The
  // file is removed when the port stops listening, if it is still there; for a path that is not
  // absolute, if the working directory is still the same. Errors: as `listen_tcp`;
  // address_not_available where there is no such directory; address_in_use where there is such a
  // file, see SocketFileOptions; permission_denied; invalid_argument for a mode that is none;
  // not_supported for other addresses and `share_port`. After an error no file is left.
  Error listen_unix(const Address& name, ListeningPort& port, const ListenOptions& options = {},
                    const SocketFileOptions& file = {});

  // Errors: as `connect_tcp`; not_supported for other addresses; invalid_argument for no name. If
  // the other's backlog is full it is tried again until `timeout`, which takes a second timer.
  // Where nobody listens the attempt fails with connection_refused, also if there is no such file;
  // permission_denied if its mode does not allow it.
  //
  // To the peer an abort of these connections looks like an orderly end.
  Error connect_unix(const Address& destination, Connector& connector,
                     const ConnectOptions& options = {});

  // Accepts connections at a TCP or Unix-domain socket that listens already: one that systemd hands
  // over, or a predecessor (Twisted's adoptStreamPort). Its backlog and `share_port` are what they
  // are. From now on the socket is the port's, does not block, and is not inherited; a file that it
  // is bound to stays when it is closed. After an error it is the caller's as it was, but for
  // socket options. Errors: those of `ListeningPort::prepare`, of socket options; invalid_argument
  // for what is no stream socket that listens; not_supported for another family; already_registered
  // if this reactor has it; no_capacity; status().
  Error adopt_port(int socket, ListeningPort& port, const ListenOptions& options = {},
                   const SocketOptions& socket_options = {});

  // Makes a connection of a TCP or Unix-domain socket that is connected, one end of a socketpair
  // for one (Twisted's adoptStreamConnection). The connector supplies memory and protocol, as with
  // `connect_tcp`. The same holds for the socket, and for errors, as with `adopt_port`.
  Error adopt_connection(int socket, Connector& connector, const SocketOptions& options = {});

  // Changes the options of a connection that is open, of TCP or the Unix domain. Errors:
  // connection_lost; not_supported for a `DescriptorStream`'s; invalid_argument, and nothing has
  // changed; no_capacity where the system allows only smaller buffers, and all else has.
  Error set_socket_options(Transport& transport, const SocketOptions& options);

  // Makes a connection of a stream that is there: standard input and output, a serial line. As with
  // `connect_tcp` the connector supplies its memory, builds its protocol, from the reactor and not
  // from inside this call, and hears of its end. Both addresses are 0.0.0.0:0. Errors: those of
  // `Connector::prepare`; already_running when the stream is in use; no_capacity; status(); and
  // those of the kind of stream. After an error nothing has changed.
  Error open_stream(DescriptorStream& stream, Connector& connector);

  // Sends and receives datagrams at `address` until `port.stop_listening()` or the reactor stops.
  // An IPv6 address takes IPv6 only. After an error `port` does not listen. Errors: those of
  // `DatagramPort::prepare`; address_in_use, address_not_available, permission_denied;
  // not_supported for a family this machine does not have; no_capacity; status().
  // A system that does not know SO_RXQ_OVFL drops uncounted what it has no room for; one without
  // IP_MULTICAST_ALL (IPv6: before Linux 4.20) lets a port hear the groups that others have joined.
  Error listen_udp(const Address& address, DatagramPort& port, const UdpOptions& options = {});

  // Begins a process (Twisted's spawnProcess): on return it runs the program, and `protocol` hears
  // of it from the next turn on. For Linux 5.3 or later. Errors: already_running while `process` is
  // in use; invalid_argument for no program, or descriptors to pass that are none;
  // address_not_available when there is no such program or directory; permission_denied; those of
  // `open_stream`; not_running when the reactor has stopped; no_capacity; not_supported;
  // system_error with errno for what else keeps a program from beginning. After an error there is
  // no process, and nobody is called.
  Error spawn_process(Process& process, ProcessProtocol& protocol, const ProcessOptions& options);

  // The first SIGINT or SIGTERM calls `stop()`, or else `instead`, with its number. Both are then
  // as they were before, so that a second one ends a program that hangs. Until then they are
  // blocked for this thread, and for threads and programs it starts: call it before starting
  // threads, or a signal may be delivered to one of them. Errors: already_registered, no_capacity,
  // status().
  Error stop_on_signals(StopSignals::Observer instead = {});

 protected:
  explicit PosixReactor(Storage storage);
  ~PosixReactor() = default;

  // To be called once by the constructor of a reactor that can watch; `trouble` is its own.
  void open(Error trouble);

  // Calls `ready` for each event of a descriptor, once for as long as the descriptor is open: what
  // is paused or does not wait for room simply does not act on the event. Errors: no_capacity;
  // already_registered.
  enum class Interest : std::uint8_t { input, room, input_and_room };
  virtual Error watch(int descriptor, Watched& watched, Interest interest) = 0;
  // Whether `watch` has a place for one more; the system may be short of something all the same.
  virtual bool may_watch() = 0;
  // Also from inside `ready`.
  virtual void forget(int descriptor) = 0;

  // How long a wait for `until` may be; `forever` without an end.
  Duration longest_sleep(Instant until);

  int waker() const { return waker_.descriptor.number(); }

 private:
  friend class DatagramSocket;
  friend class DescriptorStream;
  friend class Process;
  friend class ProcessOne;
  friend class SocketAcceptor;
  friend class SocketChannel;
  friend class StopSignals;

  struct Waker final : Watched {
    void ready(std::uint32_t) override {}
    Descriptor descriptor;
  };

  Result<Channel*> start_connecting(Connector& connector, Result<int> socket, SocketKind kind);
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

  // The longest message that is read without memory of its connection's own.
  static constexpr std::size_t input_bytes = 64 * 1024;

  Waker waker_;
  StopSignals stop_signals_{*this};
  Process* processes_ = nullptr;  // those in use
  Instant start_{};
#ifdef BOBBIN_CHECK_CONTEXT
  std::optional<pthread_t> thread_;
#endif
  Error status_;
  ReadyList held_back_;
  Instant memory_retry_ = never;  // of those
  std::byte input_[input_bytes];
};

}  // namespace bobbin
