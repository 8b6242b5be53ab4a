// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/stream_tcp.hpp>

#include "contract/world.hpp"

// For what is built for several ports, as the contract suite is.
namespace bobbin::contract {

inline constexpr ConnectionSizes server_sizes{.connections = 3, .receive = 32, .send = 64};
inline constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 48, .send = 40};
inline constexpr std::size_t bulk = 20'000;

inline std::string pattern(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + i * 7 % 26);
  return text;
}

// Writes until nothing on the way to a peer that does not read has room any more.
inline Task<Error> fill(Frame<160>&, Clock& clock, Stream& stream) {
  int full = 0;
  while (full < 30) {
    full = stream.transport().write(bytes_of("................")) > 0 ? 0 : full + 1;
    const Duration pause = full == 0 ? Duration::zero() : Duration(std::chrono::milliseconds(5));
    if (Error error = co_await sleep(clock, pause)) co_return error;
  }
  co_return Error();
}

struct Ending {
  CoroutinePool::Done note() {
    return [this](Error error) {
      ended = true;
      code = error;
    };
  }
  bool ended = false;
  Error code;
};

// Coroutines of both ends, which the test spawns.
struct StreamTest : testing::Test {
  StreamTest() {
    coroutines.on_error([this](Error error) { unhandled = error; });
  }
  ~StreamTest() {
    coroutines.cancel_all();
    run_to_the_end();
  }

  // A task that has the client's stream, beside the server's.
  template <class F>
  Error run(F body) {
    Ending outcome;
    EXPECT_TRUE(coroutines.spawn(body(), outcome.note()));
    EXPECT_TRUE(world.run_until([&] { return outcome.ended; }));
    return outcome.code;
  }

  // What the coroutines of a test refer to does not outlive it.
  void run_to_the_end() {
    EXPECT_TRUE(world.run_until([this] { return coroutines.use().in_use == 0; }));
  }

  World world;
  Frame<1024> frame;
  Frame<640> second_frame;
  Coroutines<6> coroutines;
  Error unhandled;
};

// A server whose connections the test takes itself.
struct AcceptTest : StreamTest {
  AcceptTest() { EXPECT_FALSE(world.reactor().listen_tcp(world.anywhere(), server)); }

  // A client that writes `text`, ends, and reads until the end.
  Task<Error> send(Frame<640>&, std::string_view text) {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write(text)) co_return error;
    stream.end_writing();
    while (true) {
      const Result<Bytes> data = co_await stream.read();
      if (!data) co_return data.error();
      answered += text_of(*data);
    }
  }

  CoroutineListener<server_sizes> server;
  CoroutineClient<client_sizes> client;
  std::string answered;
  std::vector<std::string> parts;
};

}  // namespace bobbin::contract
