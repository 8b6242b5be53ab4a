// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <semaphore.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <thread>

#include "program.hpp"

// Calls that are left for a loop to run, the same for every library. Each library is a class L with
//
//   void post(const Call& call);  // from any thread; `call` stays until it has run
//   void run();                   // until `stop`
//   void stop();                  // from inside a call
namespace bench {

struct Call {
  void operator()() const { run(argument); }

  void (*run)(void*);
  void* argument;
};

constexpr std::size_t batch_size = 1000;

// Batches that the loop's own thread posts: the last call of one posts the next.
template <class L>
class OwnPosts {
 public:
  OwnPosts(L& loop, std::size_t batches) : loop_(loop), batches_(batches) {}

  void run() {
    post_batch();
    loop_.run();
  }

 private:
  void post_batch() {
    left_ = batch_size;
    for (std::size_t i = 0; i < batch_size; ++i) loop_.post(call_);
  }

  void ran() {
    if (--left_ > 0) return;
    if (--batches_ > 0) {
      post_batch();
    } else {
      loop_.stop();
    }
  }

  L& loop_;
  std::size_t batches_;
  std::size_t left_ = 0;
  Call call_{.run = [](void* self) { static_cast<OwnPosts*>(self)->ran(); }, .argument = this};
};

// Batches that another thread posts, each when the one before it has been run. It sleeps meanwhile,
// so that it is not its waiting that is counted.
template <class L>
class ForeignPosts {
 public:
  struct Sizes {
    std::size_t batches;
    std::size_t batch;
  };

  ForeignPosts(L& loop, Sizes sizes) : loop_(loop), sizes_(sizes) { sem_init(&done_, 0, 0); }
  ~ForeignPosts() { sem_destroy(&done_); }

  void run() {
    std::thread poster([this] { post_all(); });
    loop_.run();
    poster.join();
  }

 private:
  void post_all() {
    for (std::size_t i = 0; i < sizes_.batches; ++i) {
      left_ = sizes_.batch;
      for (std::size_t count = 0; count < sizes_.batch; ++count) loop_.post(call_);
      while (sem_wait(&done_) != 0) {
      }
    }
    loop_.post(last_);
  }

  void ran() {
    if (--left_ == 0) sem_post(&done_);
  }

  L& loop_;
  Sizes sizes_;
  std::size_t left_ = 0;  // passed on to the loop's thread with the calls, and back with `done_`
  sem_t done_;
  Call call_{.run = [](void* self) { static_cast<ForeignPosts*>(self)->ran(); }, .argument = this};
  Call last_{.run = [](void* self) { static_cast<ForeignPosts*>(self)->loop_.stop(); },
             .argument = this};
};

// Who posts, and how many at once.
enum class Posting : std::uint8_t { own, foreign, single };

// Prints the nanoseconds for each call.
template <class L>
int measure_posts(L& loop, const Options& options) {
  const std::size_t batches = options.number("batches", 200);
  const auto posting = static_cast<Posting>(options.number("posting", 0));
  const std::size_t batch = posting == Posting::single ? 1 : batch_size;
  const std::int64_t begin = monotonic_ns();
  if (posting == Posting::own) {
    OwnPosts(loop, batches).run();
  } else {
    ForeignPosts<L>(loop, {.batches = batches, .batch = batch}).run();
  }
  const auto ns = static_cast<double>(monotonic_ns() - begin);
  std::printf("%.2f\n", ns / static_cast<double>(batches * batch));
  return 0;
}

}  // namespace bench
