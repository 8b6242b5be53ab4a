// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "launch.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <string_view>

#include <bobbin/posix/descriptor.hpp>

#include "system_error.hpp"

namespace bobbin {

namespace {

constexpr std::string_view path_without_environment = "/usr/local/bin:/usr/bin:/bin";

// All the child needs, made before it exists: it shares our memory until it has its program, while
// we stand still, and may call only what may be called from signal handlers.
struct Plan {
  const ProcessOptions& options;
  std::span<const int, 3> standard;
  const char* const* arguments;
  const char* const* environment;
  std::string_view path;  // where a program without a slash is looked for
  int report;             // where errno goes; closed by a program that begins
};

[[noreturn]] void fail(int report) {
  const int trouble = errno;
  static_cast<void>(!write(report, &trouble, sizeof trouble));
  _exit(127);
}

void join_group(ProcessOptions::Group group) {
  switch (group) {
    case ProcessOptions::Group::ours: return;
    case ProcessOptions::Group::own: setpgid(0, 0); return;
    case ProcessOptions::Group::own_session: setsid(); return;
  }
}

// What is ignored would stay ignored. The kernel is asked, as the C library refuses to touch the
// two signals it keeps for itself, which whoever began us may have left ignored; all zeros are the
// kernel's default action, however a machine lays it out.
void reset_signals() {
  constexpr std::size_t mask_size = (NSIG - 1) / 8;
  const unsigned long default_action[8]{};
  for (int signal = 1; signal < NSIG; ++signal) {
    syscall(SYS_rt_sigaction, signal, default_action, nullptr, mask_size);
  }
}

void close_on_exec_from(int first) {
#ifdef SYS_close_range
  constexpr unsigned close_on_exec = 4;
  if (syscall(SYS_close_range, first, ~0U, close_on_exec) == 0) return;
#endif
  // Linux before 5.11.
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int last = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536));
  for (int number = first; number < last; ++number) fcntl(number, F_SETFD, FD_CLOEXEC);
}

// Each is taken above all places first, so that none is overwritten before it has its place.
bool place_descriptors(const Plan& plan, int& report) {
  int highest = 2;
  for (const PassedDescriptor& one : plan.options.passed) highest = std::max(highest, one.theirs);
  int sources[3 + ProcessOptions::passed_max];
  int places[3 + ProcessOptions::passed_max];
  std::size_t count = 0;
  const auto lift = [&](int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, highest + 1); };
  const auto add = [&](int descriptor, int place) {
    sources[count] = lift(descriptor);
    places[count] = place;
    return sources[count++] >= 0;
  };
  const int lifted = lift(report);
  if (lifted < 0) return false;
  report = lifted;
  for (int i = 0; i < 3; ++i) {
    if (plan.standard[static_cast<std::size_t>(i)] < 0) continue;
    if (!add(plan.standard[static_cast<std::size_t>(i)], i)) return false;
  }
  for (const PassedDescriptor& one : plan.options.passed) {
    if (!add(one.ours, one.theirs)) return false;
  }
  close_on_exec_from(3);
  for (std::size_t i = 0; i < count; ++i) {
    if (dup2(sources[i], places[i]) < 0) return false;
  }
  return true;
}

// The system's calls, as the C library's would change the other threads too, which are ours.
bool become_user(const ProcessOptions& options) {
#ifdef SYS_setresuid32
  constexpr long set_user = SYS_setresuid32;
  constexpr long set_group = SYS_setresgid32;
  constexpr long set_groups = SYS_setgroups32;
#else
  constexpr long set_user = SYS_setresuid;
  constexpr long set_group = SYS_setresgid;
  constexpr long set_groups = SYS_setgroups;
#endif
  if (!options.user && !options.group) return true;
  if (syscall(set_groups, 0, nullptr) != 0 && errno != EPERM) return false;
  if (const auto id = options.group) {
    if (syscall(set_group, *id, *id, *id) != 0) return false;
  }
  if (const auto id = options.user) return syscall(set_user, *id, *id, *id) == 0;
  return true;
}

// False if it would be too long. No folder is the present one.
bool put_together(char (&file)[PATH_MAX], std::string_view folder, const char* name) {
  const std::size_t length = std::strlen(name) + 1;
  const std::size_t start = folder.empty() ? 0 : folder.size() + 1;
  if (start + length > sizeof file) return false;
  std::memcpy(file, folder.data(), folder.size());
  if (start > 0) file[start - 1] = '/';
  std::memcpy(file + start, name, length);
  return true;
}

