// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/process.hpp>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <bobbin/assert.hpp>
#include <bobbin/posix/posix_reactor.hpp>

#include "launch.hpp"
#include "system_error.hpp"

namespace bobbin {

Error PosixReactor::spawn_process(Process& process, ProcessProtocol& protocol,
                                  const ProcessOptions& options) {
  if (status_) return status_;
  return process.spawn(*this, protocol, options);
}

Process::Process(const Pools& pools)
    : pipes_{{*this, pools.input, PipeEnd::Direction::output},
             {*this, pools.output, PipeEnd::Direction::input},
             {*this, pools.errors, PipeEnd::Direction::input}} {}

Process::~Process() { shut_down(); }

PosixReactor& Process::posix_reactor() const { return static_cast<PosixReactor&>(*reactor()); }

Error Process::spawn(PosixReactor& reactor, ProcessProtocol& protocol,
                     const ProcessOptions& options) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (in_use()) return Errc::already_running;
  if (Error error = attach(reactor)) return error;
  protocol_ = &protocol;
  protocol.process_ = this;
  group_ = options.process_group;
  link();
  const Error error = begin(reactor, options);
  if (error) give_up();
  return error;
}

void Process::link() {
  next_ = posix_reactor().processes_;
  posix_reactor().processes_ = this;
}

