// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/simulation.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using memory::Behaviour;
using memory::Fate;
using memory::PortCall;
using Ending = SimulationBase::Ending;

// What the connections of one side do, and what became of them.
struct Side {
  std::function<void(Transport&)> on_made;
  std::function<std::size_t(Transport&, Bytes)> on_data;
  std::string received;
  std::vector<Errc> losses;
  std::vector<Errc> failures;
  std::vector<Duration> times;  // of all of these, and of each offer
  Transport* transport = nullptr;
};

class Party final : public Protocol {
 public:
  explicit Party(Side& side) : side_(side) {}

  void connection_made() override {
    side_.transport = &transport();
    if (side_.on_made) side_.on_made(transport());
  }
  std::size_t data_received(Bytes data) override {
    note_time();
    const std::size_t used = side_.on_data ? side_.on_data(transport(), data) : data.size();
    side_.received += text_of(data.first(used));
    return used;
  }
  void connection_lost(Error reason) override {
    note_time();
    side_.losses.push_back(reason.code);
    side_.transport = nullptr;
  }

 private:
  void note_time() { side_.times.push_back(transport().reactor().now() - Instant()); }

  Side& side_;
};

constexpr ConnectionSizes sizes{.connections = 4, .receive = 256, .send = 2048};
constexpr ConnectionSizes one{.connections = 1, .receive = 256, .send = 2048};

class Client final : public TcpClient<Party, one, Side> {
 public:
  explicit Client(Side& side) : TcpClient(side), side_(side) {}
  ~Client() { shut_down(); }
  void client_connection_failed(Error reason) override { side_.failures.push_back(reason.code); }

 private:
  Side& side_;
};

using Hosts = Simulation<SimulationSizes{.hosts = 3, .network = {.links = 8}, .trace = 64}>;

// A server on host 0, a client on host 1.
struct World {
  explicit World(std::uint64_t seed = 1) : simulation(std::make_unique<Hosts>(seed)) {}

  void connect() {
    EXPECT_FALSE(host(0).listen_tcp(Address::any(80), server));
    EXPECT_FALSE(host(1).connect_tcp(simulation->address(0, 80), client));
  }
  MemoryReactorBase& host(std::size_t index) { return simulation->host(index); }
  Duration now() { return simulation->network().now() - Instant(); }
  Ending run(SimulationBase::Done until = {}, Duration limit = 1h) {
    return simulation->run({.limit = limit, .until = until});
  }
  // Both are connected, and nobody has said anything.
  void settle() {
    connect();
    EXPECT_EQ(run(), Ending::idle);
    ASSERT_NE(server_side.transport, nullptr);
    ASSERT_NE(client_side.transport, nullptr);
  }
  std::string trace() const {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const file = open_memstream(&text, &size);
    simulation->print_trace(file);
    std::fclose(file);
    std::string result(text, size);
    std::free(text);
    return result;
  }

  std::unique_ptr<Hosts> simulation;
  Side server_side;
  Side client_side;
  TcpServer<Party, sizes, Side> server{server_side};
  Client client{client_side};
};

void say(Transport& transport, std::size_t bytes) {
  EXPECT_TRUE(transport.write_all(bytes_of(std::string(bytes, 'x'))));
}

TEST(ASimulation, runs_the_hosts_in_the_order_of_their_time) {
  World world;
  std::string order;
  ASSERT_TRUE(world.host(2).call_later(3s, [&] { order += "c"; }));
  ASSERT_TRUE(world.host(0).call_later(1s, [&] { order += "a"; }));
  ASSERT_TRUE(world.host(1).call_later(2s, [&] { order += "b"; }));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(world.now(), 3s);
}

