// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/lwip.hpp>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lwip/pbuf.h>
#include <lwip/udp.h>

#include "contract/correspondents.hpp"
#include "lwip_fixture.hpp"

namespace bobbin {
namespace {

using contract::Correspondent;
using contract::Texts;
using contract::Trace;

class LwipDatagrams : public testing::Test {
 protected:
  // Everything must have gone back to lwIP's pools.
  void TearDown() override {
    ann_.improvise();
    bob_.improvise();
    ann_port_.stop_listening();
    bob_port_.stop_listening();
    run_for(1s);
    EXPECT_EQ(udp_pcbs, nullptr);
    for (int type = 0; type < MEMP_MAX; ++type) {
      if (type == MEMP_SYS_TIMEOUT) continue;
      EXPECT_EQ(lwip_stats.memp[type]->used, 0) << "pool " << type;
    }
  }

  void listen() {
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), ann_port_));
    ASSERT_FALSE(reactor_.listen_udp(Address::loopback(0), bob_port_));
    run_for(1ms);
  }
  Error write(std::string_view text) { return ann_port_.write(bytes_of(text), bob_port_.host()); }
  void run_for(Duration length) {
    const Instant end = host_.now() + length;
    while (host_.now() < end) reactor_.turn(end - host_.now());
  }

  // As if lwIP had received it for Bob, in pieces of this many bytes.
  void receive(std::string_view text, std::size_t piece) {
    pbuf* chain = nullptr;
    for (std::size_t begin = 0; begin < text.size(); begin += piece) {
      const std::string_view part = text.substr(begin, piece);
      pbuf* const next = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(part.size()), PBUF_POOL);
      ASSERT_NE(next, nullptr);
      std::memcpy(next->payload, part.data(), part.size());
      if (chain == nullptr) {
        chain = next;
      } else {
        pbuf_cat(chain, next);
      }
    }
    udp_pcb* bob = udp_pcbs;
    while (bob->local_port != bob_port_.host().port()) bob = bob->next;
    ip_addr_t from;
    IP_ADDR4(&from, 10, 0, 0, 9);
    bob->recv(bob->recv_arg, bob, chain, &from, 99);
  }

  test::LoopbackHost host_;
  LwipReactor<> reactor_{host_};
  Correspondent ann_;
  Correspondent bob_;
  UdpPort<64> ann_port_{ann_};
  UdpPort<64> bob_port_{bob_};
};

TEST_F(LwipDatagrams, in_pieces_are_put_together_and_others_shown_where_they_lie) {
  const std::byte* seen = nullptr;
  bob_.on_datagram = [&](Bytes datagram, const Address&) { seen = datagram.data(); };
  listen();
  const auto* const port = reinterpret_cast<const std::byte*>(&bob_port_);
  const auto in_buffer = [&] { return seen >= port && seen < port + sizeof bob_port_; };
  receive("in one piece", 100);
  run_for(1ms);
  EXPECT_FALSE(in_buffer());
  receive("in some pieces", 4);
  run_for(1ms);
  EXPECT_TRUE(in_buffer());
  EXPECT_EQ(bob_.received, (Texts{"in one piece", "in some pieces"}));
  EXPECT_EQ(bob_.from, Address::ip4({10, 0, 0, 9}, 99));
}

TEST_F(LwipDatagrams, wait_up_to_a_number_and_the_rest_is_dropped_and_counted) {
  listen();
  for (int i = 0; i < BOBBIN_LWIP_DATAGRAMS + 2; ++i) receive(std::to_string(i), 100);
  EXPECT_EQ(bob_port_.statistics().dropped_no_room, 2U);
  run_for(1ms);
  EXPECT_EQ(bob_.received, (Texts{"0", "1", "2", "3"}));
  receive("next", 100);
  run_for(1ms);
  EXPECT_EQ(bob_.received.back(), "next");
}

// A peer must not be able to hold lwIP's buffers for received frames.
TEST_F(LwipDatagrams, wait_in_so_many_buffers_and_no_more) {
  listen();
  std::size_t pbufs = 0;
  for (const std::size_t more : {3U, 3U, 1U}) {
    receive(std::string(more, 'x'), 1);
    pbufs += more;
  }
  ASSERT_EQ(pbufs, BOBBIN_LWIP_DATAGRAM_PBUFS + 1U);
  EXPECT_EQ(bob_port_.statistics().dropped_no_room, 1U);
  run_for(1ms);
  EXPECT_EQ(bob_.received, (Texts{"xxx", "xxx"}));
}

