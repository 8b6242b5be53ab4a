// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

namespace bobbin::test {

// Time for several threads, which passes only while all of them wait, and then at once to the
// earliest time at which one of them wants to go on. So they are real threads, as racy as any, and
// days take no time.
class VirtualTime {
 public:
  using Lock = std::unique_lock<std::mutex>;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  // A thread that takes part, made before it starts, so that no time passes until it waits.
  class Participant {
   public:
    explicit Participant(VirtualTime& time) : time_(time) { time_.join(); }
    ~Participant() { time_.leave(); }
    Participant(const Participant&) = delete;
    Participant& operator=(const Participant&) = delete;

   private:
    VirtualTime& time_;
  };

  static VirtualTime& only();

  std::uint64_t now_us();
  std::uint64_t now_us(const Lock&) const { return now_us_; }
  void advance(std::uint64_t length_us);

  // All that threads tell each other changes under this lock, and is told of.
  Lock lock() { return Lock(mutex_); }
  void changed() { changed_.notify_all(); }

  // Waits until `ready()`, which is called with the lock held, or until `deadline_us`; what
  // `ready()` said last. A wait that nothing could ever end fails the program.
  template <class Ready>
  bool wait(Lock& lock, Ready ready, std::uint64_t deadline_us) {
    return wait_for(lock, Waiter{[](void* what) { return (*static_cast<Ready*>(what))(); }, &ready,
                                 deadline_us});
  }

  // The same for a moment, until another thread that is awake has done something. No time passes.
  template <class Ready>
  void wait_awake(Lock& lock, Ready ready) {
    changed_.wait(lock, ready);
  }

  void join();
  void leave();

 private:
  struct Waiter {
    bool (*ready)(void*);
    void* what;
    std::uint64_t deadline_us;
  };

  bool wait_for(Lock& lock, Waiter waiter);
  bool is_due(const Waiter& waiter) const;
  void pass_time();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<const Waiter*> waiters_;
  std::size_t participants_ = 0;
  std::uint64_t now_us_ = 0;
};

}  // namespace bobbin::test
