// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <uv.h>

#include <cstdlib>
#include <vector>

#include "program.hpp"

// libuv as its documentation would have it, without its tutorial's two allocations for each
// message: one buffer for all reads, uv_try_write first. Only what that does not take is copied for
// uv_write, and until it is written nothing more is read.
namespace {

struct Connection {
  uv_tcp_t socket{};
  uv_write_t request{};
  std::vector<char> rest;
};

struct Server {
  uv_tcp_t socket{};
  std::vector<char> buffer;
};

Server& server_of(uv_handle_t* handle) { return *static_cast<Server*>(handle->loop->data); }

void check(int status, const char* what) {
  if (status >= 0) return;
  std::fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  std::exit(1);
}

void end(Connection& connection) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&connection.socket);
  if (uv_is_closing(handle)) return;
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<Connection*>(closed->data); });
}

void lend_buffer(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  Server& server = server_of(handle);
  *buffer = uv_buf_init(server.buffer.data(), static_cast<unsigned>(server.buffer.size()));
}

void read_done(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

void rest_written(uv_write_t* request, int status) {
  auto& connection = *static_cast<Connection*>(request->data);
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection.socket);
  if (status < 0) return end(connection);
  uv_read_start(stream, lend_buffer, read_done);
}

void write_rest(Connection& connection, const char* begin, const char* end_of_it) {
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection.socket);
  connection.rest.assign(begin, end_of_it);
  uv_read_stop(stream);
  const uv_buf_t rest =
      uv_buf_init(connection.rest.data(), static_cast<unsigned>(connection.rest.size()));
  connection.request.data = &connection;
  if (uv_write(&connection.request, stream, &rest, 1, rest_written) != 0) end(connection);
}

void read_done(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto& connection = *static_cast<Connection*>(stream->data);
  if (count == 0) return;
  if (count < 0) return end(connection);
  const uv_buf_t bytes = uv_buf_init(buffer->base, static_cast<unsigned>(count));
  int written = uv_try_write(stream, &bytes, 1);
  if (written == count) return;
  if (written < 0 && written != UV_EAGAIN) return end(connection);
  if (written < 0) written = 0;
  write_rest(connection, buffer->base + written, buffer->base + count);
}

void accept_one(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* const connection = new Connection;
  uv_tcp_init(listener->loop, &connection->socket);
  connection->socket.data = connection;
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection->socket);
  if (uv_accept(listener, stream) != 0) return end(*connection);
  uv_tcp_nodelay(&connection->socket, 1);
  uv_read_start(stream, lend_buffer, read_done);
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  bench::end_on_sigterm();
  uv_loop_t* const loop = uv_default_loop();
  Server server{.socket = {}, .buffer = std::vector<char>(options.receive)};
  loop->data = &server;
  uv_tcp_init(loop, &server.socket);
  sockaddr_in address{};
  check(uv_ip4_addr("127.0.0.1", options.port, &address), "address");
  check(uv_tcp_bind(&server.socket, reinterpret_cast<const sockaddr*>(&address), 0), "bind");
  auto* const stream = reinterpret_cast<uv_stream_t*>(&server.socket);
  check(uv_listen(stream, bench::backlog, accept_one), "listen");
  int descriptor = -1;
  check(uv_fileno(reinterpret_cast<uv_handle_t*>(&server.socket), &descriptor), "descriptor");
  bench::announce(bench::port_of(descriptor));
  return uv_run(loop, UV_RUN_DEFAULT);
}
