// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/multi_service.hpp>

#include <memory>

#include "multi_service_support.hpp"

namespace bobbin::test {
namespace {

TEST_F(MultiServiceTest, prepares_all_and_then_starts_them_in_order) {
  all.start(started);
  EXPECT_EQ(said(),
            (Lines{"prepare a", "prepare b", "prepare c", "start a", "start b", "start c"}));
  EXPECT_EQ(result_of(started), "done");
  EXPECT_TRUE(all.running());
}

TEST_F(MultiServiceTest, stops_them_in_reverse) {
  run();
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop c", "stop b", "stop a"}));
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(states(), "stopped, stopped, stopped");
}

TEST_F(MultiServiceTest, starts_each_when_the_one_before_runs) {
  a.starts_late = b.starts_late = true;
  all.start(started);
  EXPECT_EQ(states(), "starting, prepared, prepared");
  a.end_start();
  EXPECT_EQ(states(), "running, starting, prepared");
  EXPECT_EQ(result_of(started), "nothing yet");
  b.end_start();
  EXPECT_EQ(states(), "running, running, running");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, stops_each_when_the_one_after_has_stopped) {
  run();
  a.stops_late = b.stops_late = c.stops_late = true;
  all.stop(stopped);
  EXPECT_EQ(states(), "running, running, stopping");
  c.end_stop();
  EXPECT_EQ(states(), "running, stopping, stopped");
  b.end_stop();
  EXPECT_EQ(said(), (Lines{"stop c", "stop b", "stop a"}));
  EXPECT_EQ(result_of(stopped), "nothing yet");
  a.end_stop();
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(MultiServiceTest, without_children_runs_at_once) {
  MultiService none;
  none.start(started);
  EXPECT_EQ(result_of(started), "done");
  none.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(MultiServiceTest, finds_its_children_by_their_names) {
  EXPECT_EQ(all.child_named("b"), &b);
  EXPECT_EQ(all.child_named("d"), nullptr);
  EXPECT_EQ(all.size(), 3U);
  EXPECT_EQ(b.parent(), &all);
}

TEST_F(MultiServiceTest, has_one_child_of_each_name_but_any_number_without) {
  Part other("b"), nameless(""), nameless_too("");
  EXPECT_EQ(all.add(other), Errc::already_registered);
  EXPECT_EQ(other.parent(), nullptr);
  EXPECT_FALSE(all.add(nameless));
  EXPECT_FALSE(all.add(nameless_too));
  EXPECT_EQ(all.size(), 5U);
}

TEST_F(MultiServiceTest, takes_no_child_of_another) {
  MultiService other;
  EXPECT_EQ(other.add(a), Errc::already_registered);
  EXPECT_EQ(a.parent(), &all);
  Deferred<void> added;
  other.add(a, added);
  EXPECT_EQ(result_of(added), "already registered");
  EXPECT_EQ(a.parent(), &all);
  EXPECT_EQ(other.size(), 0U);
}

TEST_F(MultiServiceTest, is_a_child_like_any_other) {
  MultiService top{"top"};
  Part d{"d"};
  EXPECT_FALSE(top.add(all));
  EXPECT_FALSE(top.add(d));
  top.start(started);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "prepare c", "prepare d", "start a", "start b",
                           "start c", "start d"}));
  top.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop d", "stop c", "stop b", "stop a"}));
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, stops_those_that_were_started_when_one_fails_to_start) {
  b.start_failure = Failure(Oops::oops);
  all.start(started);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "prepare c", "start a", "start b", "stop b",
                           "stop c", "stop a"}));
  EXPECT_EQ(result_of(started), "oops");
  EXPECT_EQ(all.state(), State::stopped);
  EXPECT_EQ(all.culprit(), &b);
  EXPECT_EQ(*all.failure(), Oops::oops);
}

TEST_F(MultiServiceTest, waits_for_those_to_stop_before_it_has_failed) {
  a.stops_late = true;
  b.starts_late = true;
  b.start_failure = Failure(Oops::oops);
  all.start(started);
  b.end_start();
  EXPECT_EQ(states(), "stopping, stopped, stopped");
  EXPECT_EQ(result_of(started), "nothing yet");
  a.end_stop();
  EXPECT_EQ(result_of(started), "oops");
}

TEST_F(MultiServiceTest, tells_whose_failure_it_was_from_far_above) {
  MultiService middle{"middle"}, top{"top"};
  EXPECT_FALSE(middle.add(all));
  EXPECT_FALSE(top.add(middle));
  c.start_failure = Failure(Oops::oops);
  top.start(started);
  EXPECT_EQ(result_of(started), "oops");
  EXPECT_EQ(top.culprit(), &c);
  EXPECT_EQ(top.state(), State::stopped);
}