TEST(ASimulation, draws_who_is_first_of_those_who_are_ready) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world(seed);
    std::string order;
    ASSERT_TRUE(world.host(0).call_later(1s, [&] { order += "a"; }));
    ASSERT_TRUE(world.host(1).call_later(1s, [&] { order += "b"; }));
    ASSERT_TRUE(world.host(2).call_later(1s, [&] { order += "c"; }));
    EXPECT_EQ(world.run(), Ending::idle);
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(ASimulation, ends_when_it_is_told_to_or_when_its_time_is_over) {
  World world;
  LoopingCall tick(world.host(0), [] {});
  ASSERT_FALSE(tick.start(1s));
  EXPECT_EQ(world.run([&] { return world.now() == 5s; }), Ending::done);
  EXPECT_EQ(world.run({}, 10500ms), Ending::limit);
  EXPECT_EQ(world.now(), 15500ms);
}

TEST(ASimulation, gives_each_host_its_own_ports_and_addresses) {
  World world;
  TcpServer<Party, one, Side> other{world.server_side};
  world.server_side.on_made = [&](Transport& transport) {
    EXPECT_EQ(transport.peer().with_port(0), world.simulation->address(1, 0));
    EXPECT_EQ(transport.host(), world.simulation->address(0, 80));
  };
  ASSERT_FALSE(world.host(2).listen_tcp(Address::loopback(80), other));
  world.settle();
  EXPECT_EQ(other.host(), world.simulation->address(2, 80));
  EXPECT_EQ(world.server.connections().use().in_use, 1U);
  EXPECT_EQ(other.connections().use().in_use, 0U);
}

TEST(ASimulation, gives_each_pair_of_hosts_a_path_of_its_own) {
  World world;
  world.simulation->between(1, 0).latency = 100ms;
  world.simulation->between(2, 0).latency = 5ms;
  Side near_side;
  Client near(near_side);
  near_side.on_made = world.client_side.on_made = [](Transport& made) { say(made, 1); };
  world.connect();
  ASSERT_FALSE(world.host(2).connect_tcp(world.simulation->address(0, 80), near));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.times, (std::vector<Duration>{15ms, 300ms}));
}

TEST(ASimulation, lets_hosts_nap) {
  World world;
  world.simulation->host_faults = {.naps = 1, .nap_max = 10s};
  std::vector<Duration> ticks;
  LoopingCall tick(world.host(0), [&] { ticks.push_back(world.now()); });
  ASSERT_FALSE(tick.start(1s));
  EXPECT_EQ(world.run({}, 100s), Ending::limit);
  EXPECT_LT(ticks.size(), 40U);
  EXPECT_GT(ticks.size() + tick.skipped(), 90U);
}

TEST(ASimulation, says_what_is_broken_and_what_led_to_it) {
  World world;
  world.client_side.on_made = [](Transport& transport) { say(transport, 7); };
  world.simulation->after_each_turn(
      [&] { return world.server_side.received.empty() ? nullptr : "something was said"; });
  world.connect();
  EXPECT_EQ(world.run(), Ending::broken);
  EXPECT_STREQ(world.simulation->failure(), "something was said");
  EXPECT_EQ(world.trace(),
            "       0.000000  host 2  #1  asks for a connection\n"
            "       0.000000  host 2  #1  is connected\n"
            "       0.000000  host 2  #1  sends 7\n"
            "       0.000000  host 1  #1  gets 7\n"
            "       0.000000  something was said\n");
  EXPECT_EQ(world.run(), Ending::broken);
}

TEST(ASimulation, remembers_the_last_events_only) {
  World world;
  for (int i = 0; i < 100; ++i) world.simulation->note(0, "note", static_cast<std::size_t>(i));
  const std::string trace = world.trace();
  EXPECT_EQ(trace.rfind("(36 events before)\n", 0), 0U);
  EXPECT_NE(trace.find("note 36\n"), trace.npos);
  EXPECT_EQ(trace.find("note 35\n"), trace.npos);
  EXPECT_NE(trace.find("note 99\n"), trace.npos);
}

