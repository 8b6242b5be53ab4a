// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "stream_fixture.hpp"

namespace bobbin {
namespace {

using namespace std::chrono_literals;
using contract::AcceptTest;
using contract::bulk;
using contract::client_sizes;
using contract::Ending;
using contract::fill;
using contract::pattern;
using contract::server_sizes;

TEST_F(AcceptTest, a_reset_ends_what_is_awaited_with_its_reason) {
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write("x")) co_return error;
    if (Error error = co_await sleep(world.reactor(), 100ms)) co_return error;
    stream.abort();
    co_return Error();
  };
  ASSERT_TRUE(coroutines.spawn(sender(second_frame)));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    const Result<Bytes> data = co_await stream.read_exactly(2);
    EXPECT_FALSE(stream.open());
    EXPECT_EQ(co_await stream.write("x"), data.error().code);
    co_return data.error();
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_lost);
  run_to_the_end();
}

// The reader has the stream, and destroys it as soon as it hears of the reset.
TEST_F(AcceptTest, a_reset_may_find_a_reader_and_a_writer) {
  const std::string much = pattern(bulk);
  Ending writing;
  const auto writer = [&](Frame<640>&, Stream& stream) -> Task<Error> {
    Error error;
    while (!error) error = co_await stream.write(much);
    co_return error;
  };
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    EXPECT_TRUE(coroutines.spawn(writer(second_frame, stream), writing.note()));
    const Result<Bytes> data = co_await stream.read();
    co_return data.error();
  };
  Frame<320> peer_frame;
  const auto peer = [&](Frame<320>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    if (Error error = co_await sleep(world.reactor(), 500ms)) co_return error;
    stream.abort();
    co_return Error();
  };
  ASSERT_TRUE(coroutines.spawn(peer(peer_frame)));
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_lost);
  EXPECT_TRUE(world.run_until([&] { return writing.ended; }));
  EXPECT_TRUE(writing.code);
  run_to_the_end();
}

TEST_F(AcceptTest, destroying_a_stream_ends_what_others_await_of_it) {
  const std::string much = pattern(bulk);
  Ending reading;
  Ending writing;
  const auto writer = [&](Frame<640>&, Stream& stream) -> Task<Error> {
    Error error;
    while (!error) error = co_await stream.write(much);
    co_return error;
  };
  const auto reader = [&](Frame<320>&, Stream& stream) -> Task<Error> {
    const Result<Bytes> data = co_await stream.read();
    co_return data.error();
  };
  Frame<320> reader_frame;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    EXPECT_TRUE(coroutines.spawn(writer(second_frame, stream), writing.note()));
    EXPECT_TRUE(coroutines.spawn(reader(reader_frame, stream), reading.note()));
    co_return co_await sleep(world.reactor(), 500ms);
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_TRUE(reading.ended);
  EXPECT_TRUE(writing.ended);
  EXPECT_EQ(reading.code, Errc::connection_done);
  EXPECT_EQ(writing.code, Errc::connection_done);
}

TEST_F(AcceptTest, a_server_that_goes_ends_the_accept) {
  auto other = std::make_unique<CoroutineListener<server_sizes>>();
  ASSERT_FALSE(world.reactor().listen_tcp(world.anywhere(), *other));
  Ending first;
  const auto body = [](Frame<1024>&, CoroutineListener<server_sizes>& from) -> Task<Error> {
    Stream stream;
    const Error outcome = co_await from.accept(stream);
    EXPECT_EQ(outcome, Errc::not_running);
    // Nor does one that begins meanwhile wait for ever.
    co_return co_await from.accept(stream);
  };
  ASSERT_TRUE(coroutines.spawn(body(frame, *other), first.note()));
  other.reset();
  EXPECT_TRUE(first.ended);
  EXPECT_EQ(first.code, Errc::not_running);
}

