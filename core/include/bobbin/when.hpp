// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>

#include <bobbin/coroutine.hpp>
#include <bobbin/error.hpp>
#include <bobbin/task.hpp>

namespace bobbin {

// Several tasks that run at the same time, and one coroutine that waits until all have ended. What
// `when_all` and `when_any` have in common.
class TaskGroup : public Operation {
 public:
  void cancel() override;

 protected:
  class Member : public Coroutine {
   public:
    void begin(TaskGroup& group, ReadyCoroutines& ready);

   protected:
    Member() = default;
    ~Member() = default;

   private:
    // Null if the task has no frame.
    virtual std::coroutine_handle<> outermost() = 0;
    void ended() override { group_->ended(*this); }

    TaskGroup* group_ = nullptr;
  };

  template <class T>
  class MemberOf final : public Member {
   public:
    explicit MemberOf(Task<T>&& task) : task_(std::move(task)) {}
    ~MemberOf() { this->abandon(); }

    TaskOutcome<T> outcome() const { return task_.outcome(); }

   private:
    std::coroutine_handle<> outermost() override {
      return task_.has_frame() ? task_.begin(*this) : nullptr;
    }

    Task<T> task_;
  };

  // What the end of one means for the others.
  enum class First : std::uint8_t { waits_for_all, ends_all };

  explicit TaskGroup(First first) : first_(first) {}
  ~TaskGroup() = default;

  bool begin(Coroutine& coroutine, std::span<Member* const> members);
  std::size_t first_ended() const { return first_ended_; }

 private:
  void ended(Member& member);
  bool decided() const;

  First first_;
  bool cancelled_ = false;
  std::size_t running_ = 0;
  std::size_t first_ended_ = 0;
  std::span<Member* const> members_;
};

// The members are named by pointers as well, for the part that is compiled once.
template <class... T>
class Members : public TaskGroup {
  static_assert(sizeof...(T) > 0, "bobbin: there is no task to wait for");

 public:
  bool await_ready() const { return false; }
  template <std::derived_from<TaskPromise> P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    return this->begin(caller.promise().coroutine(), pointers_);
  }

 protected:
  Members(First first, Task<T>&&... tasks) : TaskGroup(first), members_(std::move(tasks)...) {
    std::apply(
        [this](MemberOf<T>&... member) {
          std::size_t count = 0;
          ((pointers_[count++] = &member), ...);
        },
        members_);
  }
  ~Members() = default;

  std::tuple<TaskOutcome<T>...> outcomes() const {
    return std::apply(
        [](const MemberOf<T>&... member) {
          return std::tuple<TaskOutcome<T>...>(member.outcome()...);
        },
        members_);
  }

 private:
  std::tuple<MemberOf<T>...> members_;
  TaskGroup::Member* pointers_[sizeof...(T)];
};

template <class... T>
class [[nodiscard]] WhenAll final : public Members<T...> {
 public:
  explicit WhenAll(Task<T>&&... tasks)
      : Members<T...>(TaskGroup::First::waits_for_all, std::move(tasks)...) {}
  std::tuple<TaskOutcome<T>...> await_resume() const { return this->outcomes(); }
};

template <class... T>
struct FirstOutcome {
  std::size_t first;  // which task, counted from 0
  std::tuple<TaskOutcome<T>...> outcomes;
};

template <class... T>
class [[nodiscard]] WhenAny final : public Members<T...> {
 public:
  explicit WhenAny(Task<T>&&... tasks)
      : Members<T...>(TaskGroup::First::ends_all, std::move(tasks)...) {}
  FirstOutcome<T...> await_resume() const { return {this->first_ended(), this->outcomes()}; }
};

// Runs the tasks at the same time and goes on when all have ended, in whatever way. Gives their
// outcomes in order. Cancelled, it cancels them all; their outcomes tell what came of it.
//
//   auto [inside, outside] = co_await when_all(measure(a, clock, in), measure(b, clock, out));
template <class... T>
WhenAll<T...> when_all(Task<T>... tasks) {
  return WhenAll<T...>(std::move(tasks)...);
}

// The same, but as soon as one has ended, with success or without, the others are cancelled. It
// goes on when they have ended too, so nothing is left behind. Gives which one ended first, and all
// outcomes: mostly `cancelled`, unless a task ended otherwise all the same.
template <class... T>
WhenAny<T...> when_any(Task<T>... tasks) {
  return WhenAny<T...>(std::move(tasks)...);
}

}  // namespace bobbin
