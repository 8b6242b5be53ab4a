// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_observer.hpp>

#include <array>

#include <bobbin/assert.hpp>

namespace bobbin {

LogObserver::~LogObserver() {
  BOBBIN_ASSERT(!observing_);
  if (publisher_ != nullptr) publisher_->remove(*this);
}

Error LogObserver::hear(const LogEvent& event) {
  if (observing_) {
    ++missed_;
    return {};
  }
  observing_ = true;
  const Error error = observe(event);
  observing_ = false;
  if (!error) return {};
  ++failures_;
  last_failure_ = error;
  if (health_ == Health::sound) health_ = Health::failed;
  return error;
}

LogPublisher::~LogPublisher() {
  BOBBIN_ASSERT(rounds_ == nullptr);
  while (first_ != nullptr) remove(*first_);
}

void LogPublisher::add(LogObserver& observer) {
  BOBBIN_ASSERT_CONTEXT(clock_);
  BOBBIN_ASSERT(observer.publisher_ == nullptr && &observer != this);
  LogObserver** place = &first_;
  while (*place != nullptr) place = &(*place)->next_;
  *place = &observer;
  observer.publisher_ = this;
  observer.health_ = Health::sound;
  for (Round* round = rounds_; round != nullptr; round = round->outer) {
    if (round->next == nullptr) round->next = &observer;
  }
}

void LogPublisher::remove(LogObserver& observer) {
  BOBBIN_ASSERT_CONTEXT(clock_);
  if (observer.publisher_ != this) return;
  for (Round* round = rounds_; round != nullptr; round = round->outer) {
    if (round->next == &observer) round->next = observer.next_;
  }
  LogObserver** place = &first_;
  while (*place != &observer) place = &(*place)->next_;
  *place = observer.next_;
  observer.next_ = nullptr;
  observer.publisher_ = nullptr;
}

bool LogPublisher::wants(LogLevel level, std::string_view log_namespace) const {
  for (const LogObserver* observer = first_; observer != nullptr; observer = observer->next_) {
    if (observer->wants(level, log_namespace)) return true;
  }
  return false;
}

void LogPublisher::publish(LogEvent& event) {
  BOBBIN_ASSERT_CONTEXT(clock_);
  event.time = clock_.present();
  deliver(event, nullptr);
  report_failures(event.time);
}

Error LogPublisher::observe(const LogEvent& event) {
  deliver(event, nullptr);
  report_failures(event.time);
  return {};
}

void LogPublisher::deliver(const LogEvent& event, const LogObserver* without) {
  Round round{.next = first_, .outer = rounds_};
  rounds_ = &round;
  while (round.next != nullptr) {
    LogObserver& observer = *round.next;
    round.next = observer.next_;
    // Its Error is kept in the observer, for `report_failures`.
    if (&observer != without) (void)observer.hear(event);
  }
  rounds_ = round.outer;
}

// Who fails to hear the report is reported in turn. Each is only once, so this ends.
void LogPublisher::report_failures(Instant time) {
  std::uint32_t position = 0;
  LogObserver* observer = first_;
  while (observer != nullptr) {
    if (observer->health_ != Health::failed) {
      observer = observer->next_;
      ++position;
      continue;
    }
    report(*observer, position, time);
    observer = first_;
    position = 0;
  }
}

void LogPublisher::report(LogObserver& broken, std::uint32_t position, Instant time) {
  broken.health_ = Health::reported;
  const std::array<LogValue, 1> values{position};
  deliver({.level = LogLevel::critical,
           .time = time,
           .log_namespace = "bobbin.log",
           .format = "observer {observer} failed",
           .values = values,
           .failure = broken.last_failure_},
          &broken);
}

}  // namespace bobbin