// Coroutines that hear of their connection's end and stay for a while keep their frames.
TEST_F(AcceptTest, sessions_that_end_at_once_and_others_share_a_frame) {
  constexpr ConnectionSizes two{.connections = 2, .receive = 32, .send = 64};
  int begun = 0;
  const auto session = [&](Frame<320>&, Stream& stream) -> Task<Error> {
    const int number = ++begun;
    if (number == 3) co_return Error();
    const Result<Bytes> end = co_await stream.read();
    if (Error error = co_await sleep(world.reactor(), 1s + number * 100ms)) co_return error;
    co_return end.error();
  };
  std::array<CoroutineClient<client_sizes>, 4> clients;
  auto sessions = std::make_unique<CoroutineServer<two, 320>>(coroutines, session);
  ASSERT_FALSE(world.reactor().listen_tcp(world.anywhere(), *sessions));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    std::array<Stream, 4> streams;
    for (std::size_t i = 0; i < 4; ++i) {
      const Address address = sessions->host();
      if (Error error = co_await clients[i].open(world.reactor(), address, streams[i])) {
        co_return error;
      }
      if (Error error = co_await sleep(world.reactor(), 50ms)) co_return error;
      if (i < 2) streams[i].abort();
    }
    co_return co_await sleep(world.reactor(), 10min);
  };
  ASSERT_TRUE(coroutines.spawn(body(frame)));
  EXPECT_TRUE(world.run_until([&] { return begun == 4; }));
  sessions.reset();
  EXPECT_EQ(coroutines.use().in_use, 1U);
}

// Who writes has the reader's coroutine, and destroys it as soon as it hears of the reset.
TEST_F(AcceptTest, the_writer_that_a_reset_finds_may_destroy_the_reader) {
  const std::string much = pattern(bulk);
  Frame<320> reader_frame;
  Ending reading;
  const auto reader = [](Frame<320>&, Stream& stream) -> Task<Error> {
    const Result<Bytes> data = co_await stream.read();
    co_return data.error();
  };
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    const Result<Spawned> spawned = coroutines.spawn(reader(reader_frame, stream), reading.note());
    Error error = spawned.error();
    while (!error) error = co_await stream.write(much);
    EXPECT_TRUE(spawned->destroy());
    co_return error;
  };
  const auto peer = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    if (Error error = co_await sleep(world.reactor(), 500ms)) co_return error;
    stream.abort();
    co_return Error();
  };
  ASSERT_TRUE(coroutines.spawn(peer(second_frame)));
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_lost);
  EXPECT_FALSE(reading.ended);
  run_to_the_end();
}

// Nobody is given a connection that was lost while it waited to be accepted.
TEST_F(AcceptTest, what_was_lost_before_anybody_accepted_it_is_forgotten) {
  const auto resetting = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await sleep(world.reactor(), 100ms)) co_return error;
    stream.abort();
    co_return Error();
  };
  Ending gone;
  ASSERT_TRUE(coroutines.spawn(resetting(second_frame), gone.note()));
  ASSERT_TRUE(
      world.run_until([&] { return gone.ended && server.connections().use().in_use == 0; }));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    co_return co_await within(world.reactor(), 100ms, server.accept(stream));
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::timed_out);
}

// The client hears of nothing but its own end, however often it is asked.
TEST_F(AcceptTest, a_client_that_goes_ends_who_would_open_it_again) {
  auto other = std::make_unique<CoroutineClient<client_sizes>>();
  CoroutineClient<client_sizes>& going = *other;
  int tried = 0;
  Error last;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    while (tried < 3) {
      ++tried;
      last = co_await going.open(world.reactor(), world.silent(), stream);
    }
    co_return last;
  };
  Ending ending;
  ASSERT_TRUE(coroutines.spawn(body(frame), ending.note()));
  world.run_for(1ms);
  ASSERT_EQ(tried, 1);
  other.reset();
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(tried, 3);
}

}  // namespace
}  // namespace bobbin
