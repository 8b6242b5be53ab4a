// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <bobbin/testing.hpp>

#include "chat/chat.hpp"

namespace bobbin {
namespace {

constexpr ConnectionSizes sizes{.connections = 1, .receive = 202, .send = 256};

struct Chat : TestCase<> {
  // One who comes, and what it has been told so far.
  struct Guest {
    explicit Guest(Chat& chat) : chatter(chat.room), transport(chat.reactor) {
      EXPECT_FALSE(transport.make_connection(chatter));
    }
    Guest(Chat& chat, const std::string& name) : Guest(chat) {
      say(name);
      EXPECT_EQ(heard(), "What is your name?\r\nWelcome, " + name + "!\r\n");
    }

    void say(const std::string& line) { transport.receive(line + "\r\n"); }
    std::string heard() {
      std::string all(transport.value());
      transport.clear();
      return all;
    }

    Chatter chatter;
    StringTransport<sizes> transport;
  };

  ChatRoom room;
};

TEST_F(Chat, passes_each_line_on_to_all_others) {
  Guest ann(*this, "Ann");
  Guest bob(*this, "Bob");
  Guest eve(*this, "Eve");
  EXPECT_EQ(ann.heard(), "* Bob has come\r\n* Eve has come\r\n");
  EXPECT_EQ(bob.heard(), "* Eve has come\r\n");
  ann.say("hello");
  ann.say("");
  EXPECT_EQ(bob.heard(), "<Ann> hello\r\n<Ann> \r\n");
  EXPECT_EQ(eve.heard(), "<Ann> hello\r\n<Ann> \r\n");
  EXPECT_EQ(ann.heard(), "");
}

TEST_F(Chat, has_one_of_each_name) {
  Guest ann(*this, "Ann");
  Guest other(*this);
  other.say("Ann");
  other.say("");
  other.say(std::string(21, 'x'));
  EXPECT_EQ(other.heard(),
            "What is your name?\r\nThat name is taken, please choose another.\r\n"
            "A name has 1 to 20 characters.\r\nA name has 1 to 20 characters.\r\n");
  EXPECT_EQ(ann.heard(), "");
  other.say(std::string(20, 'x'));
  EXPECT_EQ(ann.heard(), "* " + std::string(20, 'x') + " has come\r\n");
}

TEST_F(Chat, tells_who_has_left) {
  Guest ann(*this, "Ann");
  {
    Guest bob(*this, "Bob");
    Guest nobody(*this);
    ann.transport.receive_end();
    EXPECT_EQ(bob.heard(), "* Ann has left\r\n");
    nobody.transport.receive_end();
    EXPECT_EQ(bob.heard(), "") << "who gave no name was never there";
    bob.transport.receive_end();
  }
  EXPECT_EQ(room.first, nullptr);
  const Guest again(*this, "Ann");
}

TEST_F(Chat, goes_on_after_a_line_that_is_too_long) {
  Guest ann(*this, "Ann");
  Guest bob(*this, "Bob");
  ann.heard();
  ann.say(std::string(200, 'x'));
  ann.say(std::string(1000, 'y'));
  ann.say("sorry");
  EXPECT_EQ(ann.heard(), "* that was too long\r\n");
  EXPECT_EQ(bob.heard(), "<Ann> " + std::string(200, 'x') + "\r\n<Ann> sorry\r\n");
}

TEST_F(Chat, waits_for_nobody_and_says_what_was_missed) {
  Guest ann(*this, "Ann");
  Guest bob(*this, "Bob");
  Guest eve(*this, "Eve");
  bob.heard();
  eve.heard();
  bob.transport.hold();
  for (int i = 0; i < 40; ++i) ann.say(std::to_string(i) + " is a line that takes some room");
  const std::string all = eve.heard();
  EXPECT_EQ(std::ranges::count(all, '\n'), 40);
  bob.transport.release();
  ann.say("and now?");
  std::istringstream lines(bob.heard());
  std::string line;
  int told = 0;
  int missed = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with("* you have missed ")) {
      missed += std::stoi(line.substr(18));
    } else {
      // What is told is told in its place.
      EXPECT_EQ(line, told + missed < 40 ? "<Ann> " + std::to_string(told + missed) +
                                               " is a line that takes some room\r"
                                         : "<Ann> and now?\r");
      ++told;
    }
  }
  EXPECT_EQ(told + missed, 41);
  EXPECT_GT(missed, 0);
}

}  // namespace
}  // namespace bobbin
