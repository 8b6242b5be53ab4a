// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>

#include <string_view>

#include "program.hpp"

// libmicrohttpd with epoll, in one thread. The one response is made at start.
namespace {

// Called of each request when its head has come, and again when all of it has; who answers the
// first time ends the connection.
MHD_Result answer(void* context, MHD_Connection* connection, const char*, const char*, const char*,
                  const char*, std::size_t*, void** seen) {
  if (*seen == nullptr) {
    *seen = context;
    return MHD_YES;
  }
  return MHD_queue_response(connection, MHD_HTTP_OK, static_cast<MHD_Response*>(context));
}

MHD_Response* hello() {
  static char text[] = "Hello, world\n";
  MHD_Response* const response =
      MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
  if (response == nullptr ||
      MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain") != MHD_YES)
    bench::fail("response");
  return response;
}

// Its own wait now and then does not end where 256 connections have something at once.
void wait_for(MHD_Daemon& daemon) {
  const MHD_DaemonInfo* const info = MHD_get_daemon_info(&daemon, MHD_DAEMON_INFO_EPOLL_FD);
  pollfd waiting{.fd = info->epoll_fd, .events = POLLIN, .revents = 0};
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  const bool is_bounded = MHD_get_timeout(&daemon, &milliseconds) == MHD_YES;
  poll(&waiting, 1, is_bounded ? static_cast<int>(milliseconds) : -1);
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  bench::end_on_sigterm();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  MHD_Daemon* const daemon = MHD_start_daemon(
      MHD_USE_EPOLL, options.port, nullptr, nullptr, answer, hello(), MHD_OPTION_SOCK_ADDR,
      reinterpret_cast<sockaddr*>(&address), MHD_OPTION_CONNECTION_LIMIT,
      static_cast<unsigned>(options.connections), MHD_OPTION_LISTEN_BACKLOG_SIZE,
      static_cast<unsigned>(bench::backlog), MHD_OPTION_END);
  if (daemon == nullptr) bench::fail("MHD_start_daemon");
  bench::announce(
      bench::port_of(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd));
  for (;;) {
    wait_for(*daemon);
    MHD_run(daemon);
  }
}
