// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "channel.hpp"

#include <algorithm>
#include <utility>

#include <bobbin/lwip/reactor.hpp>

#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>

#include "address.hpp"
#include "error.hpp"
#include "from_lwip.hpp"
#include "options.hpp"

namespace bobbin {

namespace {

// In lwIP's milliseconds.
void keep_alive(tcp_pcb& pcb) {
  ip_set_option(&pcb, SOF_KEEPALIVE);
  pcb.keep_idle = config::keepalive_idle_s * u32_t{1000};
  pcb.keep_intvl = config::keepalive_interval_s * u32_t{1000};
  pcb.keep_cnt = config::keepalive_count;
}

// Whether the peer was not heard of for as long as it takes to ask so many questions.
bool is_silent_for(const tcp_pcb& pcb, u32_t questions) {
  const u32_t silence = pcb.keep_idle + questions * pcb.keep_intvl;
  return static_cast<u32_t>(tcp_ticks - pcb.tmr) > silence / TCP_SLOW_INTERVAL;
}

}  // namespace

LwipChannel::LwipChannel(LwipReactorBase& reactor, Selectable& owner, tcp_pcb& pcb)
    : Channel(Receiving::lends), reactor_(reactor), owner_(owner), pcb_(&pcb) {
  tcp_arg(pcb_, this);
  tcp_recv(pcb_, received);
  tcp_sent(pcb_, sent);
  tcp_err(pcb_, failed);
  // The reactor gathers the writes of a turn itself.
  tcp_nagle_disable(pcb_);
  keep_alive(*pcb_);
}

Result<Channel*> LwipChannel::connect(ChannelSlot& slot, LwipReactorBase& reactor,
                                      Selectable& owner, const ip_addr_t& ip, std::uint16_t port) {
  tcp_pcb* const pcb = tcp_new_ip_type(IP_GET_TYPE(&ip));
  if (pcb == nullptr) return error_of(ERR_MEM, Connected::not_yet);
  LwipChannel& channel = slot.emplace<LwipChannel>(reactor, owner, *pcb);
  channel.state_ = State::connecting;
  const err_t code = tcp_connect(pcb, &ip, port, connected);
  if (code == ERR_OK) return &channel;
  channel.abort();
  return error_of(code, Connected::not_yet);
}

void LwipChannel::begin(pbuf* early) {
  if (early != nullptr) keep(*early);
  // The end came alone if there is no refused data to carry it.
  if (pcb_->state == CLOSE_WAIT && pcb_->refused_data == nullptr) peer_ended();
  take_refused();
}

err_t LwipChannel::connected(void* channel, tcp_pcb*, err_t) {
  auto& self = *static_cast<LwipChannel*>(channel);
  const FromLwip call(self.reactor_);
  self.state_ = State::open;
  self.reactor_.mark_writable(self.owner_);
  return ERR_OK;
}

err_t LwipChannel::received(void* channel, tcp_pcb*, pbuf* data, err_t) {
  auto& self = *static_cast<LwipChannel*>(channel);
  const FromLwip call(self.reactor_);
  if (data == nullptr) {
    self.peer_ended();
  } else if (!self.keep(*data)) {
    return ERR_MEM;  // lwIP keeps it and offers it again
  }
  return ERR_OK;
}

// How many pbufs a connection may keep is bounded beside the window, as a peer may fill each with
// one byte.
bool LwipChannel::keep(pbuf& data) {
  if (received_ == nullptr) {
    received_ = &data;
    // Where options filled a pbuf, no byte of data is in it.
    drop(0);
  } else {
    if (pbuf_clen(received_) >= options::channel_pbufs && more_may_come()) return false;
    // Its length cannot overflow: the window is smaller.
    pbuf_cat(received_, &data);
  }
  reactor_.mark_readable(owner_);
  return true;
}

// Once the peer has ended nothing may be refused. It could only be one segment too many, and lwIP
// loses refused data where such a pcb goes next: TIME_WAIT, or freed after LAST_ACK.
bool LwipChannel::more_may_come() const {
  return pcb_->state == ESTABLISHED || pcb_->state == FIN_WAIT_1 || pcb_->state == FIN_WAIT_2;
}

// Both sides have ended if our FIN is out as well. lwIP would say nothing more of such a pcb, not
// even that it is freed, so its last moments are lwIP's alone. All our bytes were acknowledged
// before the FIN.
void LwipChannel::peer_ended() {
  state_ = State::ended;
  if (pcb_->state == TIME_WAIT || pcb_->state == CLOSING) let_go();
  reactor_.mark_readable(owner_);
}

err_t LwipChannel::sent(void* channel, tcp_pcb*, u16_t count) {
  auto& self = *static_cast<LwipChannel*>(channel);
  const FromLwip call(self.reactor_);
  self.acknowledged_ = static_cast<tcpwnd_size_t>(self.acknowledged_ + count);
  self.reactor_.mark_writable(self.owner_);
  self.reactor_.memory_was_freed();
  return ERR_OK;
}

// The pcb is already freed or about to be.
void LwipChannel::failed(void* channel, err_t code) {
  auto& self = *static_cast<LwipChannel*>(channel);
  const FromLwip call(self.reactor_);
  self.pcb_ = nullptr;
  self.reactor_.memory_was_freed();
  // In LAST_ACK our FIN was acknowledged: the orderly end, known before `close` was called.
  if (code == ERR_CLSD) return;
  self.error_ = code;
  self.set_broken();
  self.reactor_.mark_readable(self.owner_);
  self.reactor_.mark_writable(self.owner_);
}

Channel::ReadResult LwipChannel::read(MutableBytes space) {
  const std::size_t available = received_ != nullptr ? received_->tot_len : 0;
  const std::size_t count = std::min(available, space.size());
  if (count > 0) {
    pbuf_copy_partial(received_, space.data(), static_cast<u16_t>(count), 0);
    drop(count);
    copied_ = static_cast<std::uint16_t>(copied_ + count);
    take_refused();
  }
  using Status = ReadResult::Status;
  if (received_ != nullptr) return {.bytes = count, .status = Status::more};
  const bool over = broken() || state_ == State::ended;
  if (count > 0) return {.bytes = count, .status = over ? Status::more : Status::drained};
  if (state_ == State::ended) return {.status = Status::ended};
  if (broken()) return {.status = Status::failed, .error = error()};
  return {};
}

Channel::Lent LwipChannel::lend() {
  if (received_ == nullptr) return {};
  const auto* const first = static_cast<const std::byte*>(received_->payload);
  return {.first = {first, received_->len},
          .total = received_->tot_len,
          .ended = state_ == State::ended};
}

void LwipChannel::used(std::size_t count) {
  const std::size_t copied = std::min<std::size_t>(count, copied_);
  copied_ = static_cast<std::uint16_t>(copied_ - copied);
  if (copied < count) {
    drop(count - copied);
    take_refused();
  }
  if (pcb_ != nullptr) open_window(count);
}

// When the window has opened far enough lwIP tells the peer at once. The protocol's answer says the
// same, and may be in the ring already, so the announcement waits for it until the turn's end. lwIP
// itself holds back what goes to the pcb whose segment it is handling: we say it is this one.
void LwipChannel::open_window(std::size_t count) {
  tcp_input_pcb = pcb_;
  tcp_recved(pcb_, static_cast<u16_t>(count));  // at most TCP_WND, which has 16 bits
  tcp_input_pcb = nullptr;
  if (tcp_is_flag_set(pcb_, TF_ACK_NOW)) reactor_.window_opened();
}

void LwipChannel::announce_windows() {
  for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
    if (tcp_is_flag_set(pcb, TF_ACK_NOW)) tcp_output(pcb);
  }
}