TEST(ASimulation, notices_that_time_stands_still) {
  World world;
  MemoryReactorBase& host = world.host(0);
  std::function<void()> again = [&] { (void)host.call_later(0s, [&] { again(); }); };
  again();
  const auto ending = world.simulation->run({.turns_at_one_instant = 500});
  EXPECT_EQ(ending, Ending::standstill);
  EXPECT_STREQ(world.simulation->failure(), "time stands still");
  EXPECT_LT(host.statistics().turns, 600U);
}

TEST(ASimulation, knows_what_was_not_given_back) {
  World world;
  EXPECT_EQ(world.simulation->left_over(), nullptr);
  world.settle();
  EXPECT_STREQ(world.simulation->left_over(), "a link was not given back");
  world.client_side.transport->lose_connection();
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.simulation->left_over(), nullptr);
}

TEST(AReactorOnItsOwn, notices_that_time_stands_still) {
  MemoryNetwork<> network;
  MemoryReactor<> reactor(network);
  std::function<void()> again = [&] { (void)reactor.call_later(0s, [&] { again(); }); };
  again();
  reactor.give_up_after(1000);
  EXPECT_FALSE(reactor.run_until([] { return false; }));
  EXPECT_EQ(network.now(), Instant());
  EXPECT_EQ(reactor.statistics().turns, 1000U);
}

TEST(APath, carries_so_many_bytes_a_second) {
  World world;
  world.simulation->behave({.latency = 10ms, .bandwidth = 1000, .segment_max = 100});
  world.settle();
  say(*world.client_side.transport, 500);
  const Duration start = world.now();
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.times.front() - start, 110ms);
  EXPECT_EQ(world.server_side.times.back() - start, 510ms);
}

TEST(APath, may_change_under_a_connection) {
  World world;
  world.simulation->behave({.lends = true});
  world.settle();
  world.simulation->behave({.latency = 1s, .lends = false, .short_writes = 2});
  say(*world.client_side.transport, 2000);
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.received.size(), 2000U);
  EXPECT_EQ(world.server_side.times.front(), 1s);
  EXPECT_EQ(world.client_side.transport->unsent(), 0U);
  world.client_side.transport->lose_connection();
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.simulation->left_over(), nullptr);
}

TEST(APath, leaves_connects_without_an_answer) {
  World world;
  world.simulation->behave({.unanswered = 1});
  world.connect();
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.client_side.failures, std::vector<Errc>{Errc::timed_out});
}

TEST(APath, lets_others_go_first) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    world.simulation->behave({.reorders = 2});
    Side second_side;
    Client second(second_side);
    world.settle();
    ASSERT_FALSE(world.host(1).connect_tcp(world.simulation->address(0, 80), second));
    EXPECT_EQ(world.run(), Ending::idle);
    EXPECT_TRUE(world.client_side.transport->write_all(bytes_of("1")));
    EXPECT_TRUE(second_side.transport->write_all(bytes_of("2")));
    EXPECT_EQ(world.run(), Ending::idle);
    orders.insert(world.server_side.received);
  }
  EXPECT_EQ(orders, (std::set<std::string>{"12", "21"}));
}

TEST(APath, of_a_system_that_is_short_of_everything_fails_some_calls) {
  World world;
  world.simulation->network().fail.fail_one_in(PortCall::accept, 2);
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    world.simulation->network().seed(seed);
    world.settle();
    failed += world.host(0).statistics().accept_errors > 0 ? 1 : 0;
    world.client_side.transport->abort_connection();
    EXPECT_EQ(world.run(), Ending::idle);
    world.server.stop_listening();
  }
  EXPECT_GT(failed, 10);
}

