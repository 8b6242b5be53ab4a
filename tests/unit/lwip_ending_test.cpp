// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <memory>
#include <string>

#include "lwip_fixture.hpp"

namespace bobbin {
namespace {

TEST_F(Lwip, delivers_what_came_before_a_reset) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  server.transport->write(bytes_of("last words"));
  run_for(1s);
  client.transport->resume_producing();
  server.transport->abort_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.received, "last words");
  EXPECT_EQ(client.lost, Lost{Errc::connection_lost});
  EXPECT_EQ(server.lost, Lost{Errc::connection_aborted});
}

TEST_F(Lwip, hears_of_a_reset_while_paused) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  server.transport->write(bytes_of("unread"));
  run_for(1s);
  server.transport->abort_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }, 1s));
  EXPECT_EQ(client.lost, Lost{Errc::connection_lost});
}

TEST_F(Lwip, loses_a_connection_whose_peer_has_vanished) {
  Server server;
  Client client;
  open(server, client);
  host.cut(true);
  client.transport->write(bytes_of("anybody there?"));
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }, 3600s));
  EXPECT_EQ(client.lost, Lost{Errc::timed_out});
}

TEST_F(Lwip, finds_out_that_a_peer_vanished_from_an_idle_connection) {
  Server server;
  Client client;
  client.starts_paused = true;
  open(server, client);
  run_for(10s);
  host.cut(true);
  const std::chrono::seconds needed(BOBBIN_KEEPALIVE_IDLE_S +
                                    BOBBIN_KEEPALIVE_COUNT * BOBBIN_KEEPALIVE_INTERVAL_S);
  ASSERT_TRUE(run_until([&] { return server.lost.size() + client.lost.size() == 2; }, needed + 2s));
  EXPECT_EQ(server.lost, Lost{Errc::timed_out});
  EXPECT_EQ(client.lost, Lost{Errc::timed_out});
}

TEST_F(Lwip, finds_out_that_a_peer_vanished_after_one_side_has_ended) {
  for (const bool ours : {true, false}) {
    Server server;
    server.closes_at_end = false;
    Client client;
    client.closes_at_end = false;
    open(server, client);
    Transport& first = ours ? *server.transport : *client.transport;
    first.lose_write_connection();
    run_for(10s);
    host.cut(true);
    const std::chrono::seconds needed(BOBBIN_KEEPALIVE_IDLE_S +
                                      BOBBIN_KEEPALIVE_COUNT * BOBBIN_KEEPALIVE_INTERVAL_S);
    const auto both = [&] { return server.lost.size() + client.lost.size() == 2; };
    ASSERT_TRUE(run_until(both, needed + 2s));
    EXPECT_EQ(server.lost, Lost{Errc::timed_out});
    EXPECT_EQ(client.lost, Lost{Errc::timed_out});
    host.cut(false);
  }
}

TEST_F(Lwip, keeps_a_connection_one_side_of_which_has_ended_while_the_peer_is_there) {
  Server server;
  server.closes_at_end = false;
  Client client;
  open(server, client);
  client.transport->lose_write_connection();
  run_for(3600s);
  ASSERT_NE(server.transport, nullptr);
  server.transport->write(bytes_of("at last"));
  ASSERT_TRUE(run_until([&] { return client.received == "at last"; }, 1s));
}

TEST_F(Lwip, keeps_an_idle_connection_whose_peer_is_there) {
  Server server;
  Client client;
  open(server, client);
  run_for(3600s);
  EXPECT_NE(server.transport, nullptr);
  EXPECT_NE(client.transport, nullptr);
}
TEST_F(Lwip, aborts_with_segments_on_their_way) {
  auto server = std::make_unique<Server<>>();
  auto client = std::make_unique<Client<>>();
  open(*server, *client);
  host.cut(true);
  client->transport->write(bytes_of(pattern(400)));
  run_for(100ms);
  host.cut(false);
  client->transport->abort_connection();
  client.reset();  // and the ring that the segments pointed into
  ASSERT_TRUE(run_until([&] { return !server->lost.empty(); }));
  EXPECT_EQ(server->lost, Lost{Errc::connection_lost});
}

TEST_F(Lwip, sends_what_was_written_before_it_closes) {
  Server server;
  Client client;
  open(server, client);
  host.cut(true);
  const std::string text = pattern(400);
  client.transport->write(bytes_of(text));
  client.transport->lose_connection();
  run_for(2s);
  EXPECT_TRUE(client.lost.empty());
  host.cut(false);
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_TRUE(server.received == text);
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, closes_in_order_with_unread_input) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  client.transport->write(bytes_of(pattern(400)));
  run_for(1s);
  server.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.ended, 1);
}