// Leaves errno to say why not.
void run_program(const Plan& plan) {
  auto* const arguments = const_cast<char* const*>(plan.arguments);
  auto* const environment = const_cast<char* const*>(plan.environment);
  const char* const name = plan.options.program;
  if (plan.path.empty()) {
    execve(name, arguments, environment);
    return;
  }
  bool denied = false;
  std::string_view rest = plan.path;
  for (bool more = true; more;) {
    const std::size_t length = rest.find(':');
    char file[PATH_MAX];
    if (put_together(file, rest.substr(0, length), name)) {
      execve(file, arguments, environment);
      denied = denied || errno == EACCES;
      if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) return;
    }
    more = length != std::string_view::npos;
    if (more) rest.remove_prefix(length + 1);
  }
  errno = denied ? EACCES : ENOENT;
}

[[noreturn]] void become(const Plan& plan) {
  int report = plan.report;
  join_group(plan.options.process_group);
  reset_signals();
  if (!place_descriptors(plan, report)) fail(report);
  if (!become_user(plan.options)) fail(report);
  // As that user: who may not enter it must not be led there.
  if (plan.options.directory != nullptr && chdir(plan.options.directory) != 0) fail(report);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  run_program(plan);
  fail(report);
}

// In a frame of its own, which nobody overwrites while both are in it.
[[gnu::noinline]] pid_t start_child(const Plan& plan) {
  const pid_t child = vfork();
  if (child == 0) become(plan);
  return child;
}

// 0 if the program has begun. While another thread starts a program of its own this one may wait
// for that to begin, as it holds the other end.
int read_report(int report) {
  int trouble = 0;
  ssize_t count = 0;
  do {
    count = read(report, &trouble, sizeof trouble);
  } while (count < 0 && errno == EINTR);
  return count == sizeof trouble ? trouble : 0;
}

std::string_view path_for(const ProcessOptions& options, const char* const* environment) {
  if (std::strchr(options.program, '/') != nullptr) return {};
  constexpr std::string_view name = "PATH=";
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    std::string_view entry = *environment;
    if (entry.substr(0, name.size()) != name) continue;
    entry.remove_prefix(name.size());
    return entry.empty() ? path_without_environment : entry;
  }
  return path_without_environment;
}

bool valid(const ProcessOptions& options) {
  if (options.program == nullptr || options.program[0] == '\0') return false;
  if (options.passed.size() > ProcessOptions::passed_max) return false;
  return std::all_of(options.passed.begin(), options.passed.end(),
                     [](const PassedDescriptor& one) { return one.ours >= 0 && one.theirs > 2; });
}

}  // namespace

Result<pid_t> launch(const ProcessOptions& options, std::span<const int, 3> standard) {
  if (!valid(options)) return Errc::invalid_argument;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return error_of(errno);
  const Descriptor report(ends[0]);
  Descriptor child_report(ends[1]);
  const char* const name_alone[] = {options.program, nullptr};
  const char* const* const environment =
      options.environment != nullptr ? options.environment : environ;
  const Plan plan{.options = options,
                  .standard = standard,
                  .arguments = options.arguments != nullptr ? options.arguments : name_alone,
                  .environment = environment,
                  .path = path_for(options, environment),
                  .report = child_report.number()};
  // No handler of ours may run in the child.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = start_child(plan);
  const int trouble = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return error_of(trouble);
  child_report.reset();
  const int reported = read_report(report.number());
  if (reported == 0) return child;
  exit_of(child, Wait::until_exit);
  return error_of(reported);
}

std::optional<ProcessStatus> exit_of(pid_t child, Wait wait) {
  siginfo_t info{};
  const int options = WEXITED | (wait == Wait::not_at_all ? WNOHANG : 0);
  while (waitid(P_PID, static_cast<id_t>(child), &info, options) != 0) {
    if (errno != EINTR) return ProcessStatus();  // ECHILD
  }
  if (info.si_pid == 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? ProcessStatus::exited(info.si_status)
                                    : ProcessStatus::killed(info.si_status);
}

}  // namespace bobbin