// Empty pbufs in front go too.
void LwipChannel::drop(std::size_t count) {
  while (received_ != nullptr && count >= received_->len) {
    pbuf* const first = received_;
    received_ = first->next;
    count -= first->len;
    // Not pbuf_dechain: the chain holds the only reference to each of its links.
    first->next = nullptr;
    pbuf_free(first);
  }
  if (count > 0) pbuf_remove_header(received_, count);
}

void LwipChannel::drop_all() {
  if (received_ != nullptr) pbuf_free(std::exchange(received_, nullptr));
}

// lwIP would come with it by itself, but after as much as 250 ms.
void LwipChannel::take_refused() {
  if (pcb_ != nullptr && pcb_->refused_data != nullptr) tcp_process_refused_data(pcb_);
}

Channel::WriteResult LwipChannel::write(const TwoSpans& bytes) {
  WriteResult result{.released = std::exchange(acknowledged_, tcpwnd_size_t{0})};
  if (broken()) result.error = error();
  if (pcb_ == nullptr) return result;
  result.handed = send(bytes.first, !bytes.second.empty());
  if (result.handed == bytes.first.size()) result.handed += send(bytes.second, false);
  if (result.handed > 0) tcp_output(pcb_);
  return result;
}

// The bytes stay in the ring: without TCP_WRITE_FLAG_COPY segments point at them until they are
// acknowledged. A segment at a time, as tcp_write takes all or nothing: a large piece might never
// find enough memory at once.
std::size_t LwipChannel::send(Bytes bytes, bool more_follows) {
  std::size_t handed = 0;
  while (handed < bytes.size()) {
    const std::size_t left = bytes.size() - handed;
    const auto piece = static_cast<u16_t>(
        std::min({left, std::size_t{tcp_sndbuf(pcb_)}, std::size_t{tcp_mss(pcb_)}}));
    if (piece == 0) break;
    const u8_t flags = more_follows || piece < left ? TCP_WRITE_FLAG_MORE : 0;
    if (tcp_write(pcb_, bytes.data() + handed, piece, flags) != ERR_OK) {
      wait_for_memory();
      break;
    }
    handed += piece;
  }
  return handed;
}

