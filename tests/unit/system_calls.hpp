// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <termios.h>

#include <atomic>

// What the test program does to some of the system's calls, which it has in the place of the C
// library's: it counts them, and brings about on demand what else happens by chance.
namespace bobbin::test::system_calls {

extern std::atomic<bool> connects_to_itself;
extern std::atomic<int> epoll_ctl_calls;
// The next calls of a kind fail for this reason, so many of them; `failures_left` are to come.
enum class Call { accept, connect, read, recv, send, sendmsg, wait, writev };
void fail_next(Call call, int error, int times = 1);
int failures_left(Call call);
// Of each kind one call of so many is interrupted; 0: none.
extern std::atomic<int> interrupt_one_of;
// Added to what CLOCK_MONOTONIC tells.
extern std::atomic<long> seconds_slept;
extern std::atomic<int> bytes_on_the_line;  // what TIOCOUTQ tells; negative: the truth

// While one lives, terminals take all settings, and none has any effect.
class AgreeableLine {
 public:
  AgreeableLine();
  ~AgreeableLine();
  const termios& settings() const;
};

}  // namespace bobbin::test::system_calls