TEST_F(MultiServiceTest, starts_nobody_when_one_cannot_be_prepared) {
  b.prepare_failure = Errc::permission_denied;
  EXPECT_EQ(all.prepare(), Errc::permission_denied);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "stop b", "stop a"}));
  EXPECT_EQ(states(), "stopped, stopped, stopped");
  EXPECT_EQ(all.culprit(), &b);
}

TEST_F(MultiServiceTest, stops_all_others_whoever_fails_to_stop) {
  run();
  c.stop_failure = Failure(Oops::oops);
  a.stop_failure = Failure(Oops::type_error);
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop c", "stop b", "stop a"}));
  EXPECT_EQ(result_of(stopped), "oops");
  EXPECT_EQ(all.culprit(), &c);
  EXPECT_EQ(*c.failure(), Oops::oops);
  EXPECT_EQ(b.failure(), nullptr);
  EXPECT_EQ(*a.failure(), Oops::type_error);
}

TEST_F(MultiServiceTest, gives_up_starting_when_it_is_stopped) {
  b.starts_late = true;
  all.start(started);
  said();
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop c", "cancel b", "stop b", "stop a"}));
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(all.failure(), nullptr);
}

TEST_F(MultiServiceTest, can_be_stopped_from_inside_a_child_s_start) {
  b.data = this;
  b.while_starting = [](Part& self) {
    auto& test = *static_cast<MultiServiceTest*>(self.data);
    test.all.stop(test.stopped);
  };
  all.start(started);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare b", "prepare c", "start a", "start b", "stop c",
                           "stop b", "stop a"}));
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(MultiServiceTest, starts_again) {
  run();
  all.stop(stopped);
  said();
  Deferred<void> again;
  all.start(again);
  EXPECT_EQ(said(),
            (Lines{"prepare a", "prepare b", "prepare c", "start a", "start b", "start c"}));
  EXPECT_EQ(result_of(again), "done");
}

TEST_F(MultiServiceTest, lets_be_those_that_were_started_or_stopped_by_themselves) {
  Deferred<void> b_started, c_stopped;
  b.start(b_started);
  said();
  all.start(started);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare c", "start a", "start c"}));
  c.stop(c_stopped);
  said();
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop b", "stop a"}));
}

// S10.4: a child attached during start would be started twice by who goes through a list that
// grows.
TEST_F(MultiServiceTest, starts_a_sibling_added_by_a_child_that_starts_exactly_once) {
  struct Place {
    MultiService& all;
    Part d{"d"};
  } place{all};
  c.data = &place;
  c.while_starting = [](Part& self) {
    auto& [parent, d] = *static_cast<Place*>(self.data);
    EXPECT_FALSE(parent.add(d));
  };
  c.starts_late = true;
  all.start(started);
  said();
  EXPECT_EQ(place.d.state(), State::stopped);
  c.end_start();
  EXPECT_EQ(said(), (Lines{"prepare d", "start d"}));
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, starts_one_that_is_added_meanwhile_behind_the_others) {
  Part d{"d"};
  a.starts_late = true;
  all.start(started);
  said();
  EXPECT_FALSE(all.add(d));
  a.end_start();
  EXPECT_EQ(said(), (Lines{"start b", "start c", "prepare d", "start d"}));
  Deferred<void> removed;
  all.remove(d, removed);
}

TEST_F(MultiServiceTest, takes_one_that_runs_already_and_starts_one_that_is_prepared) {
  run();
  Part d{"d"}, e{"e"};
  Deferred<void> d_started, added, added_too;
  d.start(d_started);
  EXPECT_FALSE(e.prepare());
  said();
  all.add(d, added);
  EXPECT_EQ(result_of(added), "done");
  all.add(e, added_too);
  EXPECT_EQ(result_of(added_too), "done");
  EXPECT_EQ(said(), Lines{"start e"});
  all.stop(stopped);
}

// What it had failed with before is no news to its parent.
TEST_F(MultiServiceTest, starts_one_that_had_failed_before_it_was_added) {
  run();
  Part d{"d"};
  Deferred<void> d_started, added;
  d.start_failure = Failure(Oops::oops);
  d.start(d_started);
  EXPECT_EQ(result_of(d_started), "oops");
  d.start_failure.reset();
  all.add(d, added);
  EXPECT_EQ(result_of(added), "done");
  EXPECT_TRUE(all.running());
  all.stop(stopped);
}

