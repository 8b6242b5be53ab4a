// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Conversations at random: what a side has received is always the beginning of what the other one
// has sent, every await ends, and nothing is left behind.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/stream_tcp.hpp>

#include "contract/world.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using contract::World;
using test::Random;

constexpr ConnectionSizes sizes{.connections = 1, .receive = 32, .send = 40};
constexpr int conversations = 8;
constexpr int steps = 30;

// What was to be sent so far, and what has come. After `cut` not all of it need arrive.
struct Direction {
  std::string sent;
  std::string received;
  bool cut = false;
};

struct Side {
  std::optional<Stream> stream;
  Direction* out;
  Direction* in;
  Spawned reader;
  Spawned writer;
  Frame<1024> reader_frame;
  Frame<1024> writer_frame;
};

// One connection and the coroutines that use it, left alone or disturbed in every way.
class Conversation {
 public:
  explicit Conversation(Random& random)
      : random_(random), echoes_(random.one_in(2)), disturbed_(random.one_in(2)) {
    here_.stream.emplace();
    there_.stream.emplace();
    here_.out = there_.in = &forth_;
    here_.in = there_.out = &back_;
  }

  void take_place() {
    connect();
    spawn(here_, false);
    spawn(there_, echoes_);
    for (int step = 0; disturbed_ && step < steps; ++step) disturb();
    if (!disturbed_) {
      EXPECT_TRUE(world_.run_until([&] { return coroutines_.use().in_use == 0; }));
      EXPECT_FALSE(forth_.cut);
      EXPECT_FALSE(back_.cut);
    }
    end();
  }

 private:
  Clock& clock() { return world_.reactor(); }
  Duration moment() { return random_.below(20) * 1ms; }

  Task<Error> accepts(Frame<1024>&) { co_return co_await server_.accept(*there_.stream); }
  Task<Error> connects(Frame<1024>&) {
    co_return co_await client_.open(world_.reactor(), server_.host(), *here_.stream);
  }

  void connect() {
    ASSERT_FALSE(world_.reactor().listen_tcp(world_.anywhere(), server_));
    ASSERT_TRUE(coroutines_.spawn(accepts(there_.reader_frame)));
    ASSERT_TRUE(coroutines_.spawn(connects(here_.reader_frame)));
    ASSERT_TRUE(world_.run_until([&] { return coroutines_.use().in_use == 0; }));
  }

  void spawn(Side& side, bool echoes) {
    const auto no_matter = [](Error) {};
    if (echoes) {
      side.reader = *coroutines_.spawn(echo(side.reader_frame, side), no_matter);
    } else {
      side.reader = *coroutines_.spawn(read(side.reader_frame, side), no_matter);
      side.writer = *coroutines_.spawn(write(side.writer_frame, side), no_matter);
    }
  }

  static bool goes_on(Error error) {
    return !error || error == Errc::cancelled || error == Errc::timed_out;
  }

  StreamRead some_read(Side& side) {
    switch (random_.below(3)) {
      case 0: return side.stream->read();
      case 1: return side.stream->read_exactly(1 + random_.below(sizes.receive));
      default: return side.stream->read_until("\n");
    }
  }

  static void note(Direction& in, Bytes data) {
    EXPECT_FALSE(data.empty());
    EXPECT_EQ(text_of(data), in.sent.substr(in.received.size(), data.size()));
    in.received += text_of(data);
  }

  // Reads in one way and another, and at last what comes.
  Task<Error> read(Frame<1024>&, Side& side) {
    for (int mixed = random_.below(10);; --mixed) {
      if (random_.one_in(4)) static_cast<void>(co_await sleep(clock(), moment()));
      if (!side.stream) co_return Error();
      const Result<Bytes> data = mixed > 0 ? co_await within(clock(), moment(), some_read(side))
                                           : co_await side.stream->read();
      if (data) note(*side.in, *data);
      if (goes_on(data.error())) continue;
      // What was short of a request is not read any more.
      if (mixed <= 0 && !side.in->cut) {
        EXPECT_EQ(side.in->received, side.in->sent);
      }
      co_return data.error();
    }
  }