void Process::unlink() {
  Process** place = &posix_reactor().processes_;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

// Its input comes first, so that `connection_made` may write, and its output after that.
Error Process::begin(PosixReactor& reactor, const ProcessOptions& options) {
  Descriptor ends[3];
  if (Error error = open_end(reactor, pipes_[0], options.input, ends[0])) return error;
  reactor.mark_readable(*this);
  if (Error error = open_end(reactor, pipes_[1], options.output, ends[1])) return error;
  if (Error error = open_end(reactor, pipes_[2], options.errors, ends[2])) return error;
  const int standard[] = {ends[0].number(), ends[1].number(), ends[2].number()};
  const Result<pid_t> child = launch(options, standard);
  if (!child) return child.error();
  pid_ = *child;
  state_ = State::starting;
  return watch(reactor);
}

Error Process::open_end(PosixReactor& reactor, Pipe& pipe, ProcessOptions::Leads leads,
                        Descriptor& child_end) {
  using Leads = ProcessOptions::Leads;
  if (leads == Leads::where_ours_do) return {};
  if (leads == Leads::nowhere) {
    child_end.reset(open("/dev/null", O_RDWR | O_CLOEXEC));
    return child_end.open() ? Error() : error_of(errno);
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return error_of(errno);
  const bool we_write = pipe.end.direction() == PipeEnd::Direction::output;
  const int ours = we_write ? ends[1] : ends[0];
  child_end.reset(we_write ? ends[0] : ends[1]);
  pipe.end.take(ours);
  if (fcntl(ours, F_SETFL, O_NONBLOCK) != 0) return error_of(errno);
  if (Error error = reactor.open_stream(pipe.end, pipe.connector)) return error;
  ++open_pipes_;
  return {};
}

// Where the system reaps children itself it may be gone already, which `collect` finds out.
Error Process::watch(PosixReactor& reactor) {
  pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_.open()) return errno == ESRCH ? Error() : error_of(errno);
  return reactor.watch(pidfd_.number(), *this, PosixReactor::Interest::input);
}

// Nothing has begun.
void Process::give_up() {
  if (running()) {
    ::kill(pid_, SIGKILL);
    exit_of(pid_, Wait::until_exit);
  }
  state_ = State::idle;
  unlink();
  pidfd_.reset();
  protocol_->process_ = nullptr;
  protocol_ = nullptr;
  Reactor::forget(*this);
  for (Pipe& pipe : pipes_) {
    pipe.connector.shut_down();
    pipe.end.take(-1);
  }
  open_pipes_ = 0;
}

std::size_t Process::write(Bytes bytes) {
  Transport* const transport = input();
  return transport == nullptr ? 0 : transport->write(bytes);
}

void Process::close_stdin() {
  if (Transport* const transport = input()) transport->lose_connection();
}

void Process::close_stdout() {
  if (Transport* const transport = output()) transport->lose_connection();
}

void Process::close_stderr() {
  if (Transport* const transport = errors()) transport->lose_connection();
}

void Process::lose_connection() {
  close_stdin();
  close_stdout();
  close_stderr();
}

// By its descriptor, which no other process can have taken over.
Error Process::signal_process(int signal) {
  if (!running()) return Errc::not_running;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  if (syscall(SYS_pidfd_send_signal, pidfd_.number(), signal, nullptr, 0) == 0) return {};
  return errno == ESRCH ? Error(Errc::not_running, ESRCH) : error_of(errno);
}

Error Process::signal_group(int signal) {
  if (!running()) return Errc::not_running;
  if (group_ == ProcessOptions::Group::ours) return Errc::invalid_argument;
  if (::kill(-pid_, signal) == 0) return {};
  return error_of(errno);
}

Error Process::kill() { return signal_process(SIGKILL); }

Result<DescriptorStream::Descriptors> Process::PipeEnd::acquire() {
  const int number = descriptor_.release();
  return direction_ == Direction::input ? Descriptors{.input = number}
                                        : Descriptors{.output = number};
}

void Process::PipeEnd::give_back(const Descriptors& descriptors, Ending) {
  const Descriptor input(descriptors.input);
  const Descriptor output(descriptors.output);
}

void Process::Pipe::connection_made() {
  transport = &this->Protocol::transport();
  if (end.direction() == PipeEnd::Direction::input) transport->lose_write_connection();
}

void Process::Pipe::connection_lost(Error reason) {
  transport = nullptr;
  process.pipe_lost(*this, reason);
}

std::size_t Process::received(const Pipe& pipe, Bytes data) {
  return &pipe == &pipes_[1] ? protocol_->out_received(data) : protocol_->err_received(data);
}

void Process::pipe_lost(const Pipe& pipe, Error reason) {
  if (&pipe == &pipes_[0]) return protocol_->in_connection_lost(reason);
  if (&pipe == &pipes_[1]) return protocol_->out_connection_lost(reason);
  protocol_->err_connection_lost(reason);
}

// Its connector is free, so that who hears of the end may begin another.
void Process::pipe_over() {
  if (open_pipes_ > 0) --open_pipes_;
  if (state_ == State::exited && open_pipes_ == 0) reactor()->mark_writable(*this);
}

void Process::ready(std::uint32_t) { reactor()->mark_readable(*this); }

void Process::do_read() {
  if (state_ == State::starting) {
    state_ = State::running;
    protocol_->connection_made();
  }
  collect();
}

// Nobody else can have waited for it but by mistake, see ProcessStatus.
void Process::collect() {
  if (state_ != State::running) return;
  if (const std::optional<ProcessStatus> status = exit_of(pid_, Wait::not_at_all)) exited(*status);
}

void Process::exited(const ProcessStatus& status) {
  status_ = status;
  state_ = State::exited;
  if (pidfd_.open()) posix_reactor().forget_and_close(pidfd_.release());
  protocol_->process_exited(status);
  if (open_pipes_ == 0) reactor()->mark_writable(*this);
}

void Process::do_write() {
  if (state_ == State::exited && open_pipes_ == 0) finish();
}

// This may be the end of this object.
void Process::finish() {
  state_ = State::idle;
  unlink();
  Reactor::forget(*this);
  ProcessProtocol& protocol = *protocol_;
  protocol.process_ = nullptr;
  protocol_ = nullptr;
  const ProcessStatus status = status_;
  protocol.process_ended(status);
}

// One that has become another user's cannot be killed; to wait for it might take for ever.
void Process::end() {
  if (!in_use()) return;
  for (Pipe& pipe : pipes_) pipe.connector.shut_down();
  if (running()) {
    const Wait wait = kill() == Errc::permission_denied ? Wait::not_at_all : Wait::until_exit;
    state_ = State::running;
    exited(exit_of(pid_, wait).value_or(ProcessStatus()));
  }
  finish();
}

}  // namespace bobbin