TEST_F(Lwip, closes_in_order_with_input_in_the_receive_buffer_and_refused) {
  Server server;
  server.message = 200;
  Client client;
  open(server, client);
  for (int i = 0; i < 100; ++i) {
    client.transport->write(bytes_of("x"));
    reactor.turn(1ms);
  }
  server.transport->pause_producing();
  for (int i = 0; i < 60; ++i) {
    client.transport->write(bytes_of("y"));
    reactor.turn(1ms);
  }
  server.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.ended, 1);
}

TEST_F(Lwip, keeps_the_last_bytes_of_a_peer_through_its_time_wait) {
  Server server;
  server.closes_at_end = false;
  Client client;
  client.starts_paused = true;
  open(server, client);
  client.transport->lose_write_connection();
  ASSERT_TRUE(run_until([&] { return server.ended == 1; }));
  server.transport->write(bytes_of("bye"));
  server.transport->lose_connection();
  run_for(300s);  // lwIP has freed both pcbs without a word
  EXPECT_EQ(tcp_tw_pcbs, nullptr);
  EXPECT_EQ(client.received, "");
  Client other;  // has one of these pcbs now
  connect(other);
  ASSERT_TRUE(run_until([&] { return other.made == 1 && server.made == 2; }));
  client.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return !client.lost.empty(); }));
  EXPECT_EQ(client.received, "bye");
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
  other.transport->write(bytes_of("unharmed"));
  ASSERT_TRUE(run_until([&] { return server.received == "unharmed"; }, 1s));
}

// A peer that uses lwIP itself, to send its last bytes and its end in one segment.
struct RawPeer {
  explicit RawPeer(std::uint16_t port) : pcb(tcp_new()) {
    ip_addr_t ip;
    IP_ADDR4(&ip, 127, 0, 0, 1);
    tcp_nagle_disable(pcb);
    tcp_recv(pcb, [](void*, tcp_pcb*, pbuf*, err_t) -> err_t { return ERR_OK; });
    EXPECT_EQ(tcp_connect(pcb, &ip, port, [](void*, tcp_pcb*, err_t) -> err_t { return ERR_OK; }),
              ERR_OK);
  }
  void write(const char* text) {
    const auto size = static_cast<u16_t>(std::char_traits<char>::length(text));
    EXPECT_EQ(tcp_write(pcb, text, size, 0), ERR_OK);
  }

  tcp_pcb* pcb;
};

// However many small segments came before: one of these counts is just what a connection keeps,
// and beyond it as many as the peer can have on their way.
TEST_F(Lwip, keeps_bytes_that_come_with_the_end_of_a_full_connection) {
  for (const bool ended_before : {false, true}) {
    for (std::size_t count = 1; count < 12 + TCP_SND_QUEUELEN / 3; ++count) {
      Server server;
      server.starts_paused = true;
      listen(server);
      RawPeer peer(port);
      ASSERT_TRUE(run_until([&] { return server.transport != nullptr; }));
      if (ended_before) server.transport->lose_write_connection();
      run_for(1s);
      for (std::size_t sent = 0; sent < count; ++sent) {
        peer.write("x");
        tcp_output(peer.pcb);
        reactor.turn(1ms);
      }
      peer.write("last");
      tcp_close(peer.pcb);
      run_for(1s);
      if (!ended_before) server.transport->lose_write_connection();
      run_for(3s);
      server.transport->resume_producing();
      ASSERT_TRUE(run_until([&] { return !server.lost.empty(); })) << count;
      EXPECT_EQ(server.received, std::string(count, 'x') + "last");
      EXPECT_EQ(server.lost, Lost{Errc::connection_done});
      server.stop_listening();
      // Its port is free again when TIME_WAIT is over.
      run_for(130s);
    }
  }
}

TEST_F(Lwip, keeps_the_last_bytes_of_a_peer_after_both_have_ended) {
  Server server;
  server.starts_paused = true;
  Client client;
  open(server, client);
  client.transport->write(bytes_of("bye"));
  client.transport->lose_connection();
  run_for(1s);
  server.transport->lose_write_connection();
  run_for(10s);  // LAST_ACK is over: lwIP has freed the pcb
  EXPECT_NE(server.transport, nullptr);
  server.transport->resume_producing();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty(); }));
  EXPECT_EQ(server.received, "bye");
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_when_both_close_at_once) {
  Server server;
  Client client;
  open(server, client);
  server.transport->lose_connection();
  client.transport->lose_connection();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

TEST_F(Lwip, ends_when_both_end_their_sides_at_once) {
  Server server;
  Client client;
  open(server, client);
  server.transport->lose_write_connection();
  client.transport->lose_write_connection();
  ASSERT_TRUE(run_until([&] { return !server.lost.empty() && !client.lost.empty(); }));
  EXPECT_EQ(server.lost, Lost{Errc::connection_done});
  EXPECT_EQ(client.lost, Lost{Errc::connection_done});
}

}  // namespace
}  // namespace bobbin