// Which bytes arrive before the end that fate has given a connection.
std::set<std::size_t> lengths_received(const Behaviour& behaviour) {
  std::set<std::size_t> lengths;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    world.simulation->behave(behaviour);
    world.client_side.on_made = [](Transport& transport) { say(transport, 20); };
    world.connect();
    EXPECT_EQ(world.run(), Ending::idle);
    EXPECT_EQ(world.simulation->left_over(), nullptr);
    EXPECT_EQ(world.server_side.losses.size(), 1U);
    lengths.insert(world.server_side.received.size());
  }
  return lengths;
}

TEST(Fate, cuts_a_connection_at_any_byte) {
  const std::set<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(lengths_received({.cuts = 1, .fate_within = 10}), all);
  EXPECT_EQ(lengths_received({.lends = true, .cuts = 1, .fate_within = 10}), all);
  EXPECT_EQ(lengths_received({.black_holes = 1, .fate_within = 10}), all);
}

TEST(Fate, tells_both_ends_of_a_cut) {
  World world;
  world.simulation->behave({.latency = 10ms, .cuts = 1, .fate_within = 1});
  world.settle();
  say(*world.client_side.transport, 5);
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.losses, std::vector<Errc>{Errc::connection_lost});
  EXPECT_EQ(world.client_side.losses, std::vector<Errc>{Errc::connection_lost});
}

TEST(Fate, of_a_black_hole_is_found_out_by_both_keep_alives) {
  World world;
  world.simulation->behave({.latency = 10ms, .black_holes = 1, .fate_within = 1});
  world.settle();
  const Duration start = world.now();
  say(*world.client_side.transport, 2000);
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.received, "");
  EXPECT_EQ(world.server_side.losses, std::vector<Errc>{Errc::timed_out});
  EXPECT_EQ(world.client_side.losses, std::vector<Errc>{Errc::timed_out});
  EXPECT_EQ(world.server_side.times.back() - start, 120s);
  EXPECT_EQ(world.simulation->network().traffic().met[static_cast<int>(Fate::black_hole)], 1U);
}

// The byte that was being sent belongs to the end that is left if it is the sender, and is answered
// with a reset.
TEST(Fate, of_being_half_open_is_found_out_by_who_sends_or_asks) {
  std::set<Duration> sender_left;
  std::set<Duration> reader_left;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool answers : {false, true}) {
      World world(seed);
      world.simulation->behave({.latency = 10ms, .half_opens = 1, .fate_within = 1});
      world.settle();
      const Duration start = world.now();
      say(*world.client_side.transport, 1);
      world.run({}, 1s);
      if (answers && world.server_side.transport != nullptr) say(*world.server_side.transport, 1);
      EXPECT_EQ(world.run(), Ending::idle);
      EXPECT_EQ(world.client_side.losses, std::vector<Errc>{Errc::connection_lost});
      EXPECT_EQ(world.server_side.losses, std::vector<Errc>{Errc::connection_lost});
      const Duration server = world.server_side.times.back() - start;
      const Duration client = world.client_side.times.back() - start;
      EXPECT_EQ(std::min(client, server), 0s);
      (client > server ? sender_left : reader_left).insert(std::max(client, server));
    }
  }
  EXPECT_EQ(sender_left, (std::set<Duration>{20ms}));
  EXPECT_EQ(reader_left, (std::set<Duration>{1s + 20ms, 60s}));
}

TEST(Fate, of_a_stall_loses_nothing) {
  World world;
  world.simulation->behave(
      {.latency = 10ms, .segment_max = 10, .stalls = 1, .fate_within = 1, .stall_max = 100s});
  world.settle();
  const Duration start = world.now();
  say(*world.client_side.transport, 100);
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(world.server_side.received, std::string(100, 'x'));
  EXPECT_GT(world.server_side.times.front() - start, 1s);
  EXPECT_TRUE(world.server_side.losses.empty());
}

TEST(DrawnBehaviours, are_faithful_or_not) {
  memory::Random random(1);
  int faithful = 0;
  for (int i = 0; i < 1000; ++i) faithful += memory::draw_behaviour(random).faithful() ? 1 : 0;
  EXPECT_GT(faithful, 400);
  EXPECT_LT(faithful, 600);
}