TEST_F(MultiServiceTest, starts_one_that_is_added_while_it_runs) {
  run();
  Part d{"d"};
  d.starts_late = true;
  Deferred<void> added;
  all.add(d, added);
  EXPECT_EQ(said(), (Lines{"prepare d", "start d"}));
  EXPECT_EQ(result_of(added), "nothing yet");
  d.end_start();
  EXPECT_EQ(result_of(added), "done");
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop d", "stop c", "stop b", "stop a"}));
}

TEST_F(MultiServiceTest, starts_none_that_is_added_while_it_does_not_run) {
  Part d{"d"}, e{"e"};
  Deferred<void> added, added_too;
  all.add(d, added);
  EXPECT_EQ(result_of(added), "done");
  EXPECT_EQ(said(), Lines{});
  run();
  a.stops_late = true;
  all.stop(stopped);
  said();
  all.add(e, added_too);
  EXPECT_EQ(result_of(added_too), "done");
  EXPECT_EQ(said(), Lines{});
  a.end_stop();
  EXPECT_EQ(e.state(), State::stopped);
}

TEST_F(MultiServiceTest, stops_in_order_when_one_that_is_added_fails_to_start) {
  run();
  Part d{"d"};
  d.start_failure = Failure(Oops::oops);
  Deferred<void> added, ended;
  all.when_stopped(ended);
  all.add(d, added);
  EXPECT_EQ(result_of(added), "oops");
  EXPECT_EQ(said(), (Lines{"prepare d", "start d", "stop d", "stop c", "stop b", "stop a"}));
  EXPECT_EQ(result_of(ended), "oops");
  EXPECT_EQ(all.culprit(), &d);
}

TEST_F(MultiServiceTest, stops_in_order_when_one_cannot_go_on) {
  run();
  Deferred<void> ended;
  all.when_stopped(ended);
  b.fail(Oops::oops);
  EXPECT_EQ(said(), (Lines{"stop b", "stop c", "stop a"}));
  EXPECT_EQ(result_of(ended), "oops");
}

TEST_F(MultiServiceTest, stops_one_that_is_removed) {
  run();
  b.stops_late = true;
  Deferred<void> removed;
  all.remove(b, removed);
  EXPECT_EQ(said(), Lines{"stop b"});
  EXPECT_EQ(b.parent(), &all);
  b.end_stop();
  EXPECT_EQ(result_of(removed), "done");
  EXPECT_EQ(b.parent(), nullptr);
  EXPECT_EQ(all.size(), 2U);
  EXPECT_TRUE(all.running());
}

TEST_F(MultiServiceTest, has_lost_who_is_removed_when_that_is_told) {
  run();
  Deferred<void> removed, again;
  removed.add_callback([this, &again] { all.add(b, again); });
  all.remove(b, removed);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_EQ(said(), (Lines{"stop b", "prepare b", "start b"}));
  EXPECT_EQ(MultiService::child_after(c), &b);
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop b", "stop c", "stop a"}));
  EXPECT_EQ(all.size(), 3U) << "to stop is not to leave";
}

TEST_F(MultiServiceTest, removes_one_that_fails_to_stop_all_the_same) {
  run();
  b.stop_failure = Failure(Oops::oops);
  Deferred<void> removed;
  all.remove(b, removed);
  EXPECT_EQ(result_of(removed), "oops");
  EXPECT_EQ(b.parent(), nullptr);
  EXPECT_TRUE(all.running());
}

TEST_F(MultiServiceTest, removes_one_that_has_not_started) {
  Deferred<void> removed, strange;
  all.remove(b, removed);
  EXPECT_EQ(result_of(removed), "done");
  all.remove(b, strange);
  EXPECT_EQ(result_of(strange), "invalid argument");
  all.start(started);
  EXPECT_EQ(said(), (Lines{"prepare a", "prepare c", "start a", "start c"}));
}

