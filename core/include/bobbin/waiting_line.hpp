// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/operation_for.hpp>

namespace bobbin {

// Operations that wait for their turn, first come, first served; what Waiters is for Deferreds.
// They lie in the frames of who waits and are linked through themselves, so that there is no limit
// to their number. One that is cancelled or destroyed leaves, for which those before it are gone
// through. The line outlives who waits in it: that is an assertion.
class WaitingLine {
 public:
  class Member {
   private:
    friend class WaitingLine;

    Member* next_ = nullptr;
  };

  WaitingLine() = default;
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;
  ~WaitingLine();

  void join(Member& member);
  void leave(Member& member);

  // The first one, which no longer waits here, to be told so; there is one.
  Member& take();

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const;

 private:
  Member* first_ = nullptr;
};

// An operation that waits in a line when it cannot end at once.
template <class Outcome>
class InLine : public OperationFor<Outcome>, public WaitingLine::Member {
 public:
  void cancel() override {
    line_.leave(*this);
    this->finish_with(Errc::cancelled);
  }

 protected:
  explicit InLine(WaitingLine& line) : line_(line) {}
  ~InLine() {
    if (this->waiting()) line_.leave(*this);
  }

  bool begin(Coroutine& coroutine) override {
    line_.join(*this);
    this->wait(coroutine);
    return true;
  }

 private:
  WaitingLine& line_;
};

}  // namespace bobbin
