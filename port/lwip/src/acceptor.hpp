// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <bobbin/channel.hpp>
#include <bobbin/listening_port.hpp>

#include <lwip/err.h>
#include <lwip/tcp.h>

namespace bobbin {

class LwipReactorBase;

// A listening pcb and the connections that wait to be accepted, with what they sent so far: as much
// as a connection keeps, if one is free for them, else a segment, and their window is no larger.
// With a larger one they would go on sending what is not kept, which can fill an interface's few
// places again and again, ahead of those who are served. lwIP drops further SYNs when all places
// are taken, those in their handshake counted too, or when there is no pcb; their peers try again.
//
// Those who wait are found among lwIP's pcbs, so the acceptor is as large for any number of them,
// and one that dies is gone. A waiting pcb's `callback_arg` is its number, as lwIP's list has
// another order. A connection still in its handshake has no callbacks and finds its listener gone
// after `close`.
class LwipAcceptor final : public Acceptor {
 public:
  LwipAcceptor(LwipReactorBase& reactor, ListeningPort& port, tcp_pcb& listener);

  Result<Channel*> accept(ChannelSlot& slot, Selectable& owner) override;
  bool has_waiting() override;
  Address host() const override;
  void close() override;

 private:
  static err_t began(u8_t id, tcp_pcb_listen* listener, tcp_pcb* pcb);
  static err_t arrived(void* acceptor, tcp_pcb* pcb, err_t code);
  static err_t received(void* number, tcp_pcb* pcb, pbuf* data, err_t code);

  bool will_have_room() const;
  bool shares_pool(const tcp_pcb_listen& listener) const;
  bool waits(const tcp_pcb& pcb) const;
  tcp_pcb* first_waiting() const;

  LwipReactorBase& reactor_;
  ListeningPort& port_;
  tcp_pcb* listener_;
  std::uint32_t next_number_ = 0;
};

}  // namespace bobbin
