// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/net.hpp>

#include "net_receiver_support.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using contract::Losses;
using test::Events;
using test::Lines;
using test::on_each_network;
using test::Watched;
using test::World;

TEST(LineReceiver, is_given_each_line_once_and_in_order) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.hear("one\r\n\r\ntwo\nstill two\r\nfo");
    world.hear("ur\r");
    world.hear("\n");
    EXPECT_EQ(world.watched.events, (Events{"one", "", "two\nstill two", "four"}));
  });
}

TEST(LineReceiver, needs_a_buffer_of_a_longest_line_and_its_delimiter_and_no_more) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    static_assert(World<Lines>::sizes.receive == 22);
    world.hear("1234567890123456789\r\n12345678901234567890\r\nx\r\n");
    EXPECT_EQ(world.watched.events, (Events{"1234567890123456789", "12345678901234567890", "x"}));
    EXPECT_FALSE(world.over());
  });
}

TEST(LineReceiver, closes_after_a_line_that_is_too_long_and_what_was_written_arrives) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.on_message = [](Lines& self, std::string_view line) {
      return taken_if(self.send_line(line));
    };
    world.hear("first\r\n123456789012345678901\r\nnever\r\n");
    EXPECT_EQ(world.watched.events, (Events{"first", "too long 12345678901234567890"}));
    EXPECT_EQ(world.watched.losses, Losses{Errc::connection_done});
    EXPECT_EQ(world.answer(), "first\r\n");
  });
}

TEST(LineReceiver, may_pass_over_a_line_that_is_too_long) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.on_refused = [](Lines& self) { EXPECT_TRUE(self.send_line("too long"sv)); };
    world.hear("first\r\n" + std::string(300, 'x') + "\r\nnext\r\n");
    EXPECT_EQ(world.watched.events, (Events{"first", "too long " + std::string(20, 'x'), "next"}));
    EXPECT_EQ(world.answer(), "too long\r\n");
    EXPECT_FALSE(world.over());
  });
}

// Claims to be content with less than it needs, as where sizes are known at run time only.
struct Bold final : LineReceiver<LineFormat{.length_max = 100}> {
  explicit Bold(Watched<Bold>& watched_in) : watched(watched_in) {}
  static constexpr std::size_t receive_min = 16;
  static constexpr std::size_t send_min = 16;
  Taken line_received(Bytes line) override { return watched.message(*this, line); }
  void connection_lost(Error reason) override { watched.losses.push_back(reason.code); }
  Watched<Bold>& watched;
};

TEST(LineReceiver, with_less_buffer_than_its_limit_ends_with_message_too_long) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Bold> world(behaviour);
    world.hear("short\r\n" + std::string(50, 'x'));
    EXPECT_EQ(world.watched.events, Events{"short"});
    EXPECT_EQ(world.watched.losses, Losses{Errc::message_too_long});
  });
}

TEST(LineReceiver, is_given_no_further_line_once_it_has_paused) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.on_message = [](Lines& self, std::string_view) {
      self.transport().pause_producing();
      return Taken::yes;
    };
    world.hear("a\r\nb\r\nc\r\n");
    EXPECT_EQ(world.watched.events, Events{"a"});
    world.transport().resume_producing();
    world.reactor.run_for(2s);
    EXPECT_EQ(world.watched.events, (Events{"a", "b"}));
    world.transport().resume_producing();
    world.reactor.run_for(2s);
    EXPECT_EQ(world.watched.events, (Events{"a", "b", "c"}));
  });
}

TEST(LineReceiver, may_put_a_line_off_until_it_resumes) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    bool ready = false;
    world.watched.on_message = [&](Lines& self, std::string_view) {
      if (!ready) self.transport().pause_producing();
      return taken_if(ready);
    };
    world.hear("a\r\nb\r\n");
    EXPECT_EQ(world.watched.events, Events{});
    ready = true;
    world.transport().resume_producing();
    world.reactor.run_for(2s);
    EXPECT_EQ(world.watched.events, (Events{"a", "b"}));
  });
}

