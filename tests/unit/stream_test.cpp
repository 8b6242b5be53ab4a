// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

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
using contract::StreamTest;

Task<Error> echo(Frame<320>&, Stream& stream) {
  while (true) {
    const Result<Bytes> data = co_await stream.read();
    if (!data) co_return data.error();
    if (Error error = co_await stream.write(*data)) co_return error;
  }
}

struct EchoTest : StreamTest {
  EchoTest() {
    EXPECT_FALSE(world.reactor().listen_tcp(world.anywhere(), server));
    server.on_end([this](Error error) {
      ++sessions_ended;
      last_ended = error;
    });
  }

  CoroutineServer<server_sizes, 320> server{coroutines, echo};
  CoroutineClient<client_sizes> client;
  int sessions_ended = 0;
  Error last_ended;
};

TEST_F(EchoTest, connects_writes_and_reads) {
  std::string answer;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write("hello")) co_return error;
    const Result<Bytes> data = co_await stream.read_exactly(5);
    if (data) answer = text_of(*data);
    co_return data.error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_EQ(answer, "hello");
  EXPECT_TRUE(world.run_until([&] { return sessions_ended == 1; }));
  EXPECT_EQ(last_ended, Errc::connection_done);
  EXPECT_FALSE(unhandled);
}

TEST_F(EchoTest, much_passes_small_buffers_and_nothing_is_lost) {
  const std::string sent = pattern(bulk);
  std::string got;
  const auto writer = [&](Frame<640>&, Stream& stream) -> Task<Error> {
    if (Error error = co_await stream.write(sent)) co_return error;
    stream.end_writing();
    co_return Error();
  };
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    EXPECT_TRUE(coroutines.spawn(writer(second_frame, stream)));
    while (true) {
      const Result<Bytes> data = co_await stream.read();
      if (!data) co_return data.error();
      got += text_of(*data);
    }
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_done);
  EXPECT_EQ(got, sent);
  EXPECT_FALSE(unhandled);
}

TEST_F(EchoTest, more_clients_than_connections_are_all_served) {
  std::array<CoroutineClient<client_sizes>, 4> clients;
  int served = 0;
  std::array<Frame<1024>, 2> frames;
  const auto body = [&](Frame<1024>&, int first) -> Task<Error> {
    for (int i = first; i < 4; i += 2) {
      Stream stream;
      if (Error error = co_await clients[static_cast<std::size_t>(i)].open(world.reactor(),
                                                                           server.host(), stream)) {
        co_return error;
      }
      if (Error error = co_await stream.write("hello")) co_return error;
      const Result<Bytes> data = co_await stream.read_exactly(5);
      if (!data) co_return data.error();
      ++served;
    }
    co_return Error();
  };
  ASSERT_TRUE(coroutines.spawn(body(frames[0], 0)));
  ASSERT_TRUE(coroutines.spawn(body(frames[1], 1)));
  EXPECT_TRUE(world.run_until([&] { return served == 4 && coroutines.use().in_use == 0; }));
  EXPECT_EQ(sessions_ended, 4);
}

TEST_F(EchoTest, a_refused_connection_is_an_error) {
  const Address nobody = server.host();
  server.stop_listening();
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    co_return co_await client.open(world.reactor(), nobody, stream);
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_refused);
}

TEST_F(EchoTest, connecting_can_be_cancelled_and_limited) {
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    co_return co_await within(world.reactor(), 10ms,
                              client.open(world.reactor(), world.silent(), stream));
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::timed_out);
  EXPECT_FALSE(frame.taken());
}

TEST_F(EchoTest, destroying_who_connects_gives_it_up) {
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    co_return co_await client.open(world.reactor(), world.silent(), stream);
  };
  const Result<Spawned> spawned = coroutines.spawn(body(frame));
  ASSERT_TRUE(spawned);
  world.run_for(1ms);
  EXPECT_TRUE(spawned->destroy());
  const auto given_up = [&] { return client.state() == Connector::State::disconnected; };
  EXPECT_TRUE(world.run_until(given_up, ConnectOptions().timeout / 2));
}

TEST_F(AcceptTest, reads_line_by_line) {
  ASSERT_TRUE(coroutines.spawn(send(second_frame, "one\r\ntwo\r\n\r\nthr\ree\r\nrest")));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    while (true) {
      const Result<Bytes> line = co_await stream.read_until("\r\n");
      if (!line) co_return line.error();
      parts.emplace_back(text_of(*line));
    }
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_done);
  EXPECT_EQ(parts, (std::vector<std::string>{"one\r\n", "two\r\n", "\r\n", "thr\ree\r\n"}));
}