TEST_F(LwipDatagrams, are_given_back_when_the_port_stops) {
  listen();
  bob_port_.pause_producing();
  for (int i = 0; i < 3; ++i) receive("never seen", 4);
  run_for(1ms);
  bob_port_.stop_listening();
  run_for(1ms);
  EXPECT_EQ(bob_.trace, (Trace{"start", "stop"}));
}

TEST_F(LwipDatagrams, may_be_looked_at_after_the_port_has_stopped) {
  std::string seen;
  bob_.on_datagram = [&](Bytes datagram, const Address&) {
    bob_port_.stop_listening();
    const int in_use = lwip_stats.memp[MEMP_PBUF_POOL]->used;
    EXPECT_EQ(in_use, 1) << "this one; what waited behind it is gone";
    seen = text_of(datagram);
  };
  listen();
  for (int i = 0; i < 3; ++i) receive("lent", 100);
  run_for(1ms);
  EXPECT_EQ(seen, "lent");
  EXPECT_EQ(bob_.received.size(), 1U);
}

TEST_F(LwipDatagrams, that_are_too_long_are_given_back_too) {
  listen();
  receive(std::string(65, 'x'), 100);
  receive(std::string(65, 'x'), 40);
  run_for(1ms);
  EXPECT_EQ(bob_port_.statistics().dropped_too_long, 2U);
  EXPECT_EQ(bob_.received, Texts{});
}

TEST_F(LwipDatagrams, are_not_sent_without_memory_and_may_be_sent_later) {
  listen();
  {
    const Exhausted references(MEMP_PBUF);
    EXPECT_EQ(write("not now"), Errc::would_block);
  }
  {
    // For the headers, and for what the loopback interface copies.
    const Exhausted small(MEMP_POOL_160);
    const Exhausted large(MEMP_POOL_1664);
    EXPECT_EQ(write("nor now"), Errc::would_block);
  }
  EXPECT_EQ(ann_port_.statistics().sent, 0U);
  ASSERT_FALSE(write("now"));
  run_for(1ms);
  EXPECT_EQ(bob_.received, Texts{"now"});
}

TEST_F(LwipDatagrams, have_as_many_ports_as_there_are_pcbs) {
  const Exhausted pcbs(MEMP_UDP_PCB);
  EXPECT_EQ(reactor_.listen_udp(Address::loopback(0), ann_port_), Errc::no_capacity);
  EXPECT_FALSE(ann_port_.listening());
}

TEST_F(LwipDatagrams, lead_nowhere_without_a_route) {
  netif* const usual = netif_default;
  netif_set_default(nullptr);
  listen();
  const Address elsewhere = Address::ip4({10, 1, 1, 1}, 9);
  EXPECT_EQ(ann_port_.write(bytes_of("x"), elsewhere), Errc::unreachable);
  EXPECT_EQ(ann_port_.connect(elsewhere), Errc::unreachable);
  netif_set_default(usual);
}

TEST_F(LwipDatagrams, of_groups_need_an_lwip_built_for_them) {
  ASSERT_EQ(BOBBIN_LWIP_GROUPS, 0);
  listen();
  EXPECT_EQ(bob_port_.join_group(Address::ip4({239, 1, 1, 1}, 0)), Errc::not_supported);
  EXPECT_EQ(bob_port_.leave_group(Address::ip4({239, 1, 1, 1}, 0)), Errc::not_supported);
}

TEST_F(LwipDatagrams, have_no_families_and_interfaces_that_lwip_has_not) {
  EXPECT_EQ(reactor_.listen_udp(Address::ip6({1}, 9), ann_port_), Errc::not_supported);
  UdpOptions options;
  options.multicast_interface = Address::ip4({10, 9, 9, 9}, 0);
  EXPECT_EQ(reactor_.listen_udp(Address::any(0), ann_port_, options), Errc::address_not_available);
  EXPECT_FALSE(ann_port_.listening());
}

}  // namespace
}  // namespace bobbin
