// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "acceptor.hpp"

#include <algorithm>
#include <utility>

#include <bobbin/lwip/reactor.hpp>

#include <lwip/priv/tcp_priv.h>

#include "address.hpp"
#include "channel.hpp"
#include "from_lwip.hpp"
#include "options.hpp"

namespace bobbin {

namespace {

// The window of one who waits: the default segment of RFC 9293, 3.7.1.
constexpr tcpwnd_size_t waiting_window = std::min<int>(TCP_MSS, 536);

// The last of those lwIP has, as its counter of used ones begins with the first and never goes
// back.
constexpr u8_t ext_arg = LWIP_TCP_PCB_NUM_EXT_ARGS - 1;

pbuf* early_data(const tcp_pcb& pcb) { return static_cast<pbuf*>(tcp_ext_arg_get(&pcb, ext_arg)); }

void free_early_data(u8_t, void* data) {
  if (data != nullptr) pbuf_free(static_cast<pbuf*>(data));
}

int length(const pbuf* data) { return data != nullptr ? data->tot_len : 0; }

int window(const tcp_pcb& pcb) {
  return length(early_data(pcb)) + length(pcb.refused_data) + pcb.rcv_wnd;
}

void open_window(tcp_pcb& pcb) {
  const int missing = TCP_WND - window(pcb);
  if (missing > 0) tcp_recved(&pcb, static_cast<u16_t>(missing));
}

}  // namespace

LwipAcceptor::LwipAcceptor(LwipReactorBase& reactor, ListeningPort& port, tcp_pcb& listener)
    : reactor_(reactor), port_(port), listener_(&listener) {
  static constexpr tcp_ext_arg_callbacks callbacks{.destroy = nullptr, .passive_open = began};
  tcp_ext_arg_set_callbacks(listener_, ext_arg, &callbacks);
  tcp_arg(listener_, this);
  tcp_accept(listener_, arrived);
}

// Before the answer to its SYN, which tells the window. A window once told may not shrink.
err_t LwipAcceptor::began(u8_t, tcp_pcb_listen* listener, tcp_pcb* pcb) {
  const auto& self = *static_cast<LwipAcceptor*>(listener->callback_arg);
  const FromLwip call(self.reactor_);
  if (!self.will_have_room()) pcb->rcv_wnd = pcb->rcv_ann_wnd = waiting_window;
  return ERR_OK;
}

// For all who are on their way to this pool, this one included, by whichever port.
bool LwipAcceptor::will_have_room() const {
  const PoolUse& use = port_.connections().use();
  std::uint32_t pending = 0;
  for (const tcp_pcb_listen* listener = tcp_listen_pcbs.listen_pcbs; listener != nullptr;
       listener = listener->next) {
    if (shares_pool(*listener)) pending += listener->accepts_pending;
  }
  return port_.has_room() && use.in_use + pending <= use.capacity;
}

// The program may have listeners of its own on lwIP.
bool LwipAcceptor::shares_pool(const tcp_pcb_listen& listener) const {
  if (listener.accept != arrived) return false;
  const auto& other = *static_cast<const LwipAcceptor*>(listener.callback_arg);
  return &other.port_.connections() == &port_.connections();
}

// Without a pcb lwIP only tells that it has none left.
err_t LwipAcceptor::arrived(void* acceptor, tcp_pcb* pcb, err_t) {
  if (pcb == nullptr) return ERR_MEM;
  auto& self = *static_cast<LwipAcceptor*>(acceptor);
  const FromLwip call(self.reactor_);
  tcp_arg(pcb, reinterpret_cast<void*>(std::uintptr_t{self.next_number_++}));
  tcp_recv(pcb, received);
  static constexpr tcp_ext_arg_callbacks callbacks{.destroy = free_early_data,
                                                   .passive_open = nullptr};
  tcp_ext_arg_set_callbacks(pcb, ext_arg, &callbacks);
  // lwIP counts it as accepted already.
  tcp_backlog_delayed(pcb);
  self.reactor_.mark_readable(self.port_.selectable());
  return ERR_OK;
}

// What lies within the window is kept in the pcb, in a bounded number of pbufs; lwIP keeps one more
// segment that is refused. The end without data shows in the pcb's state.
err_t LwipAcceptor::received(void*, tcp_pcb* pcb, pbuf* data, err_t) {
  if (data == nullptr) return ERR_OK;
  pbuf* const early = early_data(*pcb);
  const bool has_whole_window = window(*pcb) + data->tot_len > waiting_window;
  const std::size_t most = has_whole_window ? options::channel_pbufs : options::segment_pbufs;
  if (early == nullptr) {
    tcp_ext_arg_set(pcb, ext_arg, data);
  } else if (pbuf_clen(early) < most) {
    pbuf_cat(early, data);
  } else {
    return ERR_MEM;
  }
  return ERR_OK;
}

bool LwipAcceptor::waits(const tcp_pcb& pcb) const {
  return reinterpret_cast<tcp_pcb*>(pcb.listener) == listener_ && pcb.recv == received;
}

// The one who has waited longest. Numbers begin anew after the last, so what counts is how far two
// are apart.
tcp_pcb* LwipAcceptor::first_waiting() const {
  tcp_pcb* first = nullptr;
  std::uint32_t longest = 0;
  for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
    if (!waits(*pcb)) continue;
    const auto number =
        static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pcb->callback_arg));
    const std::uint32_t waited = next_number_ - number;
    if (waited > longest) first = pcb;
    longest = std::max(longest, waited);
  }
  return first;
}

Result<Channel*> LwipAcceptor::accept(ChannelSlot& slot, Selectable& owner) {
  tcp_pcb* const pcb = first_waiting();
  if (pcb == nullptr) return Errc::would_block;
  tcp_backlog_accepted(pcb);
  open_window(*pcb);
  pbuf* const early = early_data(*pcb);
  tcp_ext_arg_set(pcb, ext_arg, nullptr);
  LwipChannel& channel = slot.emplace<LwipChannel>(reactor_, owner, *pcb);
  channel.begin(early);
  return &channel;
}

bool LwipAcceptor::has_waiting() { return first_waiting() != nullptr; }

Address LwipAcceptor::host() const {
  const auto& listener = *reinterpret_cast<const tcp_pcb_listen*>(listener_);
  return from_lwip(listener.local_ip, listener.local_port);
}

void LwipAcceptor::close() {
  tcp_accept(listener_, nullptr);
  while (tcp_pcb* const pcb = first_waiting()) {
    tcp_recv(pcb, nullptr);
    tcp_abort(pcb);
  }
  tcp_close(std::exchange(listener_, nullptr));
}

}  // namespace bobbin
