// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string_view>

#include <bobbin/clock.hpp>
#include <bobbin/posix/process.hpp>
#include <bobbin/service.hpp>

namespace bobbin {

// Why a ProcessService could not go on; `ProcessService::status` has the number.
enum class ProcessFailure : std::uint8_t {
  exited,   // by itself
  killed,   // by a signal
  unknown,  // somebody else has taken its status
};

// "process exited", "process killed", "process ended somehow".
std::string_view describe(ProcessFailure failure);

struct ProcessServiceOptions {
  // Which ends of the process are failures when nobody has stopped it. `all` is for what is to run
  // for ever: a Supervisor then starts it again whatever it has returned.
  enum class Failing : std::uint8_t { all_but_done, all };

  Failing failing = Failing::all_but_done;
  // How it is asked to end, and how long it has before it is killed. The same time have those whom
  // a process that has ended leaves behind with its output; then they see that closed.
  int stop_signal = SIGTERM;
  Duration stop_within = std::chrono::seconds(5);
};

// A process as a service: it is begun and stopped with it, and a Supervisor begins it again when it
// fails. Whoever wants its output derives from this and has `out_received` and `err_received`, and
// the other calls of a ProcessProtocol but the last two; without them it is read and dropped.
//
//   ChildProcess<> child;
//   ProcessService worker("worker", reactor, child, {.program = "worker"}, {.failing = all});
//   supervisor.add(worker);
//
// A process that leads a group is stopped with all of its group, as far as the others have not
// outlived it. One that cannot begin has failed to start, with the error of `spawn_process`. From
// its start to its end this holds one timer, so that to stop cannot fail for want of one.
class ProcessService : public Service, public ProcessProtocol {
 public:
  using Options = ProcessServiceOptions;

  // All outlive this, and so does all that `program` refers to. `process` is this one's alone.
  ProcessService(std::string_view name, PosixReactor& reactor, Process& process,
                 const ProcessOptions& program, Options options = {});
  // A process that still runs is killed, as by the end of `process`.
  ~ProcessService();

  // To the process, or to all of its group if it leads one. Errors: as `Process::signal_process`.
  Error signal(int number);

  // 0 when none runs.
  pid_t pid() const { return process_.pid(); }

  // How the last one ended. Not known before one has.
  ProcessStatus status() const { return status_; }

  void process_exited(const ProcessStatus& status) final;
  void process_ended(const ProcessStatus& status) final;

 private:
  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;
  void give_up();

  PosixReactor& reactor_;
  Process& process_;
  ProcessOptions program_;
  Options options_;
  ProcessStatus status_;
  bool begun_ = false;
  Deferred<void>* stopping_ = nullptr;
  DelayedCall patience_;
};

}  // namespace bobbin
