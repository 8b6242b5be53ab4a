// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "streaming.hpp"

#include <optional>

#include "example.hpp"

namespace {

constexpr bobbin::ConnectionSizes client_sizes{.receive = 64, .send = 256 * 1024};
constexpr bobbin::ConnectionSizes server_sizes{.receive = 64 * 1024, .send = 64};

class Printer final : public StreamLog {
  void writing(std::size_t bytes) override {
    example::print("Client producer writing ", std::uint64_t{bytes}, " bytes.");
  }
  void pausing() override { example::print("Pausing client producer."); }
  void resuming() override { example::print("Resuming client producer."); }
};

// Takes everything, and says so.
struct Receiver final : bobbin::Protocol {
  std::size_t data_received(bobbin::Bytes data) override {
    example::print("Server received ", std::uint64_t{data.size()}, " bytes.");
    return data.size();
  }
};

// Streams for as long as the connection lasts, which is for ever, in the memory it was made with.
class Streamer final : public bobbin::Protocol {
 public:
  void connection_made() override {
    producer_.emplace(transport().reactor(), transport(), printer_);
    if (transport().register_producer(*producer_) || producer_->start()) {
      transport().abort_connection();
    }
  }

 private:
  Printer printer_;
  std::optional<StreamingProducer<bobbin::Transport>> producer_;
};

bobbin::TcpServer<Receiver, server_sizes> server;
bobbin::TcpClient<Streamer, client_sizes> client;

}  // namespace

const std::uint16_t example::default_port = 0;

int example::run(Reactor& reactor, const Options& options) {
  const bobbin::Error error =
      reactor.call_when_running([&reactor] { return reactor.connect_tcp(server.host(), client); });
  return error ? 1 : serve(reactor, options, server);
}
