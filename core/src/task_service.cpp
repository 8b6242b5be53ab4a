// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/task_service.hpp>

#include <utility>

namespace bobbin {

// A task that ends at once finds the service starting, which it then does not.
void TaskService::start_service(Deferred<void>& started) {
  task_.reset();
  task_runs_ = true;
  run_(task_);
  started.callback();
  task_.add_both([this](const Outcome<void>& outcome) { ended(outcome); });
}

void TaskService::stop_service(Deferred<void>& stopped) {
  if (!task_runs_) {
    stopped.callback();
    return;
  }
  stopping_ = &stopped;
  task_.cancel();
}

void TaskService::ended(const Outcome<void>& outcome) {
  task_runs_ = false;
  if (stopping_ != nullptr) {
    std::exchange(stopping_, nullptr)->callback();
  } else if (outcome) {
    end();
  } else {
    fail(outcome.failure());
  }
}

}  // namespace bobbin
