// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "client.hpp"

#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

namespace cost {

namespace {

const char bytes[TCP_MSS] = {};

void require(err_t error) {
  if (error == ERR_OK) return;
  bobbin::mps2::console::print("the client failed: lwIP's error ", static_cast<int>(error), "\n");
  bobbin::mps2::exit(1);
}

}  // namespace

Client::Client(std::uint16_t port, const Load& load) : load_(load), pcb_(tcp_new()) {
  require(pcb_ != nullptr ? ERR_OK : ERR_MEM);
  tcp_arg(pcb_, this);
  tcp_recv(pcb_, received);
  tcp_err(pcb_, failed);
  tcp_nagle_disable(pcb_);
  ip_addr_t address;
  IP_ADDR4(&address, 127, 0, 0, 1);
  require(tcp_connect(pcb_, &address, port, connected));
}

Client::~Client() { tcp_abort(pcb_); }

err_t Client::connected(void* client, tcp_pcb*, err_t) {
  auto& self = *static_cast<Client*>(client);
  for (unsigned i = 0; i < self.load_.in_flight; ++i) self.send();
  return tcp_output(self.pcb_);
}

err_t Client::received(void* client, tcp_pcb* pcb, pbuf* data, err_t) {
  auto& self = *static_cast<Client*>(client);
  require(data != nullptr ? ERR_OK : ERR_CLSD);
  tcp_recved(pcb, data->tot_len);
  self.partial_ += data->tot_len;
  pbuf_free(data);
  for (; self.partial_ >= self.load_.message; self.partial_ -= self.load_.message) {
    ++self.returned_;
    self.send();
  }
  return ERR_OK;
}

void Client::failed(void* client, err_t error) {
  static_cast<Client*>(client)->pcb_ = nullptr;
  if (error != ERR_ABRT) require(error);
}

void Client::send() { require(tcp_write(pcb_, bytes, load_.message, 0)); }

}  // namespace cost
