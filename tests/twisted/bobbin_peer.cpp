// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <bobbin/net.hpp>
#include <bobbin/posix.hpp>

// usage: bobbin_peer serve FRAMING
//        bobbin_peer ask FRAMING PORT SEED
//
// One side of the tests with Twisted: sends back each message, or sends messages that follow from
// the seed and compares what comes back. FRAMING is line, netstring, int8, int16 or int32.

namespace {

using namespace bobbin;

constexpr std::size_t length_max = 100;
constexpr std::size_t messages = 500;

// What the messages of one side have in common: `send_message`, and `message_received` in turn.
template <class Base>
class Strings : public Base {
 public:
  Taken string_received(Bytes string) final { return message_received(string); }
  virtual Taken message_received(Bytes message) = 0;
  bool send_message(std::string_view message) { return this->send_string(message); }
};

class Lines : public LineReceiver<LineFormat{.length_max = length_max}> {
 public:
  Taken line_received(Bytes line) final { return message_received(line); }
  virtual Taken message_received(Bytes message) = 0;
  bool send_message(std::string_view message) { return send_line(message); }
};

template <class Base>
class Echo final : public Base {
 public:
  Taken message_received(Bytes message) override {
    return taken_if(this->send_message(text_of(message)));
  }
};

// The messages that follow from a seed.
class Messages {
 public:
  explicit Messages(std::uint64_t seed) : state_(seed | 1) {}

  std::string next() {
    std::string message(draw() % (length_max + 1), '\0');
    for (char& c : message) c = letters[draw() % letters.size()];
    return message;
  }

 private:
  // Nothing that could be taken for the end of a line, and much that looks like a netstring.
  static constexpr std::string_view letters = "0123456789:,abcdefghijklmnopqrstuvwxyz \n";

  std::size_t draw() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33);
  }

  std::uint64_t state_;
};

struct Asked {
  Reactor& reactor;
  std::uint64_t seed;
  std::size_t came_back = 0;
};

template <class Base>
class Asking final : public Base {
 public:
  explicit Asking(Asked& asked)
      : asked_(asked), ahead_(asked.seed), behind_(asked.seed), message_(ahead_.next()) {}

  void connection_made() override { send_what_fits(); }

  Taken message_received(Bytes message) override {
    if (text_of(message) != behind_.next()) {
      std::puts("something else came back");
      this->transport().abort_connection();
      return Taken::yes;
    }
    if (++asked_.came_back == messages) this->transport().lose_connection();
    send_what_fits();
    return Taken::yes;
  }

  void connection_lost(Error) override { (void)asked_.reactor.stop(); }

 private:
  void send_what_fits() {
    while (sent_ < messages && this->send_message(message_)) {
      ++sent_;
      message_ = ahead_.next();
    }
  }

  Asked& asked_;
  Messages ahead_;
  Messages behind_;
  std::string message_;
  std::size_t sent_ = 0;
};

constexpr ConnectionSizes served{.connections = 4, .receive = 128, .send = 128};
constexpr ConnectionSizes asking{.connections = 1, .receive = 128, .send = 300};

template <class Base>
int serve() {
  EpollReactor<> reactor;
  TcpServer<Echo<Base>, served> server;
  if (reactor.stop_on_signals() || reactor.listen_tcp(Address::loopback(0), server)) return 1;
  std::printf("listening on %u\n", static_cast<unsigned>(server.host().port()));
  std::fflush(stdout);
  return reactor.run() ? 1 : 0;
}

template <class Base>
int ask(std::uint16_t port, std::uint64_t seed) {
  EpollReactor<> reactor;
  Asked asked{.reactor = reactor, .seed = seed};
  struct Client final : TcpClient<Asking<Base>, asking, Asked> {
    explicit Client(Asked& asked_in)
        : TcpClient<Asking<Base>, asking, Asked>(asked_in), asked(asked_in) {}
    ~Client() { this->shut_down(); }
    void client_connection_failed(Error) override { (void)asked.reactor.stop(); }
    Asked& asked;
  } client(asked);
  if (reactor.connect_tcp(Address::loopback(port), client) || reactor.run()) return 1;
  std::printf("%zu came back\n", asked.came_back);
  return asked.came_back == messages ? 0 : 1;
}

template <class Base>
int run(int count, char** arguments) {
  const std::string_view what = arguments[1];
  if (what == "serve" && count == 3) return serve<Base>();
  if (what != "ask" || count != 5) return 2;
  return ask<Base>(static_cast<std::uint16_t>(std::atoi(arguments[3])),
                   std::strtoull(arguments[4], nullptr, 0));
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view framing = count > 2 ? arguments[2] : "";
  if (framing == "line") return run<Lines>(count, arguments);
  if (framing == "netstring") return run<Strings<NetstringReceiver<length_max>>>(count, arguments);
  if (framing == "int8") return run<Strings<Int8StringReceiver<length_max>>>(count, arguments);
  if (framing == "int16") return run<Strings<Int16StringReceiver<length_max>>>(count, arguments);
  if (framing == "int32") return run<Strings<Int32StringReceiver<length_max>>>(count, arguments);
  return 2;
}
