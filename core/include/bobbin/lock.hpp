// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/assert.hpp>
#include <bobbin/error.hpp>
#include <bobbin/waiting_line.hpp>

namespace bobbin {

// At most `limit` coroutines at once; DeferredSemaphore is the same for Deferreds. Who comes when
// all places are taken waits, in order. Between two awaits nothing else runs, so it is needed only
// for what lasts longer. It outlives its places.
//
//   Semaphore::Place place;
//   if (Error error = co_await semaphore.acquire(place)) co_return error;
//   ...  // and here, or wherever else `place` goes, somebody else's turn comes
class Semaphore {
 public:
  explicit Semaphore(std::uint32_t limit) : limit_(limit), free_(limit) {
    BOBBIN_ASSERT(limit > 0);
  }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore() { BOBBIN_ASSERT(free_ == limit_); }

  // Where a place is kept: a variable of the coroutine, which gives it back however that ends. It
  // is not destroyed while another coroutine waits to have it filled.
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      BOBBIN_ASSERT(state_ != State::wanted);
      release();
    }

    bool held() const { return state_ == State::held; }

    // Gives it to the first who waits, or back. Does nothing when it is not held. May be acquired
    // again.
    void release();

   private:
    friend class Semaphore;

    enum class State : std::uint8_t { empty, wanted, held };

    Semaphore* semaphore_ = nullptr;
    State state_ = State::empty;
  };

  class [[nodiscard]] Acquire final : public InLine<Error> {
   public:
    Acquire(Semaphore& semaphore, Place& place)
        : InLine(semaphore.line_), semaphore_(semaphore), place_(place) {}
    ~Acquire();

    void cancel() override;

    bool await_ready();

   private:
    friend class Semaphore;

    bool begin(Coroutine& coroutine) override;

    Semaphore& semaphore_;
    Place& place_;
  };

  // Goes on when `place` is held. Errors: already_running, when it is held already, of whichever
  // semaphore, or somebody else waits for it to be; cancelled.
  Acquire acquire(Place& place) { return {*this, place}; }

  std::uint32_t limit() const { return limit_; }
  std::uint32_t available() const { return free_; }
  std::size_t waiting() const { return line_.size(); }

 private:
  void give_to(Place& place);
  void give_back();

  std::uint32_t limit_;
  std::uint32_t free_;
  WaitingLine line_;
};

// One at a time.
class Lock : private Semaphore {
 public:
  Lock() : Semaphore(1) {}

  using Semaphore::acquire;
  using Semaphore::Acquire;
  using Semaphore::Place;
  using Semaphore::waiting;
  bool locked() const { return available() == 0; }
};

}  // namespace bobbin
