// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/testing/left_behind.hpp>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace bobbin {

namespace {

// For "%.*s".
int length(std::string_view text) { return static_cast<int>(text.size()); }

const char* description(const memory::Link& link) {
  using State = memory::Link::State;
  if (link.state == State::opening || link.state == State::swallowed) return "a connect";
  if (link.state == State::waiting) return "a connection that nobody has accepted";
  const bool half = link.ends[0].closed || link.ends[1].closed;
  return half ? "a connection that one end has closed" : "a connection";
}

}  // namespace

void LeftBehind::add(const char* format, ...) {
  const std::size_t room = sizeof text_ - size_;
  std::va_list arguments;
  va_start(arguments, format);
  const int wanted = std::vsnprintf(text_ + size_, room, format, arguments);
  va_end(arguments);
  size_ += std::min(static_cast<std::size_t>(wanted), room - 1);
}

// "  2 timers of the server", and what follows.
void LeftBehind::note_number(std::uint32_t number, const char* of_one, const char* of_many,
                             std::string_view name, const char* rest) {
  if (number == 0) return;
  add("  %u %s", unsigned{number}, number == 1 ? of_one : of_many);
  if (!name.empty()) add(" of %.*s", length(name), name.data());
  add("%s\n", rest);
}

void LeftBehind::note(const Clock& clock, std::string_view name) {
  const Duration left = std::max(clock.next_call() - clock.now(), Duration::zero());
  char first[64];
  std::snprintf(first, sizeof first, ", the first due in %.3f ms",
                std::chrono::duration<double, std::milli>(left).count());
  note_number(clock.timer_use().in_use, "timer", "timers", name, first);
}

void LeftBehind::note_posted_calls(const Reactor& reactor, std::string_view name) {
  note_number(reactor.posted_use().in_use, "posted call", "posted calls", name);
}

void LeftBehind::note(const memory::Network& network) {
  network.for_each_link([this](const memory::Link& link) { note_link(link); });
}

void LeftBehind::note_link(const memory::Link& link) {
  const AddressText from(link.ends[0].address);
  const AddressText to(link.ends[1].address);
  add("  %s, from %.*s to %.*s\n", description(link), length(from), from.view().data(), length(to),
      to.view().data());
}

void LeftBehind::note(const Reactor& reactor, std::string_view name) {
  note(static_cast<const Clock&>(reactor), name);
  note_posted_calls(reactor, name);
  const Statistics& statistics = reactor.statistics();
  note_number(statistics.connections_opened - statistics.connections_lost, "connection",
              "connections", name);
}

void LeftBehind::note(const CoroutinePool& coroutines, std::string_view name) {
  note_number(coroutines.use().in_use, "coroutine", "coroutines", name);
  note_number(coroutines.elsewhere(), "coroutine", "coroutines", name,
              " in a place of its own, as a TaskDeferred has");
}

void LeftBehind::note(const ConnectionPool& connections, std::string_view name) {
  note_number(connections.use().in_use, "connection", "connections", name);
}

void LeftBehind::note(const FrameSlot& frame, std::string_view name) {
  if (!frame.taken()) return;
  add("  a frame in use");
  if (!name.empty()) add(": %.*s", length(name), name.data());
  add("\n");
}

void LeftBehind::note(const PoolUse& use, std::string_view name) {
  if (use.in_use == 0) return;
  add("  %u of %u in use: %.*s\n", unsigned{use.in_use}, unsigned{use.capacity}, length(name),
      name.data());
}

void LeftBehind::note(const UnhandledFailures& failures) {
  for (const Failure& failure : failures.all()) {
    const std::string_view what = describe(failure);
    const Origin origin = failure.origin();
    const std::string_view place = origin.place();
    add("  a failure that nobody handled: %.*s, from %.*s:%u\n", length(what), what.data(),
        length(place), place.data(), unsigned{origin.line});
  }
  if (failures.lost() > 0) add("  and %u more of them\n", unsigned{failures.lost()});
}

void LeftBehind::note(const FailureObserver& errors) {
  for (const FailureObserver::LoggedError& each : errors.failures_logged()) {
    const std::string_view what = describe(each.error);
    add("  an error that was logged and not flushed: [%.*s] %.*s: %.*s\n",
        length(each.log_namespace), each.log_namespace.data(), length(each.format),
        each.format.data(), length(what), what.data());
  }
  if (errors.lost() > 0) add("  and %u more of them\n", unsigned{errors.lost()});
}

}  // namespace bobbin