// While segments of ours are out, `sent` comes. Else nobody would call, so lwIP is asked for its
// poll, at most half a second from now; a segment that another connection gives back is sooner.
// That callback being set is how a pcb is known to wait.
void LwipChannel::wait_for_memory() {
  if (tcp_sndqueuelen(pcb_) > 0) return;
  tcp_poll(pcb_, memory_may_be_free, 1);
  reactor_.memory_is_short();
}

err_t LwipChannel::memory_may_be_free(void* channel, tcp_pcb* pcb) {
  auto& self = *static_cast<LwipChannel*>(channel);
  const FromLwip call(self.reactor_);
  tcp_poll(pcb, nullptr, 0);
  self.reactor_.mark_writable(self.owner_);
  return ERR_OK;
}

void LwipChannel::retry_writes() {
  for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
    if (pcb->poll == memory_may_be_free) memory_may_be_free(pcb->callback_arg, pcb);
  }
}

// Never fails for want of a segment: lwIP then keeps the FIN pending and tries again in its timer.
void LwipChannel::shut_down_writing() {
  if (pcb_ == nullptr) return;
  tcp_shutdown(pcb_, 0, 1);
  tcp_poll(pcb_, peer_may_be_gone, 1);
}

// lwIP's keep-alive stops at FIN_WAIT_2, where a peer that has vanished would hold its connection
// for ever. So it goes on here, as lwIP does it.
err_t LwipChannel::peer_may_be_gone(void* channel, tcp_pcb* pcb) {
  if (pcb->state != FIN_WAIT_2) return ERR_OK;
  const FromLwip call(static_cast<LwipChannel*>(channel)->reactor_);
  if (is_silent_for(*pcb, pcb->keep_cnt)) {
    tcp_abort(pcb);
    return ERR_ABRT;
  }
  if (is_silent_for(*pcb, pcb->keep_cnt_sent) && tcp_keepalive(pcb) == ERR_OK) ++pcb->keep_cnt_sent;
  return ERR_OK;
}

// lwIP resets the connection if it thinks that we have not read everything, so the window is
// opened whole first. As for `shut_down_writing` a FIN may be pending afterwards; what else could
// make tcp_close fail leaves only the abort.
void LwipChannel::close() {
  drop_all();
  tcp_pcb* const pcb = let_go();
  if (pcb == nullptr) return;
  tcp_shutdown(pcb, 1, 0);  // drops refused data
  if (pcb->rcv_wnd < TCP_WND_MAX(pcb)) tcp_recved(pcb, TCP_WND);
  if (tcp_close(pcb) != ERR_OK) tcp_abort(pcb);
}

void LwipChannel::abort() {
  drop_all();
  tcp_pcb* const pcb = let_go();
  if (pcb == nullptr) return;
  tcp_abort(pcb);
  reactor_.memory_was_freed();
}

// What is left of the connection is lwIP's; it may drop it when a new one needs the pcb.
tcp_pcb* LwipChannel::let_go() {
  tcp_pcb* const pcb = std::exchange(pcb_, nullptr);
  if (pcb == nullptr) return nullptr;
  tcp_arg(pcb, nullptr);
  tcp_recv(pcb, nullptr);
  tcp_sent(pcb, nullptr);
  tcp_err(pcb, nullptr);
  tcp_poll(pcb, nullptr, 0);
  tcp_setprio(pcb, TCP_PRIO_MIN);
  return pcb;
}

Error LwipChannel::finish_connect() {
  if (broken()) return error();
  return state_ == State::connecting ? Error(Errc::would_block) : Error();
}

Error LwipChannel::error() const {
  return error_of(error_, state_ == State::connecting ? Connected::not_yet : Connected::yes);
}

Address LwipChannel::host() const {
  return pcb_ != nullptr ? from_lwip(pcb_->local_ip, pcb_->local_port) : Address();
}

Address LwipChannel::peer() const {
  return pcb_ != nullptr ? from_lwip(pcb_->remote_ip, pcb_->remote_port) : Address();
}

}  // namespace bobbin
