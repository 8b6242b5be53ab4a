// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <bobbin/bytes.hpp>
#include <bobbin/connection_pool.hpp>
#include <bobbin/connector.hpp>
#include <bobbin/dependent.hpp>
#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/descriptor_stream.hpp>
#include <bobbin/posix/watched.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/selectable.hpp>

namespace bobbin {

class PosixReactor;
class Process;

// How a process ended. Twisted's ProcessDone when `done()`, else its ProcessTerminated.
class ProcessStatus {
 public:
  // Somebody else has taken its status: the program ignores SIGCHLD, or waits for all children.
  constexpr ProcessStatus() = default;

  static constexpr ProcessStatus exited(int code) { return {How::exited, code}; }
  static constexpr ProcessStatus killed(int signal) { return {How::killed, signal}; }

  constexpr bool done() const { return how_ == How::exited && number_ == 0; }
  constexpr bool known() const { return how_ != How::unknown; }

  // One of the two, if it is known: what it returned, or the signal that ended it.
  constexpr std::optional<int> code() const { return number_if(How::exited); }
  constexpr std::optional<int> signal() const { return number_if(How::killed); }

  // As a shell's `$?`: the code, or 128 and the signal; 255 if not known.
  constexpr int as_code() const {
    if (how_ == How::unknown) return 255;
    return how_ == How::exited ? number_ : 128 + number_;
  }

  friend constexpr bool operator==(ProcessStatus, ProcessStatus) = default;

 private:
  enum class How : std::uint8_t { unknown, exited, killed };

  constexpr ProcessStatus(How how, int number) : how_(how), number_(number) {}
  constexpr std::optional<int> number_if(How how) const {
    return how_ == how ? std::optional<int>(number_) : std::nullopt;
  }

  How how_ = How::unknown;
  int number_ = 0;
};

// Gives a process's output and its end their meaning: Twisted's ProcessProtocol. It is the
// caller's, and stays from `spawn_process` until `process_ended` has returned.
//
// Order of calls: `connection_made`; `out_received` and `err_received` any number of times;
// `in_connection_lost`, `out_connection_lost`, `err_connection_lost` once for each that leads to
// us; `process_exited`, which may come before or after those; and `process_ended` last, when all of
// these have come. Output is never lost: it comes before `process_ended`, which therefore waits
// for everybody who has inherited it, unless it is closed. Calls come from the reactor, one at a
// time, and may do anything, but only `process_ended` may destroy the Process, or spawn again.
class ProcessProtocol {
 public:
  ProcessProtocol(const ProcessProtocol&) = delete;
  ProcessProtocol& operator=(const ProcessProtocol&) = delete;

  virtual void connection_made() {}

  // As `Protocol::data_received`: how many bytes, from the front, are used. What is left is offered
  // again with more, or after `resume_producing` of `Process::output()`. Who uses nothing of a full
  // buffer pauses that first, or the process sees its output closed (`message_too_long`).
  virtual std::size_t out_received(Bytes data) { return data.size(); }
  virtual std::size_t err_received(Bytes data) { return data.size(); }

  // The process reads no more (connection_lost), or we have closed its input (connection_done).
  virtual void in_connection_lost([[maybe_unused]] Error reason) {}
  // It, and whoever inherited its output, writes no more (connection_done).
  virtual void out_connection_lost([[maybe_unused]] Error reason) {}
  virtual void err_connection_lost([[maybe_unused]] Error reason) {}

  // It has ended and was waited for: there is no zombie.
  virtual void process_exited([[maybe_unused]] const ProcessStatus& status) {}
  virtual void process_ended([[maybe_unused]] const ProcessStatus& status) {}

  // From `spawn_process` until `process_ended` is called.
  Process& process() const {
    BOBBIN_ASSERT(process_ != nullptr);
    return *process_;
  }

 protected:
  ProcessProtocol() = default;
  ~ProcessProtocol() = default;

 private:
  friend class Process;

  Process* process_ = nullptr;
};

// What a process has at one of its descriptors above the standard ones.
struct PassedDescriptor {
  int ours = -1;
  int theirs = -1;  // 3 or more
};

// How a process begins. All is the caller's, for the call only.
struct ProcessOptions {
  // Where its standard descriptors lead: to us, by a pipe; where ours do; to /dev/null.
  enum class Leads : std::uint8_t { to_us, where_ours_do, nowhere };
  // Of which group of processes it is one: ours; one that it leads, so that a terminal's signals do
  // not reach it and `signal_group` reaches all it starts; a session of its own, without a
  // terminal.
  enum class Group : std::uint8_t { ours, own, own_session };

  // A path, or a name that is looked for in PATH: that of `environment`, or ours.
  const char* program = nullptr;
  // As main gets them, the program's name first and null last; null: the name alone.
  const char* const* arguments = nullptr;
  // "NAME=value", null last; null: what this program has.
  const char* const* environment = nullptr;
  const char* directory = nullptr;  // null: this program's
  // Whose it is; with neither, this program's. Supplementary groups are given up.
  std::optional<std::uint32_t> user{};
  std::optional<std::uint32_t> group{};
  Group process_group = Group::ours;
  Leads input = Leads::to_us;
  Leads output = Leads::to_us;
  Leads errors = Leads::to_us;
  // What it has besides, at most `passed_max`; all our other descriptors are closed to it.
  std::span<const PassedDescriptor> passed{};

