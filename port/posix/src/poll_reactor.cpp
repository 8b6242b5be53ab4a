// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/poll_reactor.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <bobbin/assert.hpp>

#include "failed_wait.hpp"
#include "timespec.hpp"

namespace bobbin {

namespace {

// poll(2) tells of these unasked.
constexpr std::uint16_t end_of_both = POLLERR | POLLHUP;

// Somebody closed a descriptor that is watched, and nothing will come of it any more. poll(2) would
// say so at once each time; told as everything, it is asked about once more, by whom it belongs to.
constexpr std::uint16_t all_there_is = POLLIN | POLLOUT | end_of_both;

// It is watched first and as long as the reactor lives.
constexpr std::size_t waker_place = 0;

}  // namespace

PollReactorBase::PollReactorBase(Storage storage, Places places)
    : PosixReactor(storage), places_(places) {
  open({});
}

// While the events are gone through nobody goes away; who is forgotten then keeps its place.
void PollReactorBase::wait(Instant until) {
  BOBBIN_ASSERT(!status());
  ask();
  const Duration length = longest_sleep(until);
  const timespec time = to_timespec(length == forever ? Duration::zero() : length);
  const timespec* const limit = length == forever ? nullptr : &time;
  const int count = ppoll(places_.questions.data(), count_, limit, nullptr);
  if (count > 0) tell();
  // No memory for the questions, or RLIMIT_NOFILE was set below their number.
  if (count < 0) nap_after_failed_wait(errno, length);
}

std::span<const pollfd> PollReactorBase::descriptors() {
  ask();
  return places_.questions.first(count_);
}

// poll(2) tells what is, not what has changed. Who has been told of something is asked about it
// again only when it expects it anew; a connection expects both its ends once.
void PollReactorBase::ask() {
  drop_forgotten();
  for (std::size_t i = 0; i < count_; ++i) {
    const Place& place = places_.all[i];
    const std::uint16_t expected = place.watched->expected_;
    const bool over = (expected & end_of_both) != end_of_both;
    places_.questions[i] = {.fd = over ? -1 : place.descriptor,
                            .events = static_cast<short>(expected & ~end_of_both),
                            .revents = 0};
  }
}

void PollReactorBase::tell() {
  for (std::size_t i = 0; i < count_; ++i) {
    const auto told = static_cast<std::uint16_t>(places_.questions[i].revents);
    const std::uint16_t events = (told & POLLNVAL) != 0 ? all_there_is : told;
    if (events == 0 || places_.all[i].watched == nullptr) continue;
    Watched& watched = *places_.all[i].watched;
    watched.expected_ = static_cast<std::uint16_t>(watched.expected_ & ~events);
    watched.ready(events);
    if (i == waker_place) take_wake(watched);
  }
}

// One that comes between the two is seen by the next wait; one that came before is over.
void PollReactorBase::take_wake(Watched& watched) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(waker(), &count, sizeof count);
  watched.expect(POLLIN);
}

Error PollReactorBase::watch(int descriptor, Watched& watched, Interest interest) {
  const bool has_place = may_watch();
  for (const Place& place : places_.all.first(count_)) {
    if (place.descriptor == descriptor) return {Errc::already_registered, EEXIST};
  }
  if (!has_place) return Errc::no_capacity;
  constexpr std::uint16_t input = POLLIN | POLLPRI | POLLRDHUP | end_of_both;
  constexpr std::uint16_t room = POLLOUT | end_of_both;
  switch (interest) {
    case Interest::input: watched.expected_ = input; break;
    case Interest::room: watched.expected_ = room; break;
    case Interest::input_and_room: watched.expected_ = input | room; break;
  }
  places_.all[count_++] = {.descriptor = descriptor, .watched = &watched};
  return {};
}

bool PollReactorBase::may_watch() {
  drop_forgotten();
  return count_ < places_.all.size();
}

void PollReactorBase::forget(int descriptor) {
  for (Place& place : places_.all.first(count_)) {
    if (place.descriptor == descriptor) place = {};
  }
}

void PollReactorBase::drop_forgotten() {
  const auto used = places_.all.first(count_);
  const auto end = std::remove_if(used.begin(), used.end(),
                                  [](const Place& place) { return place.watched == nullptr; });
  count_ = static_cast<std::size_t>(end - used.begin());
}

}  // namespace bobbin
