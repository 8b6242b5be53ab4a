// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>

#include "fuzz.hpp"

// A whole server and a client on a network in memory. An input is: how the network behaves, how
// many moods the server has, these, and the stream. Whatever the network does, and however often
// the server pauses or puts a message off, it is given the same and sends back the same.
namespace bobbin::fuzz {

struct Story {
  explicit Story(std::string_view moods_in) : moods(moods_in) {}

  std::string_view moods;
  std::size_t mood = 0;
  test::Found found;
  bool over = false;

  // Each as it was told, and then a good one, so that there is an end.
  unsigned next_mood() {
    const std::size_t i = mood++ % (moods.size() + 1);
    return i == moods.size() ? 0 : static_cast<unsigned char>(moods[i]) % 8;
  }
};

// A receiver that naps.
template <class Receiver>
class Moody : public Receiver {
 public:
  void connection_lost(Error reason) override {
    wake_.cancel();
    story_.over = true;
    expect(reason == Errc::connection_done, "the connection broke");
  }

 protected:
  explicit Moody(Story& story) : story_(story) {}
  ~Moody() = default;

  Story& story() { return story_; }

  // Whether a message is put off; it may also be the last before a nap.
  bool puts_off() {
    const unsigned mood = story_.next_mood();
    if (mood == 1 || mood == 2) nap();
    return mood == 1;
  }

  void nap() {
    using namespace std::chrono_literals;
    this->transport().pause_producing();
    const auto call = this->transport().reactor().call_later(
        3ms, [this] { this->transport().resume_producing(); });
    expect(bool(call), "no timer");
    wake_ = *call;
  }

 private:
  Story& story_;
  DelayedCall wake_;
};

// What the client has to send, and what came back.
struct Talk {
  std::string_view unsent;
  std::string heard;
};

// Sends it all in small pieces, and ends its side.
class Client final : public Protocol {
 public:
  explicit Client(Talk& talk) : talk_(talk) {}

  void connection_made() override { go_on(); }
  std::size_t data_received(Bytes data) override {
    talk_.heard.append(text_of(data));
    return data.size();
  }
  void connection_lost(Error) override { call_.cancel(); }

 private:
  void go_on() {
    using namespace std::chrono_literals;
    talk_.unsent.remove_prefix(transport().write(bytes_of(talk_.unsent.substr(0, 9))));
    if (talk_.unsent.empty()) return transport().lose_write_connection();
    call_ = *transport().reactor().call_later(1ms, [this] { go_on(); });
  }

  Talk& talk_;
  DelayedCall call_;
};

inline memory::Behaviour behaviour_of(std::uint8_t byte) {
  using namespace std::chrono_literals;
  memory::Behaviour behaviour;
  behaviour.seed = byte;
  behaviour.lends = (byte & 1) != 0;
  if ((byte & 2) != 0) behaviour.segment_max = behaviour.read_max = 1;
  if ((byte & 4) != 0) behaviour.segment_max = 5;
  if ((byte & 8) != 0) behaviour.short_reads = behaviour.short_writes = 3;
  if ((byte & 16) != 0) behaviour.latency = behaviour.jitter = 2ms;
  return behaviour;
}

// `right(stream, echoed)` says what is right: what is found, and what comes back.
template <class Server, class Right>
void check_on_a_network(const Input& input, Right right) {
  using namespace std::chrono_literals;
  constexpr ConnectionSizes served{.connections = 1, .receive = 16, .send = 16};
  constexpr ConnectionSizes asking{.connections = 1, .receive = 16, .send = 64};
  const std::size_t moods = std::min<std::size_t>(input.cut % 16, input.stream.size());
  Story story(input.stream.substr(0, moods));
  const std::string_view stream = input.stream.substr(moods);
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 32}> network;
  network.behaviour = behaviour_of(input.format);
  MemoryReactor<> reactor(network);
  Talk talk{.unsent = stream, .heard = {}};
  TcpServer<Server, served, Story> server(story);
  TcpClient<Client, asking, Talk> client(talk);
  expect(!reactor.listen_tcp(Address::loopback(0), server), "cannot listen");
  expect(!reactor.connect_tcp(server.host(), client), "cannot connect");
  expect(reactor.run_until([&] { return story.over; }, 10min), "it comes to no end");
  std::string echoed;
  expect(story.found == right(stream, echoed), "what is found is wrong");
  reactor.run_for(1s);
  expect(talk.heard == echoed, "what comes back is wrong");
}

}  // namespace bobbin::fuzz
