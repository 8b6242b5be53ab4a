// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>

#include "contract/parties.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using contract::Losses;
using contract::PartyClient;
using contract::Side;
using test::Random;
using Events = std::vector<std::string>;

// What a receiver under test does, and what happened to it. It outlives the connection.
template <class Receiver>
struct Watched {
  std::function<Taken(Receiver&, std::string_view)> on_message;
  std::function<std::size_t(Receiver&, std::string_view)> on_raw;
  std::function<void(Receiver&)> on_refused;
  Events events;
  Losses losses;
  Receiver* receiver = nullptr;

  Taken message(Receiver& self, Bytes bytes) {
    EXPECT_TRUE(self.transport().reading()) << "given to one who has paused or closed";
    const std::string text(text_of(bytes));
    const Taken taken = on_message ? on_message(self, text) : Taken::yes;
    if (taken != Taken::not_now) events.push_back(text);
    return taken;
  }
  std::size_t raw(Receiver& self, Bytes bytes) {
    const std::string_view text = text_of(bytes);
    const std::size_t used = on_raw ? on_raw(self, text) : text.size();
    if (events.empty() || !events.back().starts_with("raw ")) events.emplace_back("raw ");
    events.back() += text.substr(0, used);
    return used;
  }
  void refused(Receiver& self, const std::string& what) {
    events.push_back(what);
    if (on_refused) on_refused(self);
  }
};

constexpr LineFormat short_lines{.length_max = 20};

class Lines final : public LineReceiver<short_lines> {
 public:
  explicit Lines(Watched<Lines>& watched) : watched_(watched) {}
  void connection_made() override { watched_.receiver = this; }
  Taken line_received(Bytes line) override { return watched_.message(*this, line); }
  std::size_t raw_data_received(Bytes data) override { return watched_.raw(*this, data); }
  void line_length_exceeded(Bytes beginning) override {
    watched_.refused(*this, "too long " + std::string(text_of(beginning)));
    if (!watched_.on_refused) LineReceiver::line_length_exceeded(beginning);
  }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Lines>& watched_;
};

class Netstrings final : public NetstringReceiver<20> {
 public:
  explicit Netstrings(Watched<Netstrings>& watched) : watched_(watched) {}
  Taken string_received(Bytes string) override { return watched_.message(*this, string); }
  void parse_error() override { watched_.refused(*this, "parse error"); }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Netstrings>& watched_;
};

template <class Base>
class Strings final : public Base {
 public:
  explicit Strings(Watched<Strings>& watched) : watched_(watched) {}
  Taken string_received(Bytes string) override { return watched_.message(*this, string); }
  void length_limit_exceeded(std::size_t length) override {
    watched_.refused(*this, "too long " + std::to_string(length));
    if (!watched_.on_refused) Base::length_limit_exceeded(length);
  }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Strings>& watched_;
};

using Strings8 = Strings<Int8StringReceiver<20>>;
using Strings16 = Strings<Int16StringReceiver<20>>;
using Strings32 = Strings<Int32StringReceiver<20>>;

class Records final : public RecordReceiver<4> {
 public:
  explicit Records(Watched<Records>& watched) : watched_(watched) {}
  Taken record_received(Record record) override { return watched_.message(*this, record); }
  void connection_lost(Error reason) override { watched_.losses.push_back(reason.code); }

 private:
  Watched<Records>& watched_;
};

struct Network {
  const char* name;
  memory::Behaviour behaviour;
};

std::vector<Network> networks() {
  return {{"plain", {}},
          {"lends", {.lends = true}},
          {"bytewise", {.segment_max = 1, .read_max = 1}},
          {"bytewise, lends", {.segment_max = 1, .read_max = 1, .lends = true}},
          {"ragged",
           {.latency = 5ms,
            .jitter = 9ms,
            .segment_max = 7,
            .short_reads = 3,
            .short_writes = 3,
            .refused_writes = 3}}};
}

constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 4096, .send = 4096};

// A receiver with the smallest buffers it may have, and a client that says what it is told to.
template <class Receiver, std::size_t room = 0>
class World {
 public:
  static constexpr ConnectionSizes sizes{
      .connections = 1,
      .receive = std::max(Receiver::receive_min, connection_buffer_min) + room,
      .send = std::max(Receiver::send_min, connection_buffer_min) + room};

  explicit World(const memory::Behaviour& behaviour = {}) {
    network_.behaviour = behaviour;
    EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), server_));
    EXPECT_FALSE(reactor.connect_tcp(server_.host(), client_));
    EXPECT_TRUE(reactor.run_until([this] { return server_.connections().use().in_use == 1; }));
    EXPECT_TRUE(reactor.run_until([this] { return peer.connected(); }));
    reactor.run_for(100ms);
  }
  ~World() {
    peer.improvise();
    watched.on_message = nullptr;
    watched.on_raw = nullptr;
    watched.on_refused = nullptr;
  }

  // All at once, and then whatever follows from it.
  void hear(std::string_view text) {
    EXPECT_EQ(peer.party().write(text), text.size());
    reactor.run_for(2s);
  }
  Transport& transport() { return watched.receiver->transport(); }
  const std::string& answer() const { return peer.received; }
  bool over() const { return !watched.losses.empty(); }

  Watched<Receiver> watched;
  Side peer;

 private:
  MemoryNetwork<memory::NetworkSizes{.links = 4, .window = 256}> network_;

 public:
  MemoryReactor<> reactor{network_};

 private:
  TcpServer<Receiver, sizes, Watched<Receiver>> server_{watched};
  PartyClient<client_sizes> client_{peer};
};

template <class Test>
void on_each_network(Test test) {
  for (const Network& network : networks()) {
    SCOPED_TRACE(network.name);
    test(network.behaviour);
    if (testing::Test::HasFailure()) return;
  }
}

// Lines.

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
