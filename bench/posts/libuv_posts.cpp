// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <uv.h>

#include <mutex>
#include <utility>
#include <vector>

#include "posts.hpp"

// uv_async_send only wakes: the calls themselves wait in a queue with a lock, as programs that use
// libuv have one.
namespace {

class Loop {
 public:
  Loop() {
    uv_loop_init(&loop_);
    uv_async_init(&loop_, &async_,
                  [](uv_async_t* async) { static_cast<Loop*>(async->data)->run_posted(); });
    async_.data = this;
  }

  void post(const bench::Call& call) {
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(&call);
    }
    uv_async_send(&async_);
  }
  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
  void stop() { uv_stop(&loop_); }

 private:
  void run_posted() {
    {
      const std::lock_guard lock(mutex_);
      std::swap(posted_, running_);
    }
    for (const bench::Call* call : running_) (*call)();
    running_.clear();
  }

  uv_loop_t loop_{};
  uv_async_t async_{};
  std::mutex mutex_;
  std::vector<const bench::Call*> posted_;
  std::vector<const bench::Call*> running_;
};

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  Loop loop;
  return bench::measure_posts(loop, options);
}