TEST_F(AcceptTest, reads_pieces_of_given_lengths) {
  ASSERT_TRUE(coroutines.spawn(send(second_frame, "abcdefghijkl")));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    for (std::size_t length = 1;; ++length) {
      const Result<Bytes> piece = co_await stream.read_exactly(length);
      if (!piece) co_return piece.error();
      parts.emplace_back(text_of(*piece));
    }
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::connection_done);
  EXPECT_EQ(parts, (std::vector<std::string>{"a", "bc", "def", "ghij"}));
}

TEST_F(AcceptTest, what_makes_no_sense_is_an_error_and_no_wait) {
  ASSERT_TRUE(coroutines.spawn(send(second_frame, "x")));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    const Result<Bytes> unopened = co_await stream.read();
    EXPECT_EQ(unopened.error(), Errc::not_running);
    EXPECT_EQ(co_await stream.write("x"), Errc::not_running);
    if (Error error = co_await server.accept(stream)) co_return error;
    const Result<Bytes> nothing = co_await stream.read_exactly(0);
    EXPECT_EQ(nothing.error(), Errc::invalid_argument);
    const Result<Bytes> endless = co_await stream.read_until("");
    EXPECT_EQ(endless.error(), Errc::invalid_argument);
    co_return Error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
}

TEST_F(AcceptTest, a_line_that_never_ends_ends_the_connection) {
  const std::string endless(server_sizes.receive + 1, 'x');
  ASSERT_TRUE(coroutines.spawn(send(second_frame, endless)));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    const Result<Bytes> line = co_await stream.read_until("\n");
    co_return line.error();
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::message_too_long);
}

TEST_F(AcceptTest, a_read_that_was_cancelled_has_lost_nothing) {
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write("half a li")) co_return error;
    if (Error error = co_await sleep(world.reactor(), 2s)) co_return error;
    if (Error error = co_await stream.write("ne\n")) co_return error;
    const Result<Bytes> end = co_await stream.read();
    co_return end.error() == Errc::connection_done ? Error() : end.error();
  };
  ASSERT_TRUE(coroutines.spawn(sender(second_frame)));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    const Result<Bytes> early = co_await within(world.reactor(), 1s, stream.read_until("\n"));
    EXPECT_EQ(early.error(), Errc::timed_out);
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (line) parts.emplace_back(text_of(*line));
    co_return line.error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_EQ(parts, std::vector<std::string>{"half a line\n"});
  run_to_the_end();
}

TEST_F(AcceptTest, what_came_for_a_read_that_was_cancelled_is_there_for_one_of_another_kind) {
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write("half a line")) co_return error;
    const Result<Bytes> end = co_await stream.read();
    co_return end.error() == Errc::connection_done ? Error() : end.error();
  };
  ASSERT_TRUE(coroutines.spawn(sender(second_frame)));
  std::string got;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    const Result<Bytes> early = co_await within(world.reactor(), 500ms, stream.read_until("\n"));
    EXPECT_EQ(early.error(), Errc::timed_out);
    while (got.size() < 11) {
      const Result<Bytes> data = co_await within(world.reactor(), 1s, stream.read());
      if (!data) co_return data.error();
      got += text_of(*data);
    }
    co_return Error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_EQ(got, "half a line");
  run_to_the_end();
}

TEST_F(AcceptTest, who_does_not_read_holds_the_peer_back) {
  const std::string sent = pattern(bulk);
  bool all_written = false;
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    Error error;
    // More than any buffers between here and there hold.
    for (int i = 0; i < 1000 && !error; ++i) error = co_await stream.write(sent);
    all_written = !error;
    co_return Error();
  };
  ASSERT_TRUE(coroutines.spawn(sender(second_frame)));
  std::size_t read = 0;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    if (Error error = co_await sleep(world.reactor(), 500ms)) co_return error;
    EXPECT_FALSE(all_written);
    for (int i = 0; i < 10; ++i) {
      const Result<Bytes> data = co_await stream.read();
      if (!data) co_return data.error();
      const std::string_view expected = std::string_view(sent).substr(read, data->size());
      EXPECT_EQ(text_of(*data), expected);
      read += data->size();
    }
    stream.abort();
    co_return Error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  run_to_the_end();
}

