// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/net.hpp>

#include "net_receiver_support.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using contract::Losses;
using test::Events;
using test::Lines;
using test::Netstrings;
using test::on_each_network;
using test::Random;
using test::Records;
using test::Strings16;
using test::Strings32;
using test::Strings8;
using test::Watched;
using test::World;

// An echo of anything: each network, the smallest buffers, and a peer that does not always read.

template <class Receiver, class Send>
void expect_echo(const memory::Behaviour& behaviour, const std::vector<std::string>& messages,
                 const std::string& stream, Send send) {
  World<Receiver> world(behaviour);
  world.watched.on_message = [&](Receiver& self, std::string_view message) {
    const std::size_t before = self.transport().unsent();
    const bool sent = send(self, message);
    EXPECT_TRUE(sent || self.transport().unsent() == before) << "half of it was written";
    return taken_if(sent);
  };
  std::size_t sent = 0;
  bool reads = true;
  for (int round = 0; sent < stream.size() || world.answer().size() < stream.size(); ++round) {
    ASSERT_LT(round, 100'000);
    ASSERT_TRUE(world.peer.connected());
    Transport& peer = world.peer.party().transport();
    if (round % 50 == 0) reads ? peer.pause_producing() : peer.resume_producing();
    if (round % 50 == 0) reads = !reads;
    sent += world.peer.party().write(std::string_view(stream).substr(sent));
    world.reactor.run_for(10ms);
  }
  EXPECT_EQ(world.watched.events, messages);
  EXPECT_EQ(world.answer(), stream);
}

std::vector<std::string> random_messages(Random& random, std::size_t length_max) {
  std::vector<std::string> messages(300);
  for (std::string& message : messages) {
    for (auto n = random.below(length_max + 1); n > 0; --n) {
      message += static_cast<char>('a' + random.below(26));
    }
  }
  return messages;
}

template <class Receiver, class Send, class Framed>
void expect_echo(std::size_t length_max, Send send, Framed framed) {
  on_each_network([&](const memory::Behaviour& behaviour) {
    Random random(test::seeds().front());
    const std::vector<std::string> messages = random_messages(random, length_max);
    std::string stream;
    for (const std::string& message : messages) stream += framed(message);
    expect_echo<Receiver>(behaviour, messages, stream, send);
  });
}

constexpr auto send_string = [](auto& self, std::string_view s) { return self.send_string(s); };

template <class Number>
std::string big_endian(Number size) {
  std::string bytes;
  for (std::size_t i = sizeof size; i-- > 0;) bytes += static_cast<char>(size >> (8 * i) & 0xff);
  return bytes;
}

TEST(LineEcho, loses_no_line_and_halves_none) {
  expect_echo<Lines>(
      20, [](Lines& self, std::string_view line) { return self.send_line(line); },
      [](const std::string& line) { return line + "\r\n"; });
}

TEST(NetstringEcho, loses_no_string_and_halves_none) {
  expect_echo<Netstrings>(20, send_string, [](const std::string& string) {
    return std::to_string(string.size()) + ":" + string + ",";
  });
}

TEST(PrefixedStringEcho, loses_no_string_and_halves_none) {
  expect_echo<Strings8>(20, send_string, [](const std::string& string) {
    return big_endian(static_cast<std::uint8_t>(string.size())) + string;
  });
  expect_echo<Strings16>(20, send_string, [](const std::string& string) {
    return big_endian(static_cast<std::uint16_t>(string.size())) + string;
  });
  expect_echo<Strings32>(20, send_string, [](const std::string& string) {
    return big_endian(static_cast<std::uint32_t>(string.size())) + string;
  });
}

TEST(RecordEcho, loses_no_record) {
  on_each_network([](const memory::Behaviour& behaviour) {
    std::vector<std::string> messages;
    std::string stream;
    for (int i = 1000; i < 2000; ++i) stream += messages.emplace_back(std::to_string(i));
    expect_echo<Records>(behaviour, messages, stream, [](Records& self, std::string_view text) {
      return self.send_record(Records::Record(bytes_of(text)));
    });
  });
}

// The others.

TEST(NetstringReceiver, closes_over_what_is_no_netstring_and_what_was_written_arrives) {
  for (const std::string_view wrong : {"x", "01:a,", "1:ab", "21:", "99999999999999999"}) {
    on_each_network([&](const memory::Behaviour& behaviour) {
      World<Netstrings> world(behaviour);
      world.watched.on_message = [](Netstrings& self, std::string_view string) {
        return taken_if(self.send_string(string));
      };
      world.hear("5:hello,0:," + std::string(wrong) + "1:n,");
      EXPECT_EQ(world.watched.events, (Events{"hello", "", "parse error"}));
      EXPECT_EQ(world.answer(), "5:hello,0:,");
      EXPECT_EQ(world.watched.losses, Losses{Errc::connection_done});
    });
  }
}

TEST(NetstringReceiver, closes_over_what_is_no_netstring_whatever_it_is_told_meanwhile) {
  World<Netstrings> world;
  world.watched.on_refused = [](Netstrings& self) { EXPECT_TRUE(self.send_string("what?"sv)); };
  world.hear("hello");
  EXPECT_EQ(world.answer(), "5:what?,");
  EXPECT_EQ(world.watched.losses, Losses{Errc::connection_done});

  World<Netstrings> other;
  other.watched.on_refused = [](Netstrings& self) { self.transport().abort_connection(); };
  other.hear("hello");
  EXPECT_EQ(other.watched.losses, Losses{Errc::connection_aborted});
}

TEST(PrefixedStringReceiver, closes_over_a_string_that_is_too_long_or_passes_it_over) {
  for (const bool closes : {true, false}) {
    on_each_network([&](const memory::Behaviour& behaviour) {
      World<Strings16> world(behaviour);
      if (!closes) world.watched.on_refused = [](Strings16&) {};
      world.hear(std::string("\0\1a\1\0"sv) + std::string(256, 'x') + std::string("\0\1b"sv));
      const Events both{"a", "too long 256", "b"};
      EXPECT_EQ(world.watched.events, closes ? Events(both.begin(), both.end() - 1) : both);
      EXPECT_EQ(world.watched.losses, closes ? Losses{Errc::connection_done} : Losses{});
    });
  }
}

// A protocol that hands its connection from one receiver to another, at a line that says so.
class Switching final : public Protocol {
 public:
  static constexpr std::size_t receive_min = Lines::receive_min;
  static constexpr std::size_t send_min = Lines::send_min;

  explicit Switching(Watched<Switching>& watched) : watched_(watched) {
    lines_.on_message = [this](Lines&, std::string_view line) {
      watched_.events.push_back("line " + std::string(line));
      if (line != "switch") return Taken::yes;
      now_ = &second_;
      return Taken::last;
    };
    strings_.on_message = [this](Netstrings&, std::string_view string) {
      watched_.events.push_back("string " + std::string(string));
      if (string != "switch") return Taken::yes;
      now_ = &first_;
      return Taken::last;
    };
  }
  void connection_made() override {
    first_.make_connection(transport());
    second_.make_connection(transport());
  }
  std::size_t data_received(Bytes data) override { return now_->data_received(data); }

 private:
  Watched<Switching>& watched_;
  Watched<Lines> lines_;
  Watched<Netstrings> strings_;
  Lines first_{lines_};
  Netstrings second_{strings_};
  Protocol* now_ = &first_;
};

TEST(Receivers, can_be_switched_at_any_message) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Switching> world(behaviour);
    world.hear("a\r\nswitch\r\n1:b,6:switch,c\r\nswitch\r\n6:switch,d\r\n");
    EXPECT_EQ(world.watched.events, (Events{"line a", "line switch", "string b", "string switch",
                                            "line c", "line switch", "string switch", "line d"}));
  });
}

