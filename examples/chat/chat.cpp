// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "chat.hpp"

#include "example.hpp"

namespace {

constexpr bobbin::ConnectionSizes sizes{
    .connections = example::connections_max, .receive = 1460, .send = 2048};

ChatRoom room;
bobbin::TcpServer<Chatter, sizes, ChatRoom> server(room);

}  // namespace

const std::uint16_t example::default_port = example::on_board ? 7 : 7777;

int example::run(Reactor& reactor, const Options& options) {
  return serve(reactor, options, server);
}
