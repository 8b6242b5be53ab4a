// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "acceptor.hpp"

#include <utility>

#include <bobbin/lwip/reactor.hpp>

#include "address.hpp"
#include "channel.hpp"

namespace bobbin {

LwipAcceptor::LwipAcceptor(LwipReactorBase& reactor, Selectable& owner, tcp_pcb& listener)
    : reactor_(reactor), owner_(owner), listener_(&listener) {
  tcp_arg(listener_, this);
  tcp_accept(listener_, arrived);
}

// Without a pcb lwIP only tells that it has none left.
err_t LwipAcceptor::arrived(void* acceptor, tcp_pcb* pcb, err_t) {
  if (pcb == nullptr) return ERR_MEM;
  auto& self = *static_cast<LwipAcceptor*>(acceptor);
  const std::size_t count = self.close_ranks();
  if (count == options::waiting_places) return ERR_MEM;
  self.waiting_[count] = pcb;
  tcp_arg(pcb, &self.waiting_[count]);
  tcp_recv(pcb, received);
  tcp_err(pcb, failed);
  // lwIP counts it as accepted already.
  tcp_backlog_delayed(pcb);
  self.reactor_.mark_readable(self.owner_);
  return ERR_OK;
}

// What is refused stays with the pcb; the end without data shows in its state.
err_t LwipAcceptor::received(void*, tcp_pcb*, pbuf* data, err_t) {
  return data != nullptr ? ERR_MEM : ERR_OK;
}

void LwipAcceptor::failed(void* place, err_t) { *static_cast<tcp_pcb**>(place) = nullptr; }

// Moves those who wait into the first places, in their order, and says how many they are.
std::size_t LwipAcceptor::close_ranks() {
  std::size_t count = 0;
  for (tcp_pcb*& place : waiting_) {
    tcp_pcb* const pcb = std::exchange(place, nullptr);
    if (pcb == nullptr) continue;
    waiting_[count] = pcb;
    tcp_arg(pcb, &waiting_[count]);
    ++count;
  }
  return count;
}

Result<Channel*> LwipAcceptor::accept(ChannelSlot& slot, Selectable& owner) {
  if (close_ranks() == 0) return Errc::would_block;
  tcp_pcb* const pcb = std::exchange(waiting_[0], nullptr);
  tcp_backlog_accepted(pcb);
  LwipChannel& channel = slot.emplace<LwipChannel>(reactor_, owner, *pcb);
  channel.begin();
  return &channel;
}

Address LwipAcceptor::host() const {
  const auto& listener = *reinterpret_cast<const tcp_pcb_listen*>(listener_);
  return from_lwip(listener.local_ip, listener.local_port);
}

void LwipAcceptor::close() {
  tcp_accept(listener_, nullptr);
  for (tcp_pcb*& place : waiting_) {
    tcp_pcb* const pcb = std::exchange(place, nullptr);
    if (pcb == nullptr) continue;
    tcp_arg(pcb, nullptr);
    tcp_recv(pcb, nullptr);
    tcp_err(pcb, nullptr);
    tcp_abort(pcb);
  }
  tcp_close(std::exchange(listener_, nullptr));
}

}  // namespace bobbin