// A state for each field: a length, a text of that length, and an end.
class Fields final : public StatefulProtocol<Fields> {
 public:
  static constexpr std::size_t receive_min = 16;
  static constexpr std::size_t send_min = 16;

  explicit Fields(Watched<Fields>& watched) : watched_(watched) {}
  void connection_made() override { watched_.receiver = this; }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }
  State get_initial_state() { return {&Fields::greeting, 2}; }

 private:
  State greeting(Bytes bytes) { return after(bytes, {&Fields::length, 1}); }
  State length(Bytes bytes) {
    const auto size = static_cast<std::size_t>(text_of(bytes)[0] - '0');
    return after(bytes, size == 9 ? same_state() : State{&Fields::text, size});
  }
  State text(Bytes bytes) { return after(bytes, {&Fields::length, 1}); }
  State after(Bytes bytes, State next) {
    return watched_.message(*this, bytes) == Taken::not_now ? not_now() : next;
  }

  Watched<Fields>& watched_;
};

const Events fields{"hi", "3", "abc", "0", "", "9", "1", "x", "0", ""};
constexpr std::string_view fields_stream = "hi3abc091x0";

TEST(StatefulProtocol, gives_each_state_what_it_asked_for) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Fields> world(behaviour);
    world.hear(fields_stream);
    EXPECT_EQ(world.watched.events, fields);
  });
}

TEST(StatefulProtocol, may_put_off_any_state) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Fields> world(behaviour);
    bool ready = false;
    world.watched.on_message = [&](Fields& self, std::string_view) {
      ready = !ready;
      if (ready) self.transport().pause_producing();
      return taken_if(!ready);
    };
    world.hear(fields_stream);
    for (std::size_t taken = 0; taken < fields.size(); ++taken) {
      EXPECT_EQ(world.watched.events, Events(fields.begin(), fields.begin() + taken));
      world.transport().resume_producing();
      world.reactor.run_for(2s);
    }
    EXPECT_EQ(world.watched.events, fields);
  });
}

TEST(StatefulProtocol, may_pause_in_any_state) {
  on_each_network([](const memory::Behaviour& behaviour) {
    World<Fields> world(behaviour);
    world.watched.on_message = [&](Fields& self, std::string_view) {
      self.transport().pause_producing();
      return Taken::yes;
    };
    world.hear(fields_stream);
    for (std::size_t taken = 1; taken < fields.size(); ++taken) {
      EXPECT_EQ(world.watched.events, Events(fields.begin(), fields.begin() + taken));
      world.transport().resume_producing();
      world.reactor.run_for(2s);
    }
    EXPECT_EQ(world.watched.events, fields);
  });
}

TEST(StatefulProtocol, may_close_or_abort_in_any_state) {
  on_each_network([](const memory::Behaviour& behaviour) {
    for (const bool abort : {true, false}) {
      for (std::size_t at = 1; at <= fields.size(); ++at) {
        World<Fields> world(behaviour);
        world.watched.on_message = [&](Fields& self, std::string_view) {
          if (world.watched.events.size() + 1 < at) return Taken::yes;
          abort ? self.transport().abort_connection() : self.transport().lose_connection();
          return Taken::yes;
        };
        world.hear(fields_stream);
        EXPECT_EQ(world.watched.events, Events(fields.begin(), fields.begin() + at));
        EXPECT_EQ(world.watched.losses,
                  Losses{abort ? Errc::connection_aborted : Errc::connection_done});
      }
    }
  });
}

}  // namespace
}  // namespace bobbin