  static constexpr std::size_t passed_max = 16;
};

// One process at a time, begun by `PosixReactor::spawn_process`: Twisted's IProcessTransport. Its
// standard input, output and errors, as far as they lead to us, are connections of one direction,
// with bounded buffers and back pressure both ways. It is the caller's and does not move.
//
// A program that ends must not leave processes behind that nobody waits for: when the reactor
// stops, or this is destroyed, one that still runs is killed and waited for at once, and the
// protocol is told of it from inside. Whoever wants it to end in order does that before.
//
// It takes one descriptor, and one for each end that leads to us; until the reactor's next turn
// also a timer for each end. Not sized; see ChildProcess.
class Process : public Dependent, private Selectable, private Watched {
 public:
  // 0 when none runs.
  pid_t pid() const { return running() ? pid_ : 0; }
  bool running() const { return state_ == State::starting || state_ == State::running; }
  // Until `process_ended` is called.
  bool in_use() const { return state_ != State::idle; }

  // Appends to what goes to its input as much as there is room for, and returns how much that was;
  // 0 when that is closed, or does not lead to us. For producers there is `input()`.
  [[nodiscard]] std::size_t write(Bytes bytes);

  // The connections; null when one is closed or does not lead to us. The process's output is paused
  // and resumed as a producer; there is nothing to be written to it.
  Transport* input() const { return pipes_[0].transport; }
  Transport* output() const { return pipes_[1].transport; }
  Transport* errors() const { return pipes_[2].transport; }

  // Input ends behind what was written; output is no longer read, and what writes to it gets
  // SIGPIPE. `lose_connection` is all three.
  void close_stdin();
  void close_stdout();
  void close_stderr();
  void lose_connection();

  // Sends a signal to it, or to all of its group if it has its own. Errors: not_running when it has
  // ended; invalid_argument for what is no signal, or no group of its own; permission_denied.
  Error signal_process(int signal);
  Error signal_group(int signal);
  Error kill();

 protected:
  struct Pools {
    ConnectionPool& input;
    ConnectionPool& output;
    ConnectionPool& errors;
  };

  explicit Process(const Pools& pools);
  ~Process();

 private:
  friend class PosixReactor;
  friend class ProcessOne;
  friend class ProcessService;

  enum class State : std::uint8_t {
    idle,
    starting,  // it runs, and `connection_made` is due
    running,
    exited,  // and was waited for
  };

  class PipeEnd final : public DescriptorStream {
   public:
    enum class Direction : std::uint8_t { input, output };  // of ours
    explicit PipeEnd(Direction direction)
        : DescriptorStream(AtEnd::half_closed), direction_(direction) {}

    void take(int descriptor) { descriptor_.reset(descriptor); }
    Direction direction() const { return direction_; }

   private:
    Result<Descriptors> acquire() override;
    void give_back(const Descriptors& descriptors, Ending ending) override;
    void end_output(int) override {}

    Direction direction_;
    Descriptor descriptor_;
  };

  struct PipeConnector final : Connector {
    using Connector::Connector;
    using Dependent::shut_down;
  };

  // One of the three connections: its protocol, and who has it.
  struct Pipe final : Protocol, ClientFactory {
    Pipe(Process& process_in, ConnectionPool& pool, PipeEnd::Direction direction)
        : process(process_in), end(direction), connector(*this, pool) {}

    void connection_made() override;
    std::size_t data_received(Bytes data) override { return process.received(*this, data); }
    void connection_lost(Error reason) override;
    Protocol* build_protocol(const Address&) override { return this; }
    void client_connection_lost(Error) override { process.pipe_over(); }
    void client_connection_failed(Error) override { process.pipe_over(); }

    Process& process;
    PipeEnd end;
    PipeConnector connector;
    Transport* transport = nullptr;
  };

  Error spawn(PosixReactor& reactor, ProcessProtocol& protocol, const ProcessOptions& options);
  Error begin(PosixReactor& reactor, const ProcessOptions& options);
  Error open_end(PosixReactor& reactor, Pipe& pipe, ProcessOptions::Leads leads,
                 Descriptor& child_end);
  Error watch(PosixReactor& reactor);
  void give_up();
  void give_up_at_once() { shut_down(); }
  void link();
  void unlink();
  PosixReactor& posix_reactor() const;

  std::size_t received(const Pipe& pipe, Bytes data);
  void pipe_lost(const Pipe& pipe, Error reason);
  void pipe_over();
  void collect();
  void exited(const ProcessStatus& status);
  void finish();

  void end() override;
  void do_read() override;
  void do_write() override;
  void ready(std::uint32_t events) override;

  Pipe pipes_[3];
  ProcessProtocol* protocol_ = nullptr;
  Process* next_ = nullptr;  // of the reactor's, while in use
  Descriptor pidfd_;
  pid_t pid_ = 0;
  ProcessStatus status_;
  State state_ = State::idle;
  ProcessOptions::Group group_ = ProcessOptions::Group::ours;
  std::uint8_t open_pipes_ = 0;
};

// Bytes of its buffers: how much goes to its input before `write` takes less, and the longest piece
// of its output, and of its errors, that the protocol can be sure to be offered whole.
struct ProcessSizes {
  std::size_t input = 4096;
  std::size_t output = 4096;
  std::size_t errors = 1024;
};

// The memory of a process's connections: a base class placed before it.
template <ProcessSizes sizes>
struct ProcessConnections {
  Connections<ConnectionSizes{.receive = connection_buffer_min, .send = sizes.input}> input_pool;
  Connections<ConnectionSizes{.receive = sizes.output, .send = connection_buffer_min}> output_pool;
  Connections<ConnectionSizes{.receive = sizes.errors, .send = connection_buffer_min}> errors_pool;
};

// A Process with everything it needs. All of its memory is its `sizeof`.
template <ProcessSizes sizes = ProcessSizes{}>
class ChildProcess final : private ProcessConnections<sizes>, public Process {
 public:
  ChildProcess() : Process({this->input_pool, this->output_pool, this->errors_pool}) {}
};

}  // namespace bobbin
