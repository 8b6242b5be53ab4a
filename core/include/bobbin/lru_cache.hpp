// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/time.hpp>
#include <bobbin/waiters.hpp>

namespace bobbin {

struct LruCacheOptions {
  // A value is good for so long after it came; who then wants it has it fetched again. Zero:
  // nothing is kept, but those who wait at the same time share one fetch.
  Duration time_to_live = forever;
};

// N values that take time to fetch, the least recently used of which makes room (after Buildbot's
// asynchronous LRU cache). While one is fetched, all who want it wait for that one fetch; if it
// fails all of them fail, nothing is kept, and who comes next fetches again. A key being fetched
// makes no room. It is the caller's and does not move.
template <class Key, class Value, std::size_t N>
class LruCache {
  static_assert(N > 0, "bobbin: a cache has room for at least one value");
  static_assert(std::is_trivially_copyable_v<Key> && std::is_trivially_copyable_v<Value>,
                "bobbin: a cache holds plain values");

 public:
  // Starts to fetch the value of a key, and fires `value` with it, at once or later.
  using Fetch = InplaceFunction<void(const Key&, Deferred<Value>& value)>;

  explicit LruCache(Fetch fetch) : fetch_(fetch) {}
  // `clock` is the caller's and outlives this. No timer is taken: what is too old is found out when
  // it is wanted, or room is.
  LruCache(Fetch fetch, const Clock& clock, const LruCacheOptions& options)
      : fetch_(fetch), clock_(&clock), time_to_live_(options.time_to_live) {}
  LruCache(const LruCache&) = delete;
  LruCache& operator=(const LruCache&) = delete;
  // Those who wait get the failure `cancelled`; so does who asks again because of it.
  ~LruCache() {
    for (Entry& entry : entries_) entry.state = State::ended;
  }

  // Fires `value`, which is pending, with the value of `key`: at once if it is here. With the
  // failure `no_capacity` when all N are being fetched. Who is cancelled or goes while it waits
  // leaves; the fetch goes on.
  void get(const Key& key, Deferred<Value>& value) {
    if (entries_[0].state == State::ended) {
      value.errback(Errc::cancelled);
      return;
    }
    if (Entry* const found = find(key)) return use(*found, value);
    Entry* const entry = make_room();
    if (entry == nullptr) {
      value.errback(Errc::no_capacity);
      return;
    }
    entry->key = key;
    entry->used = ++uses_;
    entry->waiters.add(value);
    fetch(*entry);
  }

  // Forgets a value that is here.
  void forget(const Key& key) {
    Entry* const found = find(key);
    if (found != nullptr && found->state == State::here) found->state = State::free;
  }

  // Cancels each fetch that nobody waits for any more. Its place is free at once, so a fetch for
  // which there is a canceller (`on_cancel`) must not fire afterwards, and one without must not be
  // cancelled: what it fires late would be taken for the result of another.
  void cancel_unwanted() {
    for (Entry& entry : entries_) {
      if (entry.state == State::fetching && entry.waiters.empty()) entry.fetched.cancel();
    }
  }

  std::uint32_t hits() const { return hits_; }      // values that were here
  std::uint32_t joined() const { return joined_; }  // who found theirs being fetched, and waited
  std::uint32_t misses() const { return misses_; }  // fetches

 private:
  enum class State : std::uint8_t {
    free,
    fetching,
    failing,  // who waited is being told; who comes now is not one of them
    telling,  // the value is here, and who waited is being told
    here,
    ended,  // as the cache is
  };

  struct Entry {
    State state = State::free;
    std::uint64_t used = 0;  // when it was last, counted in uses
    Instant good_until = never;
    Key key{};
    Value value{};
    Waiters waiters;
    Deferred<Value> fetched;
  };

  Instant now() const { return clock_ != nullptr ? clock_->now() : Instant(); }

  // Without what is too old.
  Entry* find(const Key& key) {
    for (Entry& entry : entries_) {
      if (entry.state == State::here && entry.good_until <= now()) entry.state = State::free;
      if (entry.state != State::free && entry.key == key) return &entry;
    }
    return nullptr;
  }

  void use(Entry& entry, Deferred<Value>& value) {
    entry.used = ++uses_;
    if (entry.state < State::telling) {
      ++joined_;
      return entry.waiters.add(value);
    }
    ++hits_;
    const Value found = entry.value;
    value.callback(found);
  }

  Entry* make_room() {
    Entry* oldest = nullptr;
    for (Entry& entry : entries_) {
      if (entry.state == State::free) return &entry;
      if (entry.state != State::here) continue;
      if (oldest == nullptr || entry.used < oldest->used) oldest = &entry;
    }
    return oldest;
  }

  void fetch(Entry& entry) {
    ++misses_;
    entry.state = State::fetching;
    entry.fetched.reset();
    entry.fetched.add_both([this, &entry](const Outcome<Value>& got) { done(entry, got); });
    const Key key = entry.key;
    fetch_(key, entry.fetched);
  }

  // Whoever is told may destroy this. Who asks again once told of a failure has it fetched again.
  void done(Entry& entry, const Outcome<Value>& got) {
    entry.state = got ? State::telling : State::failing;
    if (got) entry.value = *got;
    const bool still_here = entry.waiters.take_all([&got](DeferredCore& waiter) {
      static_cast<Deferred<Value>&>(waiter).fire_with([&got] { return got; });
    });
    if (!still_here) return;
    if (got) {
      entry.state = State::here;
      entry.good_until = after(now(), time_to_live_);
    } else if (!entry.waiters.empty()) {
      fetch(entry);
    } else {
      entry.state = State::free;
    }
  }

  Fetch fetch_;
  const Clock* clock_ = nullptr;
  Duration time_to_live_ = forever;
  std::uint64_t uses_ = 0;
  std::uint32_t hits_ = 0;
  std::uint32_t joined_ = 0;
  std::uint32_t misses_ = 0;
  Entry entries_[N];
};

}  // namespace bobbin