TEST_F(MultiServiceTest, removes_one_while_it_starts_and_goes_on) {
  b.starts_late = true;
  all.start(started);
  said();
  Deferred<void> removed;
  all.remove(b, removed);
  EXPECT_EQ(said(), (Lines{"cancel b", "stop b", "start c"}));
  EXPECT_EQ(result_of(removed), "done");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, goes_on_without_those_whose_turn_was_to_come) {
  auto d = std::make_unique<Part>("d");
  MultiService other;
  Part first{"first"}, e{"e"}, last{"last"};
  for (Part* part : {&first, d.get(), &e, &last}) EXPECT_FALSE(other.add(*part));
  first.starts_late = true;
  other.start(started);
  said();
  d.reset();
  Deferred<void> removed;
  other.remove(e, removed);
  first.end_start();
  EXPECT_EQ(said(), (Lines{"stop e", "start last"}));
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(MultiServiceTest, knows_the_culprit_while_that_is_its_child) {
  b.start_failure = Failure(Oops::oops);
  all.start(started);
  EXPECT_EQ(result_of(started), "oops");
  Deferred<void> removed, removed_too;
  all.remove(a, removed);
  EXPECT_EQ(all.culprit(), &b);
  all.remove(b, removed_too);
  EXPECT_EQ(all.culprit(), &all);
}

TEST_F(MultiServiceTest, is_the_culprit_of_its_own_failure_also_after_a_child_s) {
  Owned own;
  Part d{"d"};
  EXPECT_FALSE(own.add(d));
  d.start_failure = Failure(Oops::oops);
  own.start(started);
  EXPECT_EQ(result_of(started), "oops");
  EXPECT_EQ(own.culprit(), &d);
  d.start_failure.reset();
  Deferred<void> again;
  own.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_EQ(own.culprit(), nullptr);
  own.fail(Oops::type_error);
  EXPECT_EQ(own.culprit(), &own);
}

TEST_F(MultiServiceTest, stops_while_one_is_being_removed) {
  run();
  b.stops_late = true;
  Deferred<void> removed;
  all.remove(b, removed);
  all.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop b", "stop c"}));
  b.end_stop();
  EXPECT_EQ(said(), Lines{"stop a"});
  EXPECT_EQ(result_of(removed), "done");
  EXPECT_EQ(result_of(stopped), "done");
}

struct AtOnce : MultiServiceTest {
  MultiService parallel{"parallel", {.order = ServiceOrder::at_once}};

  AtOnce() {
    for (Part* part : {&a, &b, &c}) {
      Deferred<void> removed;
      all.remove(*part, removed);
      EXPECT_FALSE(parallel.add(*part));
      part->starts_late = part->stops_late = true;
    }
  }
};

TEST_F(AtOnce, starts_all_and_runs_when_the_last_one_does) {
  parallel.start(started);
  EXPECT_EQ(said(),
            (Lines{"prepare a", "prepare b", "prepare c", "start a", "start b", "start c"}));
  c.end_start();
  a.end_start();
  EXPECT_EQ(result_of(started), "nothing yet");
  b.end_start();
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(AtOnce, stops_all_in_reverse_and_has_stopped_when_the_last_one_has) {
  a.starts_late = b.starts_late = c.starts_late = false;
  parallel.start(started);
  said();
  parallel.stop(stopped);
  EXPECT_EQ(said(), (Lines{"stop c", "stop b", "stop a"}));
  a.end_stop();
  c.end_stop();
  EXPECT_EQ(result_of(stopped), "nothing yet");
  b.end_stop();
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(AtOnce, takes_the_first_failure_and_leaves_the_others_with_their_children) {
  a.stops_late = b.stops_late = c.stops_late = false;
  b.start_failure = Failure(Oops::oops);
  a.stop_failure = Failure(Oops::type_error);
  parallel.start(started);
  said();
  b.end_start();
  EXPECT_EQ(said(), (Lines{"stop b", "cancel c", "stop c", "cancel a", "stop a"}));
  EXPECT_EQ(result_of(started), "oops");
  EXPECT_EQ(parallel.culprit(), &b);
  EXPECT_EQ(*a.failure(), Oops::type_error);
}

TEST_F(AtOnce, starts_one_at_once_that_is_added_meanwhile) {
  parallel.start(started);
  said();
  Part d{"d"};
  EXPECT_FALSE(parallel.add(d));
  EXPECT_EQ(said(), (Lines{"prepare d", "start d"}));
  for (Part* part : {&a, &b, &c}) part->end_start();
  EXPECT_EQ(result_of(started), "done");
  Deferred<void> removed;
  parallel.remove(d, removed);
}

struct GoingOn : DeferredTest {
  MultiService all{"all", {.when_child_fails = WhenChildFails::go_on}};
  Part a{"a"}, b{"b"};
  Deferred<void> started, stopped;

  GoingOn() {
    EXPECT_FALSE(all.add(a));
    EXPECT_FALSE(all.add(b));
  }
};

TEST_F(GoingOn, starts_without_one_that_fails) {
  a.start_failure = Failure(Oops::oops);
  all.start(started);
  EXPECT_EQ(result_of(started), "done");
  EXPECT_EQ(a.state(), State::stopped);
  EXPECT_TRUE(b.running());
  EXPECT_EQ(all.failure(), nullptr);
  EXPECT_EQ(*a.failure(), Oops::oops);
}

TEST_F(GoingOn, runs_without_one_that_cannot_go_on) {
  all.start(started);
  a.fail(Oops::oops);
  EXPECT_EQ(a.state(), State::stopped);
  EXPECT_TRUE(all.running());
  all.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
}

}  // namespace
}  // namespace bobbin::test
