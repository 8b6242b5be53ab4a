// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// A million awaits that end at once, of tasks and of Deferreds that are fired already, and a
// million times two coroutines wake each other, on a stack of 4 KiB. The console tells when each is
// over; a stack that overflowed would be a fault.

#include <concepts>
#include <coroutine>
#include <cstdint>

#include <bobbin/await_deferred.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/mps2/console.hpp>
#include <bobbin/task.hpp>

namespace {

using bobbin::Error;
using bobbin::Frame;
using bobbin::Result;
using bobbin::Task;
namespace console = bobbin::mps2::console;

constexpr std::uint32_t rounds = 1'000'000;

Task<std::uint32_t> next(Frame<64>&, std::uint32_t number) { co_return number + 1; }

Task<Error> count(Frame<160>&, std::uint32_t& total) {
  Frame<64> frame;
  while (total < rounds) {
    const Result<std::uint32_t> sum = co_await next(frame, total);
    if (!sum) co_return sum.error();
    total = *sum;
  }
  co_return Error();
}

Task<Error> await_fired(Frame<192>&, bobbin::Deferred<std::uint32_t>& fired, std::uint32_t& total) {
  while (total < rounds) {
    fired.reset();
    fired.callback(total + 1);
    const bobbin::Outcome<std::uint32_t> outcome = co_await fired;
    if (!outcome) co_return outcome.failure().error();
    total = *outcome;
  }
  co_return Error();
}

// Who has it goes on; who awaits it waits until it is passed on.
class Baton {
 public:
  class [[nodiscard]] Wait final : public bobbin::Operation {
   public:
    explicit Wait(Baton& baton) : baton_(baton) {}
    void cancel() override { finish(); }
    bool await_ready() const { return false; }
    template <std::derived_from<bobbin::TaskPromise> P>
    void await_suspend(std::coroutine_handle<P> caller) {
      baton_.waiting_ = this;
      wait(caller.promise().coroutine());
    }
    void await_resume() const {}
    void go_on() { finish(); }

   private:
    Baton& baton_;
  };

  Wait wait() { return Wait(*this); }
  void pass() {
    Wait* const waiting = waiting_;
    waiting_ = nullptr;
    if (waiting != nullptr) waiting->go_on();
  }

 private:
  Wait* waiting_ = nullptr;
};

Task<> run(Frame<128>&, Baton& mine, Baton& other, std::uint32_t& turns) {
  while (turns < rounds) {
    ++turns;
    other.pass();
    co_await mine.wait();
  }
  other.pass();
}

Frame<160> counting;
Frame<192> awaiting;
bobbin::Deferred<std::uint32_t> fired;
Frame<128> first;
Frame<128> second;
bobbin::Coroutines<3> coroutines;

}  // namespace

int main() {
  std::uint32_t total = 0;
  if (!coroutines.spawn(count(counting, total))) return 1;
  console::print(total, " awaits, frame ", counting.largest(), "\n");
  std::uint32_t fired_total = 0;
  if (!coroutines.spawn(await_fired(awaiting, fired, fired_total))) return 1;
  console::print(fired_total, " Deferreds fired already, frame ", awaiting.largest(), "\n");
  Baton one;
  Baton two;
  std::uint32_t turns = 0;
  if (!coroutines.spawn(run(first, one, two, turns))) return 1;
  if (!coroutines.spawn(run(second, two, one, turns))) return 1;
  console::print(turns, " turns, frame ", first.largest(), "\n");
  console::print(coroutines.use().in_use, " left\n");
  return 0;
}
