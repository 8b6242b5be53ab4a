// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include "stream_fixture.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using contract::AcceptTest;
using contract::Ending;
using contract::fill;

// What was read and waits to be written is still the transport's input, of which there is none
// after a close. Over memory alone, as nothing else says that a full network stays full.
TEST_F(AcceptTest, closing_does_not_write_what_was_read_and_waits_for_room) {
  Stream stream;
  Frame<160> filler;
  Frame<160> closer_frame;
  Ending closed;
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream peer;
    if (Error error = co_await client.open(world.reactor(), server.host(), peer)) co_return error;
    if (Error error = co_await peer.write("line\n")) co_return error;
    while (!closed.ended) {
      if (Error error = co_await sleep(world.reactor(), 10ms)) co_return error;
    }
    peer.abort();
    co_return Error();
  };
  const auto closer = [&](Frame<160>&) -> Task<Error> {
    if (Error error = co_await sleep(world.reactor(), 100ms)) co_return error;
    stream.close();
    co_return Error();
  };
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    if (Error error = co_await server.accept(stream)) co_return error;
    if (Error error = co_await fill(filler, world.reactor(), stream)) co_return error;
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (!line) co_return line.error();
    EXPECT_TRUE(coroutines.spawn(closer(closer_frame), closed.note()));
    co_return co_await stream.write(*line);
  };
  ASSERT_TRUE(coroutines.spawn(sender(second_frame)));
  EXPECT_TRUE(run([&] { return body(frame); }));
  EXPECT_TRUE(closed.ended);
  run_to_the_end();
}

}  // namespace
}  // namespace bobbin