// A host whose clock is set: its contract is that it is monotonic, and if it is not, nothing
// breaks.
class ASetClock : public testing::Test {
 protected:
  World world_;
  std::string order_;
};

TEST_F(ASetClock, forward_by_hours_runs_what_has_come_due_once_and_in_order) {
  MemoryReactorBase& host = world_.host(0);
  ASSERT_TRUE(host.call_later(3h, [this] { order_ += "c"; }));
  ASSERT_TRUE(host.call_later(1h, [this] { order_ += "a"; }));
  ASSERT_TRUE(host.call_later(2h, [this] { order_ += "b"; }));
  LoopingCall tick(host, [this] { order_ += "t"; });
  ASSERT_FALSE(tick.start(30min));
  ASSERT_TRUE(host.call_later(1min, [&host] { host.step_clock(150min); }));
  EXPECT_EQ(world_.run({}, 5min), Ending::limit);
  // The ticks that were missed are counted and not run one after the other.
  EXPECT_EQ(order_, "ttab");
  EXPECT_EQ(tick.skipped(), 4U);
  tick.stop();
  EXPECT_EQ(world_.run(), Ending::idle);
  EXPECT_EQ(order_, "ttabc");
  EXPECT_EQ(world_.now(), 30min);
}

TEST_F(ASetClock, forward_ends_attempts_to_connect_and_nothing_that_is_open) {
  world_.settle();
  Side lost_side;
  Client lost(lost_side);
  ASSERT_FALSE(world_.host(1).connect_tcp(Address::ip4({192, 0, 2, 1}, 9), lost));
  ASSERT_TRUE(world_.host(1).call_later(1ms, [this] { world_.host(1).step_clock(24h); }));
  EXPECT_EQ(world_.run({}, 1s), Ending::idle);
  EXPECT_EQ(lost_side.failures, std::vector<Errc>{Errc::timed_out});
  say(*world_.client_side.transport, 5);
  EXPECT_EQ(world_.run(), Ending::idle);
  EXPECT_EQ(world_.server_side.received.size(), 5U);
}

TEST_F(ASetClock, back_makes_calls_late_by_as_much_and_keeps_their_order) {
  MemoryReactorBase& host = world_.host(0);
  ASSERT_TRUE(host.call_later(2s, [this] { order_ += "b"; }));
  ASSERT_TRUE(host.call_later(1s, [this] { order_ += "a"; }));
  LoopingCall tick(host, [this] { order_ += "t"; });
  ASSERT_FALSE(tick.start(1900ms));
  ASSERT_TRUE(host.call_later(500ms, [&host] { host.step_clock(-1h); }));
  EXPECT_EQ(world_.run({}, 1h), Ending::limit);
  EXPECT_EQ(order_, "t");
  EXPECT_EQ(world_.run({}, 2500ms), Ending::limit);
  EXPECT_EQ(order_, "tatb");
  tick.stop();
  EXPECT_EQ(world_.run(), Ending::idle);
  EXPECT_EQ(host.timer_use().in_use, 0U);
}

TEST_F(ASetClock, back_keeps_nobody_from_being_served) {
  world_.settle();
  world_.host(0).step_clock(-24h);
  world_.server_side.on_data = [](Transport& transport, Bytes data) {
    return transport.write(data);
  };
  say(*world_.client_side.transport, 100);
  const Duration start = world_.now();
  EXPECT_EQ(world_.run(), Ending::idle);
  EXPECT_EQ(world_.client_side.received.size(), 100U);
  EXPECT_EQ(world_.now(), start);
  // A delay counts from the clock as it is: nothing is late by the step.
  ASSERT_TRUE(world_.host(0).call_later(1s, [this] { order_ += "x"; }));
  EXPECT_EQ(world_.run(), Ending::idle);
  EXPECT_EQ(world_.now() - start, 1s);
}

