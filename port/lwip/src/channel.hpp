// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/channel.hpp>

#include <lwip/err.h>
#include <lwip/tcp.h>

namespace bobbin {

class LwipReactorBase;

// One pcb. It keeps received pbufs and shows them where they lie, and has lwIP send the ring's own
// bytes.
//
// No handle is needed to keep a pcb and its channel apart, because neither outlives what it knows
// of the other:
//  - lwIP knows the channel by the pcb's `callback_arg` alone. `let_go` clears it with every
//    callback, and each way to lose a pcb or to end a channel (close, abort) leads through it or
//    through `err`, so a slot is never used again while a callback could still come for it.
//  - A pcb that lwIP frees on its own account is announced by `err`, which forgets it. The one
//    exception is TIME_WAIT; a pcb on its way there is let go before (`peer_ended`).
class LwipChannel final : public Channel {
 public:
  LwipChannel(LwipReactorBase& reactor, Selectable& owner, tcp_pcb& pcb);

  // A new connection to `ip`, built in `slot`.
  static Result<Channel*> connect(ChannelSlot& slot, LwipReactorBase& reactor, Selectable& owner,
                                  const ip_addr_t& ip, std::uint16_t port);

  // An accepted one: fetches what came while nobody could take it.
  void begin(pbuf* early);

  ReadResult read(MutableBytes space) override;
  Lent lend() override;
  void used(std::size_t count) override;
  WriteResult write(const TwoSpans& bytes) override;
  void shut_down_writing() override;
  void close() override;
  void abort() override;
  Error finish_connect() override;
  Address host() const override;
  Address peer() const override;

  // For the reactor: has each pcb that waits for memory write again.
  static void retry_writes();

  // For the reactor: tells the peers of windows that opened and which no answer has told of.
  static void announce_windows();

 private:
  enum class State : std::uint8_t {
    connecting,
    open,
    ended,  // the peer will send no more
  };

  static err_t connected(void* channel, tcp_pcb* pcb, err_t code);
  static err_t received(void* channel, tcp_pcb* pcb, pbuf* data, err_t code);
  static err_t sent(void* channel, tcp_pcb* pcb, u16_t count);
  static err_t memory_may_be_free(void* channel, tcp_pcb* pcb);
  static err_t peer_may_be_gone(void* channel, tcp_pcb* pcb);
  static void failed(void* channel, err_t code);

  bool keep(pbuf& data);
  bool more_may_come() const;
  void peer_ended();
  void drop(std::size_t count);
  void drop_all();
  void take_refused();
  void open_window(std::size_t count);
  std::size_t send(Bytes bytes, bool more_follows);
  void wait_for_memory();
  tcp_pcb* let_go();
  Error error() const;

  // In the padding behind Channel's own members.
  State state_ = State::open;
  err_t error_ = ERR_OK;
  tcpwnd_size_t acknowledged_ = 0;  // bytes sent that `write` has not reported as released
  std::uint16_t copied_ = 0;        // bytes `read` gave that are not used: at most TCP_WND
  LwipReactorBase& reactor_;
  Selectable& owner_;
  tcp_pcb* pcb_;              // null when lwIP has none for us any more
  pbuf* received_ = nullptr;  // the first is never empty
};

}  // namespace bobbin
