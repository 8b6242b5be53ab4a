// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/service.hpp>

#include <optional>

#include "service_support.hpp"

namespace bobbin::test {
namespace {

using State = Service::State;

struct ServiceTest : DeferredTest {
  Part part{"part"};
  Deferred<void> started, stopped;

  void run() {
    part.start(started);
    EXPECT_EQ(result_of(started), "done");
    said();
  }
};

TEST_F(ServiceTest, does_nothing_before_it_is_asked_to) {
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(part.name(), "part");
  EXPECT_EQ(part.parent(), nullptr);
  EXPECT_EQ(part.failure(), nullptr);
  EXPECT_EQ(said(), Lines{});
}

TEST_F(ServiceTest, is_prepared_by_start_if_nobody_did_before) {
  part.start(started);
  EXPECT_EQ(said(), (Lines{"prepare part", "start part"}));
  EXPECT_EQ(result_of(started), "done");
  EXPECT_TRUE(part.running());
}

TEST_F(ServiceTest, is_prepared_once) {
  EXPECT_FALSE(part.prepare());
  EXPECT_EQ(part.state(), State::prepared);
  EXPECT_EQ(part.prepare(), Errc::already_running);
  part.start(started);
  EXPECT_EQ(said(), (Lines{"prepare part", "start part"}));
}

TEST_F(ServiceTest, is_running_once_its_start_is_done) {
  part.starts_late = true;
  part.start(started);
  EXPECT_EQ(part.state(), State::starting);
  EXPECT_EQ(result_of(started), "nothing yet");
  part.end_start();
  EXPECT_EQ(part.state(), State::running);
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ServiceTest, is_stopped_once_its_stop_is_done) {
  run();
  part.stops_late = true;
  part.stop(stopped);
  EXPECT_EQ(part.state(), State::stopping);
  EXPECT_EQ(result_of(stopped), "nothing yet");
  part.end_stop();
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(said(), Lines{"stop part"});
}

TEST_F(ServiceTest, is_not_started_twice) {
  run();
  Deferred<void> again;
  part.start(again);
  EXPECT_EQ(result_of(again), "already running");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(ServiceTest, is_started_again_once_it_has_stopped) {
  run();
  part.stop(stopped);
  Deferred<void> again;
  part.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_EQ(said(), (Lines{"stop part", "prepare part", "start part"}));
}

TEST_F(ServiceTest, has_nothing_to_stop_when_it_is_stopped) {
  part.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(said(), Lines{});
}

TEST_F(ServiceTest, is_stopped_once_for_all_who_ask) {
  run();
  part.stops_late = true;
  Deferred<void> other, third;
  part.stop(stopped);
  part.stop(other);
  part.when_stopped(third);
  part.end_stop();
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(result_of(other), "done");
  EXPECT_EQ(result_of(third), "done");
  EXPECT_EQ(said(), Lines{"stop part"});
}

TEST_F(ServiceTest, takes_down_what_it_was_prepared_for) {
  EXPECT_FALSE(part.prepare());
  part.stop(stopped);
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(said(), (Lines{"prepare part", "stop part"}));
}

TEST_F(ServiceTest, takes_down_what_failed_to_be_prepared) {
  part.prepare_failure = Errc::address_in_use;
  EXPECT_EQ(part.prepare(), Errc::address_in_use);
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(said(), (Lines{"prepare part", "stop part"}));
  ASSERT_NE(part.failure(), nullptr);
  EXPECT_EQ(*part.failure(), Errc::address_in_use);
  EXPECT_EQ(part.culprit(), &part);
}

TEST_F(ServiceTest, does_not_start_what_failed_to_be_prepared) {
  part.prepare_failure = Errc::address_in_use;
  part.start(started);
  EXPECT_EQ(result_of(started), "address already in use");
  EXPECT_EQ(said(), (Lines{"prepare part", "stop part"}));
}

TEST_F(ServiceTest, stops_again_when_its_start_fails_and_fails_then) {
  part.start_failure = Failure(Oops::oops);
  part.stops_late = true;
  part.start(started);
  EXPECT_EQ(part.state(), State::stopping);
  EXPECT_EQ(result_of(started), "nothing yet");
  part.end_stop();
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(result_of(started), "oops");
  EXPECT_EQ(said(), (Lines{"prepare part", "start part", "stop part"}));
}

TEST_F(ServiceTest, keeps_the_first_of_two_failures) {
  part.start_failure = Failure(Oops::oops);
  part.stop_failure = Failure(Oops::type_error);
  part.start(started);
  EXPECT_EQ(result_of(started), "oops");
}

TEST_F(ServiceTest, is_stopped_although_its_stop_fails) {
  run();
  part.stop_failure = Failure(Oops::oops);
  part.stop(stopped);
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(result_of(stopped), "oops");
}

TEST_F(ServiceTest, forgets_its_failure_when_it_is_started_again) {
  part.start_failure = Failure(Oops::oops);
  part.start(started);
  EXPECT_EQ(result_of(started), "oops");
  part.start_failure.reset();
  Deferred<void> again;
  part.start(again);
  EXPECT_EQ(result_of(again), "done");
  EXPECT_EQ(part.failure(), nullptr);
}

TEST_F(ServiceTest, gives_up_its_start_when_it_is_stopped_meanwhile) {
  part.starts_late = true;
  part.stops_late = true;
  part.start(started);
  part.stop(stopped);
  EXPECT_EQ(said(), (Lines{"prepare part", "start part", "cancel part", "stop part"}));
  EXPECT_EQ(result_of(started), "nothing yet");
  part.end_stop();
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
}

TEST_F(ServiceTest, gives_up_its_start_from_inside_of_it) {
  part.data = &stopped;
  part.while_starting = [](Part& self) {
    self.stop(*static_cast<Deferred<void>*>(self.data));
    EXPECT_EQ(self.state(), State::giving_up);
  };
  part.start(started);
  EXPECT_EQ(result_of(started), "cancelled");
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(said(), (Lines{"prepare part", "start part", "cancel part", "stop part"}));
}

TEST_F(ServiceTest, stops_when_it_cannot_go_on) {
  run();
  Deferred<void> ended;
  part.when_stopped(ended);
  part.fail(Oops::oops);
  EXPECT_EQ(part.state(), State::stopped);
  EXPECT_EQ(result_of(ended), "oops");
  EXPECT_EQ(said(), Lines{"stop part"});
}

TEST_F(ServiceTest, fails_to_start_when_it_cannot_go_on_starting) {
  part.starts_late = true;
  part.start(started);
  part.fail(Oops::oops);
  EXPECT_EQ(result_of(started), "oops");
}

TEST_F(ServiceTest, has_nothing_to_fail_when_it_is_stopped) {
  part.fail(Oops::oops);
  EXPECT_EQ(part.failure(), nullptr);
}

TEST_F(ServiceTest, lets_in_who_came_too_early_once_it_runs) {
  Deferred<void> early, later, late;
  part.when_running(early);
  part.starts_late = true;
  part.start(started);
  part.when_running(later);
  EXPECT_EQ(result_of(early), "nothing yet");
  part.end_start();
  EXPECT_EQ(result_of(early), "done");
  EXPECT_EQ(result_of(later), "done");
  part.when_running(late);
  EXPECT_EQ(result_of(late), "done");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ServiceTest, may_be_started_again_by_who_hears_that_it_stopped) {
  run();
  stopped.add_callback([this] {
    EXPECT_EQ(part.state(), State::stopped);
    started.reset();
    part.start(started);
  });
  part.stop(stopped);
  EXPECT_TRUE(part.running());
  EXPECT_EQ(said(), (Lines{"stop part", "prepare part", "start part"}));
}

TEST_F(ServiceTest, tells_each_the_outcome_of_what_he_asked_for) {
  Deferred<void> second;
  started.add_callback([this] { part.stop(stopped); });
  part.when_running(second);
  part.start(started);
  // The one who waited first, `second`, heard of it before it was stopped.
  EXPECT_EQ(result_of(second), "done");
  EXPECT_EQ(result_of(started), "done");
  EXPECT_EQ(result_of(stopped), "done");
  EXPECT_EQ(part.state(), State::stopped);
}

TEST_F(ServiceTest, may_be_destroyed_by_who_hears_of_it) {
  std::optional<Part> other(std::in_place, "other");
  Deferred<void> second;
  started.add_callback([&other] { other.reset(); });
  other->when_running(started);
  other->start(second);
  EXPECT_FALSE(other);
  EXPECT_EQ(result_of(second), "cancelled");
}

TEST_F(ServiceTest, that_is_destroyed_while_it_starts_gives_up) {
  {
    Part other("other");
    other.starts_late = true;
    other.start(started);
    said();
  }
  EXPECT_EQ(said(), Lines{"cancel other"});
  EXPECT_EQ(result_of(started), "cancelled");
}

TEST_F(ServiceTest, that_is_destroyed_while_it_runs_is_not_stopped_first) {
  {
    Part other("other");
    other.start(started);
    other.when_stopped(stopped);
    said();
  }
  EXPECT_EQ(said(), Lines{});
  EXPECT_EQ(result_of(stopped), "cancelled");
  EXPECT_EQ(result_of(started), "done");
}

TEST_F(ServiceTest, goes_on_when_nobody_wants_to_hear_of_it_any_more) {
  part.starts_late = true;
  part.start(started);
  started.cancel();
  EXPECT_EQ(result_of(started), "cancelled");
  part.end_start();
  EXPECT_TRUE(part.running());
}

TEST(ServiceState, has_names) {
  EXPECT_EQ(describe(State::stopped), "stopped");
  EXPECT_EQ(describe(State::prepared), "prepared");
  EXPECT_EQ(describe(State::starting), "starting");
  EXPECT_EQ(describe(State::running), "running");
  EXPECT_EQ(describe(State::giving_up), "giving up");
  EXPECT_EQ(describe(State::stopping), "stopping");
}

}  // namespace
}  // namespace bobbin::test