// What came to a UDP port, and from where.
class Ear final : public DatagramProtocol {
 public:
  void datagram_received(Bytes datagram, const Address& sender) override {
    heard.emplace_back(text_of(datagram));
    from = sender;
  }
  void connection_refused() override { ++refusals; }

  std::vector<std::string> heard;
  Address from;
  int refusals = 0;
};
using Heard = std::vector<std::string>;

TEST(ASimulation, carries_datagrams_between_its_hosts_by_their_paths) {
  World world;
  Ear ears[3];
  UdpPort<64> ports[3]{UdpPort<64>(ears[0]), UdpPort<64>(ears[1]), UdpPort<64>(ears[2])};
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_FALSE(world.host(i).listen_udp(Address::any(7), ports[i]));
  }
  world.simulation->between(0, 1).latency = 20ms;
  world.simulation->between(0, 2).lost_datagrams = 1;
  for (const std::size_t to : {1, 2}) {
    ASSERT_FALSE(ports[0].write(bytes_of("hello"), world.simulation->address(to, 7)));
  }
  ASSERT_FALSE(ports[1].write(bytes_of("there"), world.simulation->address(2, 7)));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(ears[0].heard, Heard{});
  EXPECT_EQ(ears[1].heard, Heard{"hello"});
  EXPECT_EQ(ears[1].from, world.simulation->address(0, 7));
  EXPECT_EQ(ears[2].heard, Heard{"there"});
  EXPECT_EQ(world.now(), 20ms);
  EXPECT_NE(world.trace().find("host 1  loses a datagram 5"), std::string::npos);
  EXPECT_NE(world.trace().find("host 2  gets a datagram 5"), std::string::npos);
  EXPECT_EQ(world.simulation->failure(), nullptr);
  EXPECT_EQ(world.simulation->left_over(), nullptr);
}

TEST(ASimulation, has_hosts_whose_datagrams_to_127_0_0_1_stay_with_them) {
  World world;
  Ear mine;
  Ear other;
  Ear asking;
  UdpPort<64> mine_port(mine);
  UdpPort<64> other_port(other);
  UdpPort<64> asking_port(asking);
  ASSERT_FALSE(world.host(0).listen_udp(Address::any(7), mine_port));
  ASSERT_FALSE(world.host(1).listen_udp(Address::any(7), other_port));
  ASSERT_FALSE(world.host(0).listen_udp(Address::any(0), asking_port));
  ASSERT_FALSE(asking_port.connect(Address::loopback(7)));
  ASSERT_FALSE(asking_port.write(bytes_of("who is it?")));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(mine.heard, Heard{"who is it?"});
  EXPECT_EQ(other.heard, Heard{});
  ASSERT_FALSE(mine_port.write(bytes_of("it is me"), mine.from));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(asking.heard, Heard{"it is me"});
  EXPECT_EQ(asking.from, Address::loopback(7));

  ASSERT_FALSE(asking_port.connect(Address::loopback(9)));
  ASSERT_FALSE(asking_port.write(bytes_of("anybody?")));
  EXPECT_EQ(world.run(), Ending::idle);
  EXPECT_EQ(asking.refusals, 1);
}

std::string whole_trace(std::uint64_t seed) {
  World world(seed);
  world.simulation->draw_behaviours();
  world.client_side.on_made = [](Transport& transport) { say(transport, 500); };
  world.server_side.on_data = [](Transport& transport, Bytes data) {
    return transport.write(data);
  };
  world.connect();
  world.run();
  return world.trace();
}

TEST(TwoSimulations, of_one_seed_are_the_same_and_those_of_others_are_not) {
  std::set<std::string> traces;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string trace = whole_trace(seed);
    EXPECT_EQ(trace, whole_trace(seed));
    traces.insert(trace);
  }
  EXPECT_GT(traces.size(), 15U);
}

}  // namespace
}  // namespace bobbin