TEST_F(EchoTest, a_write_does_not_begin_without_a_timer_for_its_limit) {
  ManualClock<1> no_timer;
  ASSERT_TRUE(no_timer.call_later(std::chrono::seconds(1), [] {}));
  const std::string sent = pattern(10 * client_sizes.send);
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    const Error written = co_await within(no_timer, std::chrono::seconds(1), stream.write(sent));
    EXPECT_EQ(written, Errc::no_capacity);
    EXPECT_EQ(stream.transport().unsent(), 0U);
    co_return Error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
}

TEST_F(AcceptTest, a_write_that_was_cancelled_is_not_read_again) {
  std::string text(24, 'x');
  text += "\nafter\n";
  ASSERT_TRUE(coroutines.spawn(send(second_frame, text)));
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    // The ring is full, so that what was read has to wait where it is.
    std::string filler(server_sizes.send, '.');
    while (stream.transport().write(bytes_of(filler)) > 0) {
    }
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (!line) co_return line.error();
    const Error written = co_await within(world.reactor(), Duration::zero(), stream.write(*line));
    EXPECT_TRUE(!written || written == Errc::timed_out);
    const Result<Bytes> next = co_await stream.read_until("\n");
    if (next) parts.emplace_back(text_of(*next));
    co_return next.error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_EQ(parts, std::vector<std::string>{"after\n"});
  run_to_the_end();
}

TEST_F(AcceptTest, what_lies_behind_a_write_that_was_cancelled_is_read_at_once) {
  const auto sender = [&](Frame<640>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await client.open(world.reactor(), server.host(), stream)) co_return error;
    if (Error error = co_await stream.write("xxxxxxxx\nafter\n")) co_return error;
    co_return co_await sleep(world.reactor(), 10min);
  };
  const Result<Spawned> peer = coroutines.spawn(sender(second_frame));
  ASSERT_TRUE(peer);
  Frame<160> filler;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    Stream stream;
    if (Error error = co_await server.accept(stream)) co_return error;
    if (Error error = co_await fill(filler, world.reactor(), stream)) co_return error;
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (!line) co_return line.error();
    const Error written = co_await within(world.reactor(), 200ms, stream.write(*line));
    EXPECT_EQ(written, Errc::timed_out);
    const Result<Bytes> next = co_await within(world.reactor(), 1s, stream.read_until("\n"));
    if (next) parts.emplace_back(text_of(*next));
    stream.abort();
    co_return next.error();
  };
  EXPECT_FALSE(run([&] { return body(frame); }));
  EXPECT_EQ(parts, std::vector<std::string>{"after\n"});
  peer->cancel();
  run_to_the_end();
}

TEST_F(AcceptTest, one_read_and_one_write_at_a_time) {
  ASSERT_TRUE(coroutines.spawn(send(second_frame, "x")));
  Stream stream;
  Frame<320> other_frame;
  const auto reader = [&](Frame<320>&) -> Task<Error> {
    const Result<Bytes> data = co_await stream.read_exactly(2);
    co_return data.error();
  };
  Ending reading;
  const auto body = [&](Frame<1024>&) -> Task<Error> {
    if (Error error = co_await server.accept(stream)) co_return error;
    EXPECT_TRUE(coroutines.spawn(reader(other_frame), reading.note()));
    // It begins when this one waits.
    if (Error error = co_await sleep(world.reactor(), Duration::zero())) co_return error;
    const Result<Bytes> data = co_await stream.read();
    co_return data.error();
  };
  EXPECT_EQ(run([&] { return body(frame); }), Errc::already_running);
  EXPECT_TRUE(world.run_until([&] { return reading.ended; }));
  EXPECT_EQ(reading.code, Errc::connection_done);
}

TEST_F(AcceptTest, accepting_can_be_cancelled_and_is_for_one_at_a_time) {
  Stream first;
  Stream second;
  const auto accept = [&](auto&, Stream& stream) -> Task<Error> {
    co_return co_await server.accept(stream);
  };
  Ending one;
  Ending two;
  const Result<Spawned> spawned = coroutines.spawn(accept(frame, first), one.note());
  ASSERT_TRUE(coroutines.spawn(accept(second_frame, second), two.note()));
  EXPECT_EQ(two.code, Errc::already_running);
  EXPECT_TRUE(spawned->cancel());
  EXPECT_EQ(one.code, Errc::cancelled);
}

}  // namespace
}  // namespace bobbin
