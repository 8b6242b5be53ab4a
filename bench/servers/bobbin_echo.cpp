// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <sys/mman.h>

#include <cstdio>
#include <memory>
#include <vector>

#include <bobbin/bobbin.hpp>
#include <bobbin/posix.hpp>

#include "echo.hpp"
#include "program.hpp"

// The protocol of examples/echo, with a pool of connections that is sized at start.
namespace {

// A place for the protocol of each connection, all of them made at start.
class EchoFactory final : public bobbin::Factory {
 public:
  explicit EchoFactory(std::size_t count) : protocols_(std::make_unique<Echo[]>(count)) {
    free_.reserve(count);
    for (std::size_t i = count; i-- > 0;) free_.push_back(&protocols_[i]);
  }

  bobbin::Protocol* build_protocol(const bobbin::Address&) override {
    Echo* const protocol = free_.back();
    free_.pop_back();
    return protocol;
  }
  void protocol_done(bobbin::Protocol& protocol) override {
    free_.push_back(static_cast<Echo*>(&protocol));
  }
  bool has_room() const override { return !free_.empty(); }

 private:
  std::unique_ptr<Echo[]> protocols_;
  std::vector<Echo*> free_;
};

// Memory the system gives page by page, as it is first used.
bobbin::MutableBytes map(std::size_t bytes) {
  void* const region = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED) bench::fail("mmap");
  return {static_cast<std::byte*>(region), bytes};
}

int report(const char* what, bobbin::Error error) {
  const std::string_view text = bobbin::describe(error);
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  return 1;
}

}  // namespace

int main(int count, char** values) {
  const bench::ServerOptions options{bench::Options(count, values)};
  bench::allow_descriptors(options.connections);
  const bobbin::ConnectionSizes sizes{
      .connections = options.connections, .receive = options.receive, .send = options.send};

  bobbin::EpollReactor<> reactor;
  bobbin::ConnectionRegion connections(map(bobbin::ConnectionRegion::bytes_needed(sizes)), sizes);
  EchoFactory factory(options.connections);
  bobbin::ListeningPort port(factory, connections);
  if (bobbin::Error error = reactor.stop_on_signals()) return report("signals", error);
  const auto address = bobbin::Address::parse("127.0.0.1", options.port);
  if (bobbin::Error error = reactor.listen_tcp(*address, port, {.backlog = bench::backlog}))
    return report("listen", error);
  bench::announce(port.host().port());
  return reactor.run() ? 1 : 0;
}
