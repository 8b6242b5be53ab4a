// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "lwip_fixture.hpp"
#include "seed.hpp"

namespace bobbin {
namespace {

TEST_F(Lwip, carries_a_mebibyte_through_small_rings_both_ways) {
  Server server;
  server.echoes = true;
  Client client;
  open(server, client);
  Sending stream(client, pattern(1 << 20));
  stream.start();
  ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
  EXPECT_TRUE(client.received == stream.text);
  EXPECT_TRUE(server.received == stream.text);
}

TEST_F(Lwip, carries_a_mebibyte_through_rings_larger_than_the_send_buffer) {
  Server<much_to_send> server;
  server.echoes = true;
  Client<much_to_send> client;
  open(server, client);
  Sending stream(client, pattern(1 << 20));
  stream.start();
  ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
  EXPECT_TRUE(client.received == stream.text);
}

TEST_F(Lwip, carries_everything_over_a_link_that_fails_again_and_again) {
  test::for_each_seed([&](test::Random& random) {
    test::LoopbackHost::seed(random.bits());
    Server server;
    server.echoes = true;
    Client client;
    open(server, client);
    Sending stream(client, pattern(20000));
    stream.start();
    for (int i = 0; i < 2000 && client.ended == 0; ++i) {
      host.cut(random.one_in(4));
      reactor.turn(std::chrono::milliseconds(random.below(2000)));
    }
    host.cut(false);
    ASSERT_TRUE(run_until([&] { return client.ended == 1; }, 600s));
    EXPECT_TRUE(client.received == stream.text);
  });
}

// As a task of an RTOS does: it sleeps on its own, and gives the reactor turns that do not.
class LwipInATask : public Lwip {
 protected:
  template <class Done>
  bool task_until(Done done) {
    for (int rounds = 0; rounds < 100'000 && !done(); ++rounds) {
      reactor.turn(0s);
      const Duration wait = reactor.longest_wait();
      if (wait > 0s) host.sleep_until(wait == forever ? never : host.now() + wait);
    }
    return done();
  }
};

// Between turns nothing but lwIP's timers can bring about what was lost.
TEST_F(LwipInATask, sends_again_what_was_lost) {
  Server server;
  server.echoes = true;
  Client client;
  listen(server);
  connect(client);
  ASSERT_TRUE(task_until([&] { return server.transport && client.transport; }));
  host.cut(true);
  ASSERT_EQ(client.transport->write(bytes_of("hello")), 5U);
  reactor.turn(0s);
  reactor.turn(0s);
  host.cut(false);
  const Instant before = host.now();
  EXPECT_TRUE(task_until([&] { return client.received == "hello"; }));
  EXPECT_GT(host.now(), before);
}

TEST_F(LwipInATask, sleeps_and_looks_again_for_a_frame_that_finds_no_buffer) {
  Server server;
  Client client;
  listen(server);
  host.starve(true);
  connect(client);
  reactor.turn(0s);
  const Instant before = host.now();
  EXPECT_TRUE(task_until([&] { return host.now() - before > 1s; }));
  EXPECT_LE(reactor.longest_wait(), 10ms);
  EXPECT_LE(host.sleeps(), 1000U);
  host.starve(false);
  EXPECT_TRUE(task_until([&] { return server.transport && client.transport; }));
}

// A chip that has more frames than one poll takes.
class BusyHost final : public LwipHost {
 public:
  explicit BusyHost(test::LoopbackHost& host) : host_(host) {}
  Instant now() override { return host_.now(); }
  Input poll_input() override { return host_.poll_input(), Input::more; }
  void sleep_until(Instant deadline) override { host_.sleep_until(deadline); }
  void wake() override { host_.wake(); }
#ifdef BOBBIN_CHECK_CONTEXT
  bool in_own_context() const override { return host_.in_own_context(); }
#endif

 private:
  test::LoopbackHost& host_;
};

TEST_F(LwipInATask, does_not_sleep_while_frames_wait) {
  BusyHost busy(host);
  LwipReactor<> busy_reactor(busy);
  busy_reactor.turn(0s);
  EXPECT_EQ(busy_reactor.longest_wait(), 0s);
}

TEST_F(Lwip, offers_a_message_as_long_as_the_whole_window) {
  Server<whole_window> server;
  server.message = TCP_WND;
  Client client;
  open(server, client);
  Sending stream(client, pattern(3 * TCP_WND));
  stream.start();
  // One segment fills the client's ring, and its acknowledgement is delayed each time.
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }, 600s));
  EXPECT_TRUE(server.received == stream.text);
}

// One segment each way for each round, also when a window has opened so far that lwIP would tell of
// it at once.
TEST_F(Lwip, tells_of_an_opened_window_with_the_answer) {
  Server<roomy> server;
  server.echoes = true;
  Client<roomy> client;
  client.echoes = true;
  client.greeting = pattern(1000);
  open(server, client);
  const auto rounds_back = [&](std::size_t rounds) {
    return run_until([&] { return client.received.size() >= rounds * 1000; });
  };
  ASSERT_TRUE(rounds_back(10));
  const auto before = lwip_stats.tcp.xmit;
  ASSERT_TRUE(rounds_back(30));
  EXPECT_EQ(lwip_stats.tcp.xmit - before, 40);
}

// That window must fit into the ring of the one who fills it.
#if TCP_WND <= 3 * TCP_SND_BUF
TEST_F(Lwip, tells_of_an_opened_window_when_there_is_no_answer) {
  Server<whole_window> server;
  server.starts_paused = true;
  Client<much_to_send> client;
  client.greeting = pattern(TCP_WND);
  open(server, client);
  run_for(100ms);
  EXPECT_EQ(tcp_active_pcbs->snd_wnd + tcp_active_pcbs->next->snd_wnd, TCP_WND);
  server.transport->resume_producing();
  reactor.turn({});
  reactor.turn({});
  EXPECT_EQ(server.received.size(), std::size_t{TCP_WND});
  EXPECT_EQ(tcp_active_pcbs->snd_wnd + tcp_active_pcbs->next->snd_wnd, 2 * TCP_WND);
}
#endif

TEST_F(Lwip, closes_the_window_of_a_peer_that_nobody_reads_and_loses_nothing) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  Sending stream(client, pattern(100000));
  stream.start();
  run_for(60s);
  EXPECT_EQ(server.received, "");
  EXPECT_GE(stream.sent, TCP_WND / 2);
  EXPECT_LE(stream.sent, std::size_t{TCP_WND} + small.send);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }, 300s));
  EXPECT_TRUE(server.received == stream.text);
}

TEST_F(Lwip, bounds_the_pbufs_of_a_peer_that_sends_bytes_one_by_one) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  const std::string text = pattern(200);
  for (std::size_t sent = 0; sent < text.size();) {
    sent += client.transport->write(bytes_of(text).subspan(sent, 1));
    reactor.turn(10ms);
    // Each byte that arrived takes one of lwIP's smallest buffers, each that was sent another.
    ASSERT_LT(lwip_stats.memp[MEMP_POOL_FIRST]->used,
              3 * (TCP_WND / TCP_MSS + 1) + TCP_SND_QUEUELEN / 2 + 10);
  }
  run_for(5s);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return server.received.size() == text.size(); }));
  EXPECT_TRUE(server.received == text);
}

}  // namespace
}  // namespace bobbin
