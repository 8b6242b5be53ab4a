// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/service.hpp>

namespace bobbin {

enum class ServiceOrder : std::uint8_t {
  one_by_one,  // the next one starts when the one before runs, and stops when the one after has
  at_once,     // in the same order, but nobody waits for anybody
};

// What a child's failure is to its parent. Why it failed stays known as the child's `failure`.
enum class WhenChildFails : std::uint8_t {
  stop,   // the parent's own: it stops all that it has, and its own parent hears of it
  go_on,  // the child stays, stopped, and the others go on
};

struct MultiServiceOptions {
  ServiceOrder order = ServiceOrder::one_by_one;
  WhenChildFails when_child_fails = WhenChildFails::stop;
};

// A service made of others: Twisted's MultiService, and its IServiceCollection. It starts its
// children in the order in which they were added, and runs when all of them do; it stops them in
// reverse and has stopped when all have. All are prepared, in order, before the first one starts.
//
// A child that fails to start: those that were started are stopped in reverse, and the parent fails
// with the child's failure; `culprit` says whose it is. One that fails to stop keeps nobody else
// from being stopped; the parent fails with the first such failure, and every child keeps its own,
// so that all can be told of. Children that somebody has started or stopped by themselves are let
// be where that suits: running ones are not started, and stopped ones not stopped.
//
// Children are the caller's and linked through themselves, so there is no limit to their number. A
// parent that goes lets its children be as they are; from inside a call to one of them it may go
// only if that child stays.
class MultiService : public Service {
 public:
  using Options = MultiServiceOptions;

  explicit MultiService(std::string_view name = {}, Options options = {})
      : Service(name), options_(options) {}
  ~MultiService();

  // A child behind the others. If this runs, it starts the child; while it starts, the child's turn
  // comes. Errors: already_registered, when the child has a parent or another child its name;
  // nothing has changed.
  Error add(Service& child);

  // The same, and `added`, which is pending, fires when the child runs: at once, if this is neither
  // running nor starting. Failures: that error; those of `Service::start`, and then the child stays
  // and its failure is to this as it always is.
  void add(Service& child, Deferred<void>& added);

  // The child leaves, for which it is stopped first. `removed`, which is pending, fires then.
  // Failures: invalid_argument, when it is no child of this; those of `Service::stop`, and it has
  // left all the same.
  void remove(Service& child, Deferred<void>& removed);

  // Null if there is none.
  Service* child_named(std::string_view name) const;

  std::size_t size() const;

  // The children, in order. What is removed while they are gone through must not be the one that
  // was given last.
  Service* first_child() const { return first_; }
  static Service* child_after(const Service& child) { return child.next_; }

  const Service* culprit() const override;

 protected:
  // What derived classes that have a destructor of their own call in it.
  void abandon_children();

  Error privileged_start_service() override;
  void start_service(Deferred<void>& started) override;
  void stop_service(Deferred<void>& stopped) override;

  // The child's failure becomes this one's, which stops.
  void fail_for(Service& child);

  // For who does not take a child's failure for its own: the child, which has stopped, is to be
  // started again by the second call, if nobody has done so before. One that fails once more waits
  // for another such call.
  static void await_restart(Service& child) { child.awaits_restart_ = true; }
  void restart_those_that_wait();

 private:
  friend class Service;

  // A child failed while this runs: to start when it was added or started, or it could not go on.
  // It has stopped.
  virtual void child_failed(Service& child);

  bool may_add(const Service& child) const;
  void start_added(Service& child);
  void append(Service& child);
  void drop(Service& child);
  void child_changed(Service& child);
  void child_has_news(Service& child);
  void advance();
  bool step();
  bool start_next();
  bool stop_next();
  bool finish(Deferred<void>*& what);
  bool in_transition() const;

  Options options_;
  bool advancing_ = false;
  Service* first_ = nullptr;
  Service* last_ = nullptr;
  Service* to_start_ = nullptr;         // the next one, while going through them
  Service* culprit_ = nullptr;          // the child whose failure is this one's
  Deferred<void>* starting_ = nullptr;  // to be fired when all children run
  Deferred<void>* stopping_ = nullptr;  // to be fired when all have stopped
};

}  // namespace bobbin
