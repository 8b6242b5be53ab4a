// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/callback.hpp>
#include <bobbin/service.hpp>

namespace bobbin {

// Something that goes on for as long as the service runs, or ends by itself: a chain of Deferreds,
// or a coroutine by way of a TaskDeferred. A Supervisor starts it again when it fails.
//
//   TaskService reader("reader", [&](Deferred<void>& ended) { ended.fire_with([&] {
//     return read_until_the_end();  // a Chain<void>
//   }); });
//
// When the task ends with a failure, so does the service, and its parent hears of it; when it ends
// without one, the service stops. To stop the service cancels the task's Deferred and waits until
// that has a result, whichever it is.
class TaskService final : public Service {
 public:
  // Begins the task. `ended` is fired when it has ended, and `ended.on_cancel` says how to end it.
  // It is called anew for each start.
  using Run = InplaceFunction<void(Deferred<void>& ended)>;

  TaskService(std::string_view name, Run run) : Service(name), run_(run) {}
  ~TaskService() { abandon(); }

 private:
  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;
  void ended(const Outcome<void>& outcome);

  Run run_;
  Deferred<void> task_;
  Deferred<void>* stopping_ = nullptr;
  bool task_runs_ = false;
};

}  // namespace bobbin
