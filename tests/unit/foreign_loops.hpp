// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <bobbin/posix.hpp>

#include "punctuality.hpp"
#include "support/waits.hpp"

#ifdef BOBBIN_WITH_LIBUV
#include "foreign_loop/in_libuv.hpp"
#endif

// Loops that drive a reactor, and have callbacks of their own. Each gives up after having slept for
// `patience` at a stretch: nothing in these tests takes so long, so something was missed.
namespace bobbin::test {

inline constexpr std::chrono::seconds patience{20};

// What a loop's own callbacks are to do; left by any thread.
class OwnCalls {
 public:
  void leave(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }
  void run() {
    std::unique_lock lock(mutex_);
    const std::vector<std::function<void()>> calls = std::exchange(calls_, {});
    lock.unlock();
    for (const auto& call : calls) call();
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
};

// One on poll(2). Its own callbacks come after the turn, last before the loop sleeps.
template <class R>
class PollLoop {
 public:
  using Reactor = R;

  PollLoop() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  Reactor& reactor() { return reactor_; }
  int rounds() const { return rounds_; }
  Punctuality& punctuality() { return punctuality_; }
  static constexpr int waits_late = 0;  // a turn comes right after each wait

  // From any thread.
  void call(std::function<void()> call) {
    own_.leave(std::move(call));
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(event_.number(), &one, sizeof one);
  }

  // Whether `done` came true.
  template <class Done>
  bool run_until(Done done) {
    while (!done()) {
      if (!round()) return false;
    }
    return true;
  }

  // Whether the reactor stopped, and the loop with it.
  bool run_until_stopped() {
    return run_until([this] { return rounds_ > 0 && !reactor_.running(); });
  }

 private:
  bool round() {
    ++rounds_;
    std::vector<pollfd> asked{{.fd = event_.number(), .events = POLLIN, .revents = 0}};
    for (const pollfd& one : reactors()) asked.push_back(one);
    punctuality_.before_asking();
    const Duration wait = reactor_.longest_wait();
    const bool patient = wait < Duration(patience);
    const auto limit = std::chrono::nanoseconds(patient ? wait : Duration(patience));
    timespec time{};
    time.tv_sec = static_cast<time_t>(limit.count() / 1'000'000'000);
    time.tv_nsec = static_cast<long>(limit.count() % 1'000'000'000);
    punctuality_.waits(std::min(wait, Duration(patience)));
    const int count = uncounted_ppoll(asked.data(), asked.size(), &time);
    punctuality_.woken();
    reactor_.turn(Duration::zero());
    if (asked[0].revents != 0) run_own_calls();
    return patient || count != 0;
  }

  void run_own_calls() {
    std::uint64_t number = 0;
    [[maybe_unused]] const ssize_t taken = read(event_.number(), &number, sizeof number);
    own_.run();
  }

  std::vector<pollfd> reactors() {
    if constexpr (requires { reactor_.descriptors(); }) {
      const std::span<const pollfd> all = reactor_.descriptors();
      return {all.begin(), all.end()};
    } else {
      return {{.fd = reactor_.descriptor(), .events = POLLIN, .revents = 0}};
    }
  }

  Descriptor event_;
  OwnCalls own_;
  int rounds_ = 0;
  Reactor reactor_;
  Punctuality punctuality_{reactor_, Duration(1)};
};

#ifdef BOBBIN_WITH_LIBUV
// libuv's, by the adapter of the example. Its own callbacks come when libuv will.
class LibuvLoop {
 public:
  using Reactor = EpollReactor<>;

  LibuvLoop() {
    uv_loop_init(&loop_);
    // What is started last libuv calls first: one of these comes after what the adapter does
    // before the loop waits, and the other before.
    listen(after_asking_, uv_prepare_init, uv_prepare_start, [](uv_prepare_t* handle) {
      LibuvLoop& self = of(handle->data);
      const int length_ms = uv_backend_timeout(&self.loop_);
      self.punctuality_.waits(length_ms < 0 ? forever : std::chrono::milliseconds(length_ms));
    });
    in_libuv_.emplace(loop_, reactor_);
    listen(before_asking_, uv_prepare_init, uv_prepare_start,
           [](uv_prepare_t* handle) { of(handle->data).punctuality_.before_asking(); });
    listen(woken_, uv_check_init, uv_check_start,
           [](uv_check_t* handle) { of(handle->data).punctuality_.woken(); });
    uv_async_init(&loop_, &event_, [](uv_async_t* event) { of(event->data).own_.run(); });
    uv_timer_init(&loop_, &patience_);
    event_.data = patience_.data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(&event_));
    uv_unref(reinterpret_cast<uv_handle_t*>(&patience_));
  }
  ~LibuvLoop() {
    if (rounds_ == 0) round();  // the reactor has to start before it can stop
    static_cast<void>(reactor_.stop());
    uv_close(reinterpret_cast<uv_handle_t*>(&event_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&patience_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&after_asking_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&before_asking_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&woken_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  Reactor& reactor() { return reactor_; }
  int rounds() const { return rounds_; }
  Punctuality& punctuality() { return punctuality_; }
  // libuv's time is in whole milliseconds: the adapter's timer may be due after the call is, and
  // something else end the wait between. The next one is none, and then it has a turn.
  static constexpr int waits_late = 1;

  void call(std::function<void()> call) {
    own_.leave(std::move(call));
    uv_async_send(&event_);
  }

  template <class Done>
  bool run_until(Done done) {
    while (!done()) {
      if (!round()) return false;
    }
    return true;
  }

  bool run_until_stopped() {
    be_patient();
    uv_run(&loop_, UV_RUN_DEFAULT);
    return !gave_up_ && !reactor_.running();
  }

 private:
  static LibuvLoop& of(void* data) { return *static_cast<LibuvLoop*>(data); }

  template <class Handle, class Init, class Start, class Call>
  void listen(Handle& handle, Init init, Start start, Call call) {
    init(&loop_, &handle);
    handle.data = this;
    start(&handle, call);
    uv_unref(reinterpret_cast<uv_handle_t*>(&handle));
  }

  bool round() {
    ++rounds_;
    be_patient();
    uv_run(&loop_, UV_RUN_ONCE);
    return !gave_up_;
  }

  void be_patient() {
    constexpr std::chrono::milliseconds length = patience;
    uv_timer_start(
        &patience_,
        [](uv_timer_t* timer) {
          of(timer->data).gave_up_ = true;
          uv_stop(timer->loop);
        },
        length.count(), 0);
  }

  Reactor reactor_;
  Punctuality punctuality_{reactor_, std::chrono::milliseconds(1)};
  OwnCalls own_;
  uv_loop_t loop_{};
  uv_prepare_t after_asking_{};
  uv_prepare_t before_asking_{};
  uv_check_t woken_{};
  uv_async_t event_{};
  uv_timer_t patience_{};
  std::optional<InLibuv> in_libuv_;
  int rounds_ = 0;
  bool gave_up_ = false;
};
#endif

}  // namespace bobbin::test