  std::string next_piece(Direction& out) {
    std::string piece;
    const std::size_t length = 1 + random_.below(std::size_t{100});
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t place = out.sent.size() + i;
      piece += place % 7 == 6 ? '\n' : static_cast<char>('a' + place * 5 % 26);
    }
    out.sent += piece;
    return piece;
  }

  Task<Error> write(Frame<1024>&, Side& side) {
    for (int left = random_.below(20); left > 0; --left) {
      if (random_.one_in(4)) static_cast<void>(co_await sleep(clock(), moment()));
      if (!side.stream || side.out->cut) co_return Error();
      const std::string piece = next_piece(*side.out);
      const bool hurried = disturbed_ && random_.one_in(4);
      const Error error = hurried ? co_await within(clock(), moment(), side.stream->write(piece))
                                  : co_await side.stream->write(piece);
      if (!error) continue;
      side.out->cut = true;
      co_return error;
    }
    if (side.stream) side.stream->end_writing();
    co_return Error();
  }

  // Sends back a part of what it reads, from where that lies.
  Task<Error> echo(Frame<1024>&, Side& side) {
    while (true) {
      const Result<Bytes> data = co_await side.stream->read();
      if (!data && !goes_on(data.error())) break;
      if (!data) continue;
      note(*side.in, *data);
      const Bytes end = data->subspan(random_.below(data->size()));
      const Bytes part = end.first(1 + random_.below(end.size()));
      side.out->sent += text_of(part);
      if (const Error error = co_await side.stream->write(part)) {
        side.out->cut = true;
        if (!goes_on(error)) co_return error;
        side.stream->abort();
      }
    }
    if (side.stream) side.stream->end_writing();
    co_return Error();
  }

  void disturb() {
    world_.run_for(moment());
    Side& side = random_.one_in(2) ? here_ : there_;
    const Spawned& one = random_.one_in(2) ? side.reader : side.writer;
    if (random_.one_in(2)) {
      one.cancel();
      return;
    }
    if (!random_.one_in(6)) return;
    forth_.cut = back_.cut = true;
    switch (random_.below(5)) {
      case 0: one.destroy(); return;
      case 1: side.stream.reset(); return;
      default: break;
    }
    if (!side.stream) return;
    switch (random_.below(3)) {
      case 0: return side.stream->close();
      case 1: return side.stream->abort();
      default: return side.stream->end_writing();
    }
  }

  void end() {
    forth_.cut = back_.cut = true;
    for (Side* side : {&here_, &there_}) {
      if (side->stream) side->stream->abort();
    }
    EXPECT_TRUE(world_.run_until([&] { return coroutines_.use().in_use == 0; }));
    here_.stream.reset();
    there_.stream.reset();
    server_.stop_listening();
    EXPECT_TRUE(world_.run_until([&] {
      return server_.connections().use().in_use == 0 && client_.connections().use().in_use == 0;
    }));
    EXPECT_EQ(world_.reactor().timer_use().in_use, 0U);
    EXPECT_FALSE(here_.reader_frame.taken() || here_.writer_frame.taken());
    EXPECT_FALSE(there_.reader_frame.taken() || there_.writer_frame.taken());
  }

  Random& random_;
  const bool echoes_;
  const bool disturbed_;
  World world_;
  Direction forth_;
  Direction back_;
  CoroutineListener<sizes> server_;
  CoroutineClient<sizes> client_;
  Side here_;
  Side there_;
  Coroutines<4> coroutines_;
};

TEST(StreamProperty, what_arrives_is_what_was_sent_and_every_await_ends) {
  test::for_each_seed([](Random& random) {
    for (int i = 0; i < conversations && !testing::Test::HasFailure(); ++i) {
      Conversation conversation(random);
      conversation.take_place();
    }
  });
}

}  // namespace
}  // namespace bobbin
