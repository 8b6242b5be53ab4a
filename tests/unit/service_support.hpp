// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <bobbin/multi_service.hpp>

#include "support/deferred.hpp"

namespace bobbin::test {

// A service that says what is asked of it, and ends its steps at once or when the test does.
class Part final : public Service {
 public:
  explicit Part(std::string_view name) : Service(name) {}
  ~Part() { abandon(); }

  using Service::fail;

  bool starts_late = false;
  bool stops_late = false;
  std::optional<Failure> prepare_failure;
  std::optional<Failure> start_failure;
  std::optional<Failure> stop_failure;
  void (*while_starting)(Part&) = nullptr;
  void* data = nullptr;

  void end_start() { end(starting_, start_failure); }
  void end_stop() { end(stopping_, stop_failure); }

 private:
  void tell(std::string_view what) const { say(std::string(what) + " " + std::string(name())); }

  Error privileged_start_service() override {
    tell("prepare");
    return prepare_failure ? prepare_failure->error() : Error();
  }
  void start_service(Deferred<void>& started) override {
    tell("start");
    starting_ = &started;
    started.on_cancel([this] {
      tell("cancel");
      starting_ = nullptr;
    });
    if (while_starting != nullptr) while_starting(*this);
    if (!starts_late && starting_ != nullptr) end_start();
  }
  void stop_service(Deferred<void>& stopped) override {
    tell("stop");
    stopping_ = &stopped;
    if (!stops_late) end_stop();
  }
  static void end(Deferred<void>*& what, const std::optional<Failure>& failure) {
    Deferred<void>& step = *std::exchange(what, nullptr);
    if (failure) {
      step.errback(*failure);
    } else {
      step.callback();
    }
  }

  Deferred<void>* starting_ = nullptr;
  Deferred<void>* stopping_ = nullptr;
};

// What a Deferred of nothing has come to, in words.
inline std::string result_of(Deferred<void>& deferred) {
  const auto taken = take_result(deferred);
  if (!taken) return "nothing yet";
  return *taken ? "done" : std::string(describe(taken->failure()));
}

}  // namespace bobbin::test
