// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <bobbin/await.hpp>
#include <bobbin/coroutines.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/stream_tcp.hpp>
#include <bobbin/when.hpp>

// What is awaited of streams whose connections are lost.

namespace bobbin {
namespace {

using namespace std::chrono_literals;

using Part = Frame<256>;

constexpr ConnectionSizes server_sizes{.connections = 2, .receive = 32, .send = 64};
constexpr ConnectionSizes client_sizes{.receive = 32, .send = 64};

struct StreamEndsTest : testing::Test {
  StreamEndsTest() { EXPECT_FALSE(reactor.listen_tcp(Address::loopback(0), listener)); }

  Spawned spawn(Task<Error> task, Error& ending) {
    ending = Errc::already_running;
    return *coroutines.spawn(std::move(task), [&ending](Error error) { ending = error; });
  }

  MemoryNetwork<> network;
  MemoryReactor<> reactor{network};
  CoroutineListener<server_sizes> listener;
  CoroutineClient<client_sizes> client;
  CoroutineClient<client_sizes> second_client;
  Stream stream;
  Stream peer;
  Frame<1024> frame;
  Part parts[2];
  Coroutines<4> coroutines;
  Error outcome;
};

template <class Client, class R>
Task<Error> opens(Part&, Client& client, R& reactor, Address destination, Stream& stream) {
  co_return co_await client.open(reactor, destination, stream);
}

Task<Error> accepts(Part&, StreamListener& listener, Stream& stream) {
  co_return co_await listener.accept(stream);
}

Task<Error> reads(Part&, Stream& stream) {
  const Result<Bytes> data = co_await stream.read();
  co_return data.error();
}

// More than there is room for.
Task<Error> writes(Part&, Stream& stream, std::string_view text) {
  Error error;
  while (!error) error = co_await stream.write(text);
  co_return error;
}

// Which of the two ended first, and with what.
Task<Error> reads_or_writes(Frame<1024>&, Part& read, Part& write, Stream& stream,
                            std::string_view text, std::size_t& first) {
  const auto any = co_await when_any(reads(read, stream), writes(write, stream, text));
  first = any.first;
  EXPECT_EQ(std::get<0>(any.outcomes), std::get<1>(any.outcomes).code);
  co_return std::get<0>(any.outcomes);
}

struct PairEndsTest : StreamEndsTest {
  PairEndsTest() {
    Error opened;
    Error accepted;
    spawn(opens(parts[0], client, reactor, listener.host(), stream), opened);
    spawn(accepts(parts[1], listener, peer), accepted);
    reactor.run_for(1s);
    EXPECT_FALSE(opened);
    EXPECT_FALSE(accepted);
  }

  std::string much = std::string(10'000, 'x');
};

// The one that hears of it first ends the other, which has heard of it as well by then.
TEST_F(PairEndsTest, a_reset_finds_two_of_which_the_first_to_end_cancels_the_other) {
  std::size_t first = 9;
  spawn(reads_or_writes(frame, parts[0], parts[1], stream, much, first), outcome);
  reactor.run_for(1s);
  EXPECT_EQ(outcome, Errc::already_running);
  peer.abort();
  reactor.run_for(1s);
  EXPECT_EQ(outcome, Errc::connection_lost);
  EXPECT_EQ(first, 1U);
}

TEST_F(PairEndsTest, a_reset_finds_two_of_which_one_destroys_the_other) {
  Error reading;
  const Spawned reader = spawn(reads(parts[0], stream), reading);
  const auto writer = [&](Frame<1024>&) -> Task<Error> {
    Error error;
    while (!error) error = co_await stream.write(much);
    reader.destroy();
    co_return error;
  };
  spawn(writer(frame), outcome);
  peer.abort();
  reactor.run_for(1s);
  EXPECT_EQ(outcome, Errc::connection_lost);
  EXPECT_EQ(reading, Errc::already_running) << "it was destroyed without a word";
  EXPECT_FALSE(parts[0].taken());
}

// Who is gone before anybody has taken it is taken by nobody.
TEST_F(StreamEndsTest, a_connection_that_is_lost_while_it_waits_is_accepted_by_nobody) {
  Error opened;
  spawn(opens(parts[0], client, reactor, listener.host(), stream), opened);
  reactor.run_for(1s);
  ASSERT_FALSE(opened);
  stream.abort();
  reactor.run_for(1s);
  EXPECT_EQ(listener.connections().use().in_use, 0U);

  spawn(accepts(parts[1], listener, peer), outcome);
  EXPECT_EQ(outcome, Errc::already_running);
  Stream second;
  spawn(opens(parts[0], second_client, reactor, listener.host(), second), opened);
  reactor.run_for(1s);
  EXPECT_FALSE(opened);
  EXPECT_FALSE(outcome);
  EXPECT_TRUE(peer.open());
}

}  // namespace
}  // namespace bobbin
