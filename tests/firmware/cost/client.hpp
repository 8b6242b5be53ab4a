// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

#include <lwip/err.h>
#include <lwip/tcp.h>

namespace cost {

struct Load {
  std::uint16_t message;    // bytes, at most TCP_MSS
  std::uint16_t in_flight;  // messages that each client has out at a time
  std::uint16_t clients;
};

// Sends messages to an echo at this machine's loopback address, straight on lwIP and without
// copies: the same for every server, and as little as a client can be.
class Client {
 public:
  Client(std::uint16_t port, const Load& load);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Whole messages that came back.
  std::uint32_t returned() const { return returned_; }

 private:
  static err_t connected(void* client, tcp_pcb* pcb, err_t error);
  static err_t received(void* client, tcp_pcb* pcb, pbuf* data, err_t error);
  static void failed(void* client, err_t error);
  void send();

  Load load_;
  tcp_pcb* pcb_;
  std::uint32_t partial_ = 0;  // bytes back of the message that is not whole yet
  std::uint32_t returned_ = 0;
};

}  // namespace cost
