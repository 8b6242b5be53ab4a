// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>

#include <bobbin/deferred.hpp>
#include <bobbin/deferred_gathering.hpp>

namespace bobbin {

// What came out of several Deferreds, by their place in the list, which may be told by a number or
// an enumerator. It lies in the list and is valid until that is used again.
template <class T>
class Gathered {
 public:
  static constexpr std::size_t all = static_cast<std::size_t>(-1);

  Gathered(std::span<const Outcome<T>> outcomes, std::size_t index)
      : outcomes_(outcomes), index_(index) {}

  template <class Key>
  const Outcome<T>& operator[](Key key) const {
    return outcomes_[static_cast<std::size_t>(key)];
  }
  std::size_t size() const { return outcomes_.size(); }
  auto begin() const { return outcomes_.begin(); }
  auto end() const { return outcomes_.end(); }

  // Of the member whose value it was that decided; `all` when all are here. With an index, members
  // without a result have the failure `would_block`.
  std::size_t index() const { return index_; }
  std::add_lvalue_reference_t<const T> value() const { return outcomes_[index_].value(); }

 private:
  std::span<const Outcome<T>> outcomes_;
  std::size_t index_;
};

// The same where all have succeeded.
template <class T>
class Values {
 public:
  explicit Values(Gathered<T> gathered) : gathered_(gathered) {}

  template <class Key>
  std::add_lvalue_reference_t<const T> operator[](Key key) const {
    return gathered_[key].value();
  }
  std::size_t size() const { return gathered_.size(); }

 private:
  Gathered<T> gathered_;
};

struct DeferredListOptions {
  bool fire_on_one_callback = false;  // the first value is enough
  bool fire_on_one_errback = false;   // the first failure is enough
  bool consume_errors = false;        // members' failures are handled, and no value comes out
};

// A place for the outcomes of N members.
template <class T, std::size_t N>
class GatheredOutcomes : public Gathering {
 protected:
  GatheredOutcomes() : Gathering(members_) {}

  // At most N.
  void start(std::span<const Chain<T>> members, bool consume) {
    count_ = members.size();
    for (std::size_t index = 0; index < count_; ++index) {
      members_[index] = members[index].core();
      std::construct_at(&places_.outcomes[index], Failure(Errc::would_block, Origin()));
    }
    gather(count_, &detail::type_of<T>, consume);
  }
  void keep(std::size_t index, DeferredCore::State state, const DeferredCore::Cell& cell) {
    places_.outcomes[index] = detail::outcome_of<T>(cell, state);
  }
  const Outcome<T>& outcome(std::size_t index) const { return places_.outcomes[index]; }
  Gathered<T> gathered(std::size_t index) const {
    return {std::span<const Outcome<T>>(places_.outcomes, count_), index};
  }

  // At most N.
  template <class D>
  static std::array<Chain<T>, N> chains_of(std::span<D> deferreds) {
    std::array<Chain<T>, N> chains;
    for (std::size_t index = 0; index < deferreds.size(); ++index) {
      chains[index] = deferreds[index].chain();
    }
    return chains;
  }

 private:
  union Places {
    Places() {}
    Outcome<T> outcomes[N];
  };

  DeferredCore* members_[N] = {};
  std::size_t count_ = 0;
  Places places_;
};

// A Deferred that waits for others: Twisted's DeferredList. It fires when all of them have a
// result, with all outcomes in their order, whatever the order in which they came; never with a
// failure, unless the options say so. What passes through the members passes on to what is added to
// them later, failures too, unless they are consumed.
//
//   Deferred<Reading> readings[3];
//   DeferredList<Reading, 3> all;
//   for (...) sensors[i].read(readings[i]);
//   all.gather(readings);
//   all.add_callback([this](Gathered<Reading> got) { show(got[kitchen], got[attic]); });
//
// The first failure, with `fire_on_one_errback`, is the list's own, and `failed_index` tells of
// whom it is (Twisted's FirstError). Cancelling the list, and destroying it while it is pending,
// cancels its members. It and its members may go in any order.
template <class T, std::size_t N>
class DeferredList final : private GatheredOutcomes<T, N>, public Deferred<Gathered<T>> {
  static_assert(N > 0, "bobbin: a DeferredList has room for at least one member");
  using Outcomes = GatheredOutcomes<T, N>;

 public:
  using Options = DeferredListOptions;

  DeferredList() = default;
  ~DeferredList() { reset(); }

  // Waits for these, at most N; for more it fails with `no_capacity`, and leaves them alone. Once
  // for each `reset`; functions may be added before and after. It may be fired at once. Without
  // members it fires with none, but not with `fire_on_one_callback`.
  void gather(std::span<const Chain<T>> members, Options options = {}) {
    BOBBIN_ASSERT(!this->called() && this->outstanding() == 0);
    if (members.size() > N) return refuse();
    options_ = options;
    this->on_cancel([this] { this->cancel_members(); });
    if (members.empty() && !options.fire_on_one_callback) return fire_with_all();
    this->start(members, options.consume_errors);
  }
  void gather(std::initializer_list<Chain<T>> members, Options options = {}) {
    gather(std::span<const Chain<T>>(members.begin(), members.size()), options);
  }
  template <class D>
  requires std::is_base_of_v<Deferred<T>, D>
  void gather(std::span<D> members, Options options = {}) {
    if (members.size() > N) return refuse();
    gather(std::span<const Chain<T>>(Outcomes::chains_of(members)).first(members.size()), options);
  }
  template <std::size_t stages, std::size_t count>
  void gather(Deferred<T, stages> (&members)[count], Options options = {}) {
    static_assert(count <= N, "bobbin: more members than this DeferredList has room for");
    gather(std::span<Deferred<T, stages>>(members), options);
  }

