// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <asio.hpp>
#include <vector>

#include "program.hpp"

// Asio with callbacks: each connection reads into a buffer of its own, writes all of it, and reads
// again. One thread, which Asio is told.
namespace {

using asio::ip::tcp;

class Connection {
 public:
  Connection(tcp::socket socket, std::size_t receive)
      : socket_(std::move(socket)), buffer_(receive) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [this](std::error_code error, std::size_t count) {
                              if (error) {
                                delete this;
                              } else {
                                write(count);
                              }
                            });
  }

 private:
  void write(std::size_t count) {
    asio::async_write(socket_, asio::buffer(buffer_.data(), count),
                      [this](std::error_code error, std::size_t) {
                        if (error) {
                          delete this;
                        } else {
                          read();
                        }
                      });
  }

  tcp::socket socket_;
  std::vector<char> buffer_;
};

void accept(tcp::acceptor& acceptor, std::size_t receive) {
  acceptor.async_accept([&acceptor, receive](std::error_code error, tcp::socket socket) {
    if (!error) (new Connection(std::move(socket), receive))->read();
    accept(acceptor, receive);
  });
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  bench::end_on_sigterm();
  asio::io_context loop(1);
  tcp::acceptor acceptor(loop, tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind({asio::ip::address_v4::loopback(), options.port});
  acceptor.listen(bench::backlog);
  accept(acceptor, options.receive);
  bench::announce(acceptor.local_endpoint().port());
  loop.run();
}
