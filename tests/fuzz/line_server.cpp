// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>

#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>

#include "fuzz.hpp"

// A whole server and a client on a network in memory. An input is: how the network behaves, what
// the server's moods are, how many moods there are, and the stream. Whatever the network does, and
// however often the server pauses or puts a line off, it is given the same lines and raw bytes and
// sends back the same.

namespace {

using namespace bobbin;
using namespace std::chrono_literals;

constexpr LineFormat format{.length_max = 14};

// What a line does follows from the line alone: 'r' and a character goes to raw mode for so many
// bytes, 'e' is sent back.
std::size_t raw_bytes_after(std::string_view line) {
  return line.size() == 2 && line[0] == 'r' ? static_cast<std::size_t>(line[1]) % 32 : 0;
}
bool is_echoed(std::string_view line) { return line.starts_with('e'); }

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

class Server final : public LineReceiver<format> {
 public:
  explicit Server(Story& story) : story_(story) {}

  Taken line_received(Bytes line) override {
    const std::string_view text = text_of(line);
    switch (story_.next_mood()) {
      case 1: nap(); return Taken::not_now;
      case 2: nap(); break;
      default: break;
    }
    if (is_echoed(text) && !send_line(line)) return Taken::not_now;
    story_.found.push_back("line " + std::string(text));
    raw_ = raw_bytes_after(text);
    if (raw_ > 0) set_raw_mode();
    return Taken::yes;
  }

  std::size_t raw_data_received(Bytes data) override {
    if (story_.next_mood() == 1) {
      nap();
      return 0;
    }
    const std::size_t used = std::min(raw_, data.size());
    for (const char c : text_of(data.first(used))) story_.found.push_back(std::string("raw ") + c);
    raw_ -= used;
    if (raw_ == 0) set_line_mode();
    return used;
  }

  void line_length_exceeded(Bytes beginning) override {
    story_.found.push_back("too long " + std::string(text_of(beginning)));
    if (story_.next_mood() == 3) nap();
  }

  void connection_lost(Error reason) override {
    wake_.cancel();
    story_.over = true;
    fuzz::expect(reason == Errc::connection_done, "the connection broke");
  }

 private:
  void nap() {
    transport().pause_producing();
    const auto call =
        transport().reactor().call_later(3ms, [this] { transport().resume_producing(); });
    fuzz::expect(bool(call), "no timer");
    wake_ = *call;
  }

  Story& story_;
  std::size_t raw_ = 0;
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
    talk_.unsent.remove_prefix(transport().write(bytes_of(talk_.unsent.substr(0, 9))));
    if (talk_.unsent.empty()) return transport().lose_write_connection();
    call_ = *transport().reactor().call_later(1ms, [this] { go_on(); });
  }

  Talk& talk_;
  DelayedCall call_;
};

test::Found right(std::string_view stream, std::string& echoed) {
  test::Found found;
  for (;;) {
    const std::size_t end = stream.find("\r\n");
    if (end > format.length_max && stream.size() >= format.size_max()) {
      found.push_back("too long " + std::string(stream.substr(0, format.length_max)));
    }
    if (end == stream.npos) return found;
    const std::string line(stream.substr(0, end));
    stream.remove_prefix(end + 2);
    if (line.size() > format.length_max) continue;
    found.push_back("line " + line);
    if (is_echoed(line)) echoed += line + "\r\n";
    for (std::size_t raw = raw_bytes_after(line); raw > 0 && !stream.empty(); --raw) {
      found.push_back(std::string("raw ") + stream[0]);
      stream.remove_prefix(1);
    }
  }
}

memory::Behaviour behaviour_of(std::uint8_t byte) {
  memory::Behaviour behaviour;
  behaviour.seed = byte;
  behaviour.lends = (byte & 1) != 0;
  if ((byte & 2) != 0) behaviour.segment_max = behaviour.read_max = 1;
  if ((byte & 4) != 0) behaviour.segment_max = 5;
  if ((byte & 8) != 0) behaviour.short_reads = behaviour.short_writes = 3;
  if ((byte & 16) != 0) behaviour.latency = behaviour.jitter = 2ms;
  return behaviour;
}

constexpr ConnectionSizes served{.connections = 1, .receive = 16, .send = 16};
constexpr ConnectionSizes asking{.connections = 1, .receive = 16, .send = 64};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const std::size_t moods = std::min<std::size_t>(input.cut % 16, input.stream.size());
  Story story(input.stream.substr(0, moods));
  const std::string_view stream = input.stream.substr(moods);
  MemoryNetwork<memory::NetworkSizes{.links = 2, .window = 32}> network;
  network.behaviour = behaviour_of(input.format);
  MemoryReactor<> reactor(network);
  Talk talk{.unsent = stream, .heard = {}};
  TcpServer<Server, served, Story> server(story);
  TcpClient<Client, asking, Talk> client(talk);
  fuzz::expect(!reactor.listen_tcp(Address::loopback(0), server), "cannot listen");
  fuzz::expect(!reactor.connect_tcp(server.host(), client), "cannot connect");
  fuzz::expect(reactor.run_until([&] { return story.over; }, 10min), "it comes to no end");
  std::string echoed;
  fuzz::expect(story.found == right(stream, echoed), "what is found is wrong");
  reactor.run_for(1s);
  fuzz::expect(talk.heard == echoed, "what comes back is wrong");
  return 0;
}
