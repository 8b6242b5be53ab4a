// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/simulation.hpp>

#include <algorithm>

#include <bobbin/assert.hpp>

namespace bobbin {

SimulationBase::SimulationBase(memory::Network& network, Storage storage, std::uint64_t seed)
    : network_(network),
      hosts_(storage.hosts),
      behaviours_(storage.behaviours),
      events_(storage.events) {
  network_.seed(seed);
  network_.observer = [this](const memory::Event& event) { remember(event); };
  network_.choose_behaviour = [this](auto& from, auto& to) { return behaviour_between(from, to); };
}

memory::Behaviour& SimulationBase::between(std::size_t one, std::size_t other) {
  BOBBIN_ASSERT(std::max(one, other) < hosts_.size());
  return behaviours_[std::min(one, other) * hosts_.size() + std::max(one, other)];
}

void SimulationBase::behave(const memory::Behaviour& behaviour) {
  std::ranges::fill(behaviours_, behaviour);
}

void SimulationBase::draw_behaviours() {
  for (memory::Behaviour& behaviour : behaviours_) behaviour = memory::draw_behaviour(random());
}

// An address that no host has is nobody's, or one of the network's own that refuse or swallow.
const memory::Behaviour* SimulationBase::behaviour_between(const Address& from, const Address& to) {
  const auto index_of = [this](const Address& address) {
    const auto found = std::ranges::find_if(
        hosts_, [&](const Host& host) { return host.reactor->address() == address.with_port(0); });
    return static_cast<std::size_t>(found - hosts_.begin());
  };
  const std::size_t one = index_of(from);
  const std::size_t other = index_of(to);
  return std::max(one, other) < hosts_.size() ? &between(one, other) : nullptr;
}

void SimulationBase::fail(const char* sentence) {
  if (failure_ != nullptr) return;
  failure_ = sentence;
  remember({.when = network_.now(), .what = sentence});
}

void SimulationBase::note(std::size_t host, const char* what, std::size_t bytes) {
  const auto number = static_cast<std::uint8_t>(host + 1);
  remember({.when = network_.now(), .host = number, .what = what, .bytes = bytes});
}

SimulationBase::Ending SimulationBase::run(RunOptions options) {
  memory::Network::Look look = [this] { check(check_); };
  look_at_events(&look);
  const Ending ending = run_on(options);
  look_at_events(nullptr);
  return ending;
}

void SimulationBase::look_at_events(memory::Network::Look* look) {
  network_.after_each_event(look);
  for (Host& host : hosts_) host.reactor->after_each_event(look);
}

SimulationBase::Ending SimulationBase::run_on(RunOptions& options) {
  const Instant end = after(network_.now(), options.limit);
  memory::Standstill standstill(options.turns_at_one_instant);
  for (;;) {
    if (failure_ != nullptr) return Ending::broken;
    if (options.until && options.until()) return Ending::done;
    if (Host* const host = draw_ready()) {
      turn(*host);
    } else {
      const Instant next = next_event();
      if (next == never) return Ending::idle;
      network_.advance(std::min(next, end) - network_.now());
      if (next > end) return Ending::limit;
    }
    if (standstill.after_turn_at(network_.now())) {
      fail("time stands still");
      return Ending::standstill;
    }
  }
}

bool SimulationBase::ready(const Host& host) const {
  return host.asleep_until <= network_.now() && host.reactor->due() <= network_.now();
}

// Each of those that are ready with the same chance: on real hosts any of them may be first.
SimulationBase::Host* SimulationBase::draw_ready() {
  Host* drawn = nullptr;
  std::uint64_t seen = 0;
  for (Host& host : hosts_) {
    if (!ready(host)) continue;
    ++seen;
    if (seen == 1 || random().below(seen) == 0) drawn = &host;
  }
  return drawn;
}

// Not before now: what the network has to do at once it does when the clock is asked to move.
Instant SimulationBase::next_event() const {
  Instant next = network_.next_call();
  for (const Host& host : hosts_) {
    const Instant due = host.reactor->due();
    if (due != never) next = std::min(next, std::max(due, host.asleep_until));
  }
  return std::max(next, network_.now());
}

void SimulationBase::turn(Host& host) {
  host.reactor->turn({});
  if (random().one_in(host_faults.naps)) {
    const auto most = static_cast<std::uint64_t>(host_faults.nap_max.count());
    const Duration length(static_cast<std::int64_t>(1 + random().below(most)));
    host.asleep_until = after(network_.now(), length);
    note(static_cast<std::size_t>(&host - hosts_.data()), "naps");
  }
  check(check_turn_);
}

void SimulationBase::check(Check& asked) {
  const char* broken = network_.fault();
  if (broken == nullptr) broken = broken_account();
  if (broken == nullptr && asked) broken = asked();
  if (broken != nullptr) fail(broken);
}

const char* SimulationBase::broken_account() const {
  std::uint64_t used = 0;
  for (const Host& host : hosts_) {
    const Statistics& statistics = host.reactor->statistics();
    used += statistics.bytes_received;
    if (statistics.resumes > statistics.pauses) return "a producer was resumed without a pause";
    if (statistics.connections_lost > statistics.connections_opened) {
      return "more connections were lost than made";
    }
  }
  return used <= network_.traffic().bytes_arrived ? nullptr : "more was used than arrived";
}

const char* SimulationBase::left_over() const {
  if (network_.links_in_use().in_use != 0) return "a link was not given back";
  if (network_.datagrams_in_use().in_use != 0) return "a datagram was not given back";
  if (network_.timer_use().in_use != 0) return "a timer of the network's was not given back";
  for (const Host& host : hosts_) {
    if (host.reactor->timer_use().in_use != 0) return "a timer was not given back";
    const Statistics& statistics = host.reactor->statistics();
    if (statistics.connections_lost != statistics.connections_opened) {
      return "a connection was not lost";
    }
  }
  return nullptr;
}

void SimulationBase::remember(const memory::Event& event) {
  events_[events_seen_++ % events_.size()] = event;
  if (trace_ != nullptr) print(trace_, event);
}

void SimulationBase::print_trace(std::FILE* to) const {
  const std::size_t kept = std::min(events_seen_, events_.size());
  if (kept < events_seen_) std::fprintf(to, "(%zu events before)\n", events_seen_ - kept);
  for (std::size_t i = events_seen_ - kept; i < events_seen_; ++i) {
    print(to, events_[i % events_.size()]);
  }
}

void SimulationBase::print(std::FILE* to, const memory::Event& event) {
  const std::int64_t time = event.when.time_since_epoch().count();
  std::fprintf(to, "%8lld.%06lld", static_cast<long long>(time / 1'000'000),
               static_cast<long long>(time % 1'000'000));
  if (event.host != 0) std::fprintf(to, "  host %u", unsigned{event.host});
  if (event.connection != 0) std::fprintf(to, "  #%u", unsigned{event.connection});
  std::fprintf(to, "  %s", event.what);
  if (event.bytes != 0) std::fprintf(to, " %zu", event.bytes);
  std::fprintf(to, "\n");
}

std::string_view describe(SimulationBase::Ending ending) {
  switch (ending) {
    case SimulationBase::Ending::done: return "it is done";
    case SimulationBase::Ending::idle: return "nothing can ever happen again";
    case SimulationBase::Ending::limit: return "its time is over";
    case SimulationBase::Ending::standstill: return "time stands still";
    case SimulationBase::Ending::broken: return "something is broken";
  }
  return "";
}

}  // namespace bobbin