TEST(LineReceiver, is_given_no_further_line_once_it_has_closed_and_what_it_wrote_arrives) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.on_message = [](Lines& self, std::string_view line) {
      EXPECT_TRUE(self.send_line(line));
      self.transport().lose_connection();
      return Taken::yes;
    };
    world.hear("a\r\nb\r\n");
    EXPECT_EQ(world.watched.events, Events{"a"});
    EXPECT_EQ(world.answer(), "a\r\n");
    EXPECT_EQ(world.watched.losses, Losses{Errc::connection_done});
  });
}

TEST(LineReceiver, is_given_no_further_line_once_it_has_aborted) {
  on_each_network([](const memory::Behaviour& behaviour) {
    for (const Taken taken : {Taken::yes, Taken::not_now, Taken::last}) {
      World<Lines> world(behaviour);
      world.watched.on_message = [&](Lines& self, std::string_view) {
        self.transport().abort_connection();
        return taken;
      };
      world.hear("a\r\nb\r\n");
      EXPECT_EQ(world.watched.events.size(), taken == Taken::not_now ? 0U : 1U);
      EXPECT_EQ(world.watched.losses, Losses{Errc::connection_aborted});
    }
  });
}

TEST(LineReceiver, may_close_or_abort_over_a_line_that_is_too_long) {
  on_each_network([](const memory::Behaviour& behaviour) {
    for (const bool abort : {true, false}) {
      World<Lines> world(behaviour);
      world.watched.on_refused = [&](Lines& self) {
        abort ? self.transport().abort_connection() : self.transport().lose_connection();
      };
      world.hear(std::string(30, 'x') + "\r\nb\r\n");
      EXPECT_EQ(world.watched.events, Events{"too long " + std::string(20, 'x')});
      EXPECT_EQ(world.watched.losses,
                Losses{abort ? Errc::connection_aborted : Errc::connection_done});
    }
  });
}

TEST(LineReceiver, goes_to_raw_mode_and_back_in_the_middle_of_what_has_come) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    std::size_t wanted = 0;
    world.watched.on_message = [&](Lines& self, std::string_view line) {
      if (!line.starts_with("take ")) return Taken::yes;
      wanted = std::stoul(std::string(line.substr(5)));
      self.set_raw_mode();
      return Taken::yes;
    };
    world.watched.on_raw = [&](Lines& self, std::string_view data) {
      const std::size_t used = std::min(wanted, data.size());
      wanted -= used;
      if (wanted == 0) self.set_line_mode();
      return used;
    };
    world.hear("a\r\ntake 7\r\n\r\nb\r\n\r\nc\r\ntake 60\r\n" + std::string(60, '\n') + "d\r\n");
    EXPECT_EQ(world.watched.events, (Events{"a", "take 7", "raw \r\nb\r\n\r\n", "c", "take 60",
                                            "raw " + std::string(60, '\n'), "d"}));
  });
}

TEST(LineReceiver, may_leave_raw_mode_without_using_anything) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.on_message = [](Lines& self, std::string_view) {
      self.set_raw_mode();
      return Taken::yes;
    };
    world.watched.on_raw = [](Lines& self, std::string_view) {
      self.set_line_mode();
      return std::size_t{0};
    };
    world.hear("a\r\nb\r\n");
    EXPECT_EQ(world.watched.events, (Events{"a", "raw ", "b"}));
  });
}

TEST(LineReceiver, in_raw_mode_waits_like_any_protocol) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    world.watched.receiver->set_raw_mode();
    world.watched.on_raw = [](Lines&, std::string_view data) {
      return data.size() < 6 ? 0 : std::size_t{6};
    };
    world.hear("abcdefghijklm");
    EXPECT_EQ(world.watched.events, Events{"raw abcdefghijkl"});
  });
}

TEST(LineReceiver, may_go_to_raw_mode_in_a_line_that_is_too_long_and_back) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Lines> world(behaviour);
    std::size_t wanted = 3;
    world.watched.on_refused = [](Lines& self) { self.set_raw_mode(); };
    world.watched.on_raw = [&](Lines& self, std::string_view data) {
      const std::size_t used = std::min(wanted, data.size());
      wanted -= used;
      if (wanted == 0) self.set_line_mode();
      return used;
    };
    world.hear(std::string(20, 'x') + "yzzza line\r\n");
    EXPECT_EQ(world.watched.events,
              (Events{"too long " + std::string(20, 'x'), "raw zzz", "a line"}));
  });
}

}  // namespace
}  // namespace bobbin
