// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Prints, as JSON, the nanoseconds for each message of 60 bytes that a receiver is given, in
// segments of 64 messages each. The segments are handed to the protocol itself, as to Twisted's:
// what brings them is measured elsewhere. twisted_framing.py does the same.

#include <cstdio>
#include <string>

#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>

#include "program.hpp"

namespace {

using namespace bobbin;

constexpr std::size_t length = 60;
constexpr std::size_t in_a_segment = 64;

struct Counted {
  Protocol* protocol = nullptr;
  std::size_t messages = 0;
  std::size_t bytes = 0;

  Taken count(Bytes message) {
    ++messages;
    bytes += message.size();
    return Taken::yes;
  }
};

template <class Base>
struct Counting : Base {
  explicit Counting(Counted& counted_in) : counted(counted_in) {}
  void connection_made() override { counted.protocol = this; }
  Counted& counted;
};

struct Lines final : Counting<LineReceiver<LineFormat{.length_max = 100}>> {
  using Counting::Counting;
  Taken line_received(Bytes line) override { return counted.count(line); }
};

template <class Base>
struct Strings final : Counting<Base> {
  using Counting<Base>::Counting;
  Taken string_received(Bytes string) override { return this->counted.count(string); }
};

constexpr ConnectionSizes sizes{.connections = 1, .receive = 128, .send = 128};

struct Silent final : Protocol {};

// Nanoseconds for each message of so many segments.
template <class P>
double measure(const std::string& framed, std::size_t segments) {
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 64}> network;
  MemoryReactor<> reactor(network);
  Counted counted;
  TcpServer<P, sizes, Counted> server(counted);
  TcpClient<Silent, sizes> client;
  const bool started = !reactor.listen_tcp(Address::loopback(0), server) &&
                       !reactor.connect_tcp(server.host(), client);
  if (!started || !reactor.run_until([&] { return counted.protocol != nullptr; })) {
    bench::fail("connecting");
  }
  std::string segment;
  for (std::size_t i = 0; i < in_a_segment; ++i) segment += framed;
  const std::int64_t begin = bench::monotonic_ns();
  for (std::size_t i = 0; i < segments; ++i) {
    if (counted.protocol->data_received(bytes_of(segment)) != segment.size()) bench::fail("using");
  }
  const std::int64_t end = bench::monotonic_ns();
  const std::size_t messages = segments * in_a_segment;
  if (counted.messages != messages || counted.bytes != messages * length) bench::fail("counting");
  return static_cast<double>(end - begin) / static_cast<double>(messages);
}

}  // namespace

int main(int count, char** values) {
  const bench::Options options(count, values);
  const std::size_t segments = options.number("messages", 1 << 22) / in_a_segment;
  const std::string text(length, 'x');
  const double line = measure<Lines>(text + "\r\n", segments);
  const double netstring =
      measure<Strings<NetstringReceiver<100>>>(std::to_string(length) + ":" + text + ",", segments);
  const std::string prefix{0, 0, 0, static_cast<char>(length)};
  const double int32 = measure<Strings<Int32StringReceiver<100>>>(prefix + text, segments);
  std::printf("{\"line\": %.3f, \"netstring\": %.3f, \"int32\": %.3f}\n", line, netstring, int32);
  return 0;
}