  // As of a Deferred; it waits for nobody then.
  void reset() {
    this->reset_with([this] {
      this->forget_members();
      failed_index_ = Gathered<T>::all;
    });
  }

  // Which member the failure is of.
  std::size_t failed_index() const { return failed_index_; }

 private:
  void member_done(std::size_t index, DeferredCore::State state,
                   const DeferredCore::Cell& cell) override {
    this->keep(index, state, cell);
    if (this->called()) return;
    const bool succeeded = state == DeferredCore::State::succeeded;
    if (succeeded && options_.fire_on_one_callback) {
      this->callback(this->gathered(index));
    } else if (!succeeded && options_.fire_on_one_errback) {
      failed_index_ = index;
      this->errback(this->outcome(index).failure());
    } else if (this->outstanding() == 0) {
      fire_with_all();
    }
  }
  void fire_with_all() { this->callback(this->gathered(Gathered<T>::all)); }
  void refuse() { this->errback(Failure(Errc::no_capacity, Origin())); }

  Options options_;
  std::size_t failed_index_ = Gathered<T>::all;
};

// All values, or the first failure; members' failures are consumed. What comes out is the chain
// that is returned (Twisted's gatherResults).
template <class T, std::size_t N, class Members>
Chain<Values<T>> gather_results(DeferredList<T, N>& list, Members&& members) {
  list.gather(members, {.fire_on_one_errback = true, .consume_errors = true});
  return list.add_callback([](Gathered<T> gathered) { return Values<T>(gathered); });
}
template <class T, std::size_t N>
Chain<Values<T>> gather_results(DeferredList<T, N>& list, std::initializer_list<Chain<T>> members) {
  return gather_results(list, std::span<const Chain<T>>(members.begin(), members.size()));
}

// A race: a Deferred for the first value of several contenders (magic-wormhole's
// `there_can_be_only_one`). The first value wins and all others are cancelled; it fires when all of
// them have ended. A failure decides nothing; when all fail, it fails with the first one. A value
// that comes after the winner's is dropped. Contenders' failures are consumed. Cancelling it, and
// destroying it while it is pending, cancels all. Without contenders it fails with
// `invalid_argument`, with more than N with `no_capacity`, and leaves them alone.
template <class T, std::size_t N>
class FirstSuccess final : private GatheredOutcomes<T, N>, public Deferred<T> {
  static_assert(N > 0, "bobbin: a race has at least one contender");
  using Outcomes = GatheredOutcomes<T, N>;

 public:
  FirstSuccess() = default;
  ~FirstSuccess() { reset(); }

  // Once for each `reset`, at most N. It may be fired at once.
  void race(std::span<const Chain<T>> contenders) {
    BOBBIN_ASSERT(!this->called() && this->outstanding() == 0);
    this->on_cancel([this] { this->cancel_members(); });
    if (contenders.empty()) return static_cast<void>(this->errback(Errc::invalid_argument));
    if (contenders.size() > N) return static_cast<void>(this->errback(Errc::no_capacity));
    this->start(contenders, true);
  }
  void race(std::initializer_list<Chain<T>> contenders) {
    race(std::span<const Chain<T>>(contenders.begin(), contenders.size()));
  }
  template <class D>
  requires std::is_base_of_v<Deferred<T>, D>
  void race(std::span<D> contenders) {
    if (contenders.size() > N) return static_cast<void>(this->errback(Errc::no_capacity));
    race(std::span<const Chain<T>>(Outcomes::chains_of(contenders)).first(contenders.size()));
  }
  template <std::size_t stages, std::size_t count>
  void race(Deferred<T, stages> (&contenders)[count]) {
    static_assert(count <= N, "bobbin: more contenders than this race has room for");
    race(std::span<Deferred<T, stages>>(contenders));
  }

  // As of a Deferred; it waits for nobody then.
  void reset() {
    this->reset_with([this] {
      this->forget_members();
      winner_ = first_failed_ = none;
    });
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void member_done(std::size_t index, DeferredCore::State state,
                   const DeferredCore::Cell& cell) override {
    this->keep(index, state, cell);
    const bool succeeded = state == DeferredCore::State::succeeded;
    if (!succeeded && first_failed_ == none) first_failed_ = index;
    const bool wins = succeeded && winner_ == none;
    if (wins) winner_ = index;
    // The last one to end fires, and it may end inside of this.
    if (this->outstanding() == 0) return finish();
    if (wins) this->cancel_members();
  }
  void finish() {
    if (winner_ == none) {
      this->errback(this->outcome(first_failed_).failure());
    } else if constexpr (std::is_void_v<T>) {
      this->callback();
    } else {
      this->callback(*this->outcome(winner_));
    }
  }

  std::size_t winner_ = none;
  std::size_t first_failed_ = none;
};

}  // namespace bobbin
