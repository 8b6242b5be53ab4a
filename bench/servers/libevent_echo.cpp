// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "program.hpp"

// libevent's bufferevents. What was read is moved to the output, not copied; a client that does not
// read is not read from.
namespace {

struct Server {
  event_base* base;
  std::size_t receive;
  std::size_t send;
};

void read_some(bufferevent* connection, void* context) {
  const auto& server = *static_cast<const Server*>(context);
  evbuffer* const output = bufferevent_get_output(connection);
  evbuffer_add_buffer(output, bufferevent_get_input(connection));
  if (evbuffer_get_length(output) >= server.send) bufferevent_disable(connection, EV_READ);
}

void drained(bufferevent* connection, void*) {
  if ((bufferevent_get_enabled(connection) & EV_READ) == 0) bufferevent_enable(connection, EV_READ);
}

void ended(bufferevent* connection, short, void*) { bufferevent_free(connection); }

void accept_one(evconnlistener*, evutil_socket_t socket, sockaddr*, int, void* context) {
  auto& server = *static_cast<Server*>(context);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bufferevent* const connection =
      bufferevent_socket_new(server.base, socket, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(connection, read_some, drained, ended, &server);
  bufferevent_set_max_single_read(connection, server.receive);
  bufferevent_enable(connection, EV_READ | EV_WRITE);
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  bench::end_on_sigterm();
  Server server{.base = event_base_new(), .receive = options.receive, .send = options.send};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  evconnlistener* const listener = evconnlistener_new_bind(
      server.base, accept_one, &server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, bench::backlog,
      reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (listener == nullptr) bench::fail("listen");
  bench::announce(bench::port_of(evconnlistener_get_fd(listener)));
  return event_base_dispatch(server.base);
}
