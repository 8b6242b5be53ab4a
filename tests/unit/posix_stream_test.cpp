// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "posix_support.hpp"
#include "stream_support.hpp"

namespace bobbin::test {
namespace {

struct Numbers {
  int input;
  int output;
};

using Stream = StreamTest;

class PipeStream : public Stream {
 protected:
  void SetUp() override {
    ASSERT_FALSE(reactor_.open_stream(stream_, client_));
    EXPECT_EQ(record_.made, 0) << "from inside open_stream";
    ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  }

  DescriptorPair& stream_ = stream(in_.read_end(), out_.write_end());
};

TEST_F(PipeStream, carries_bytes_both_ways) {
  in_.write("question");
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "question"; }));
  record_.transport->write(bytes_of("answer"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return out_.read() == "answer"; }));
  EXPECT_EQ(record_.transport->peer(), Address());
}

TEST_F(PipeStream, goes_on_writing_when_the_input_has_ended) {
  in_.write("last words");
  in_.close_write_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.ended == 1; }));
  EXPECT_EQ(record_.received, "last words");
  record_.transport->write(bytes_of("an answer all the same"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return out_.read() == "an answer all the same"; }));
  record_.transport->lose_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
}

TEST_F(PipeStream, ends_its_output_and_keeps_the_descriptor) {
  record_.transport->write(bytes_of("all there is"));
  record_.transport->lose_write_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] {
    out_.read();
    return out_.at_end();
  }));
  EXPECT_EQ(out_.all_read(), "all there is");
  EXPECT_EQ(::write(out_.write_end(), "x", 1), 1) << "it leads to nowhere, not to what is next";
  in_.write("input goes on");
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "input goes on"; }));
}

TEST_F(PipeStream, that_has_ended_on_both_sides_is_done) {
  record_.transport->lose_write_connection();
  in_.close_write_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
}

TEST_F(PipeStream, waits_while_nobody_reads_and_loses_nothing) {
  std::string written;
  const auto write_what_fits = [&] {
    const std::string piece(100, static_cast<char>('a' + written.size() % 26));
    const std::size_t taken = record_.transport->write(bytes_of(piece));
    written += piece.substr(0, taken);
    reactor_.turn(milliseconds(0));
    return taken;
  };
  while (write_what_fits() > 0) ASSERT_LT(written.size(), 1U << 21);
  EXPECT_GE(written.size(), 4096U);
  const std::uint32_t before = reactor_.statistics().turns;
  const auto end = std::chrono::steady_clock::now() + milliseconds(100);
  while (std::chrono::steady_clock::now() < end) reactor_.turn(milliseconds(100));
  EXPECT_LE(reactor_.statistics().turns - before, 4U) << "no busy loop";
  EXPECT_TRUE(turn_until(reactor_, [&] {
    out_.read();
    return out_.all_read().size() == written.size();
  }));
  EXPECT_EQ(out_.all_read(), written);
}

// With the signal's default this test program would not survive.
TEST_F(PipeStream, whose_reader_is_gone_is_lost_without_a_signal) {
  struct sigaction before {};
  struct sigaction deadly {};
  deadly.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &deadly, &before);
  sigset_t mask_before;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  // The write comes before anybody has told the reactor.
  record_.transport->write(bytes_of("to nobody"));
  out_.close_read_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
  EXPECT_EQ(record_.reason.native, EPIPE);
  sigset_t mask_after;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  EXPECT_EQ(sigismember(&mask_after, SIGPIPE), sigismember(&mask_before, SIGPIPE));
  struct sigaction after {};
  sigaction(SIGPIPE, &before, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST_F(PipeStream, leaves_alone_a_signal_that_was_pending_before) {
  sigset_t pipe;
  sigset_t mask_before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &mask_before);
  raise(SIGPIPE);
  record_.transport->write(bytes_of("to nobody"));
  out_.close_read_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  const timespec at_once{};
  EXPECT_EQ(sigtimedwait(&pipe, nullptr, &at_once), SIGPIPE);
  EXPECT_EQ(sigtimedwait(&pipe, nullptr, &at_once), -1);
  pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
}

TEST_F(PipeStream, that_writes_nothing_hears_that_its_reader_is_gone) {
  out_.close_read_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
}

TEST_F(PipeStream, that_is_paused_hears_that_its_reader_is_gone) {
  record_.transport->pause_producing();
  out_.close_read_end();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
}

TEST_F(PipeStream, cannot_be_opened_twice_and_then_again) {
  StreamRecord other_record;
  StreamEnd other(other_record);
  EXPECT_EQ(reactor_.open_stream(stream_, other), Errc::already_running);
  DescriptorPair& none = this->stream(-1, -1);
  EXPECT_EQ(reactor_.open_stream(none, client_), Errc::already_running);
  record_.transport->abort_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_FALSE(stream_.in_use());
  ASSERT_FALSE(reactor_.open_stream(stream_, other));
  in_.write("again");
  EXPECT_TRUE(turn_until(reactor_, [&] { return other_record.received == "again"; }));
}

TEST_F(PipeStream, that_broke_may_be_opened_again) {
  out_.close_read_end();
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  Pipe fresh;
  ASSERT_EQ(dup2(fresh.write_end(), out_.write_end()), out_.write_end());
  ASSERT_FALSE(reactor_.open_stream(stream_, client_));
  in_.write("works");
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "works"; }));
}

TEST_F(Stream, puts_o_nonblock_back) {
  for (const bool was_set : {false, true}) {
    fcntl(in_.read_end(), F_SETFL, was_set ? O_NONBLOCK : 0);
    fcntl(out_.write_end(), F_SETFL, was_set ? 0 : O_NONBLOCK);
    DescriptorPair& stream = this->stream(in_.read_end(), out_.write_end());
    ASSERT_FALSE(reactor_.open_stream(stream, client_));
    EXPECT_TRUE(does_not_block(in_.read_end()));
    EXPECT_TRUE(does_not_block(out_.write_end()));
    record_ = {};
    ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
    record_.transport->lose_connection();
    ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
    EXPECT_EQ(does_not_block(in_.read_end()), was_set);
    EXPECT_EQ(does_not_block(out_.write_end()), !was_set);
  }
}

TEST_F(Stream, puts_o_nonblock_back_when_both_are_one_open_file_and_when_the_reactor_goes) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const int copy = dup(ends[0]);
  DescriptorPair& stream = this->stream(ends[0], copy);
  {
    TestedReactor<> reactor;
    ASSERT_FALSE(reactor.open_stream(stream, client_));
    ASSERT_TRUE(turn_until(reactor, [&] { return record_.made == 1; }));
    EXPECT_TRUE(does_not_block(copy));
  }
  EXPECT_EQ(record_.reason, Errc::connection_aborted);
  EXPECT_FALSE(does_not_block(ends[0]));
  for (const int number : {ends[0], ends[1], copy}) ::close(number);
}

TEST_F(Stream, on_one_socket_ends_in_order) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const int copy = dup(ends[0]);
  DescriptorPair& stream = this->stream(ends[0], copy);
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  record_.transport->write(bytes_of("bye"));
  record_.transport->lose_write_connection();
  char bytes[10];
  ASSERT_TRUE(turn_until(reactor_, [&] { return readable(ends[1]); }));
  EXPECT_EQ(::read(ends[1], bytes, sizeof bytes), 3);
  EXPECT_EQ(::read(ends[1], bytes, sizeof bytes), 0);
  ::close(ends[1]);
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
  ::close(ends[0]);
  ::close(copy);
}

TEST_F(Stream, reads_a_file_to_its_end_and_writes_to_another) {
  const TemporaryFile input(std::string(100'000, 'f') + "end");
  const TemporaryFile output("");
  DescriptorPair& stream = this->stream(input.descriptor(), output.descriptor());
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.ended == 1; }));
  EXPECT_EQ(record_.received.size(), 100'003U);
  record_.transport->write(bytes_of("result"));
  record_.transport->lose_connection();
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(output.content(), "result");
}

TEST_F(Stream, of_an_endless_file_leaves_time_for_others_and_stops_while_paused) {
  const File zeroes("/dev/zero", O_RDONLY);
  DescriptorPair& stream = this->stream(zeroes.descriptor(), out_.write_end());
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  bool called = false;
  ASSERT_TRUE(bool(reactor_.call_later(milliseconds(5), [&] { called = true; })));
  EXPECT_TRUE(turn_until(reactor_, [&] { return called && !record_.received.empty(); }));
  record_.transport->pause_producing();
  const std::size_t before = record_.received.size();
  for (int i = 0; i < 3; ++i) reactor_.turn(milliseconds(1));
  EXPECT_EQ(record_.received.size(), before);
  record_.transport->resume_producing();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received.size() > before; }));
}

TEST_F(Stream, from_dev_null_ends_at_once) {
  const File nothing("/dev/null", O_RDWR);
  DescriptorPair& stream = this->stream(nothing.descriptor(), out_.write_end());
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.ended == 1; }));
  const File again("/dev/null", O_RDWR);
  DescriptorPair& both = this->stream(again.descriptor(), again.descriptor());
  StreamRecord record;
  StreamEnd end(record);
  ASSERT_FALSE(reactor_.open_stream(both, end));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record.ended == 1; }));
}

TEST_F(Stream, to_a_full_disk_is_lost) {
  const File full("/dev/full", O_WRONLY);
  DescriptorPair& stream = this->stream(in_.read_end(), full.descriptor());
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  record_.transport->write(bytes_of("too much"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
  EXPECT_EQ(record_.reason.native, ENOSPC);
}

TEST_F(Stream, from_a_directory_is_lost) {
  const File folder("/", O_RDONLY);
  DescriptorPair& stream = this->stream(folder.descriptor(), out_.write_end());
  ASSERT_FALSE(reactor_.open_stream(stream, client_));
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
  EXPECT_EQ(record_.reason.native, EISDIR);
}

TEST_F(Stream, of_bad_descriptors_is_refused_and_changes_nothing) {
  const File path_only("/dev/null", O_PATH);
  const int closed = dup(0);
  ::close(closed);
  const int good_input = in_.read_end();
  const int good_output = out_.write_end();
  const Numbers bad[] = {
      {closed, good_output},
      {good_input, closed},
      {-1, good_output},
      {good_input, -1},
      {in_.write_end(), good_output},
      {good_input, out_.read_end()},
      {path_only.descriptor(), good_output},
  };
  for (const auto& [input, output] : bad) {
    DescriptorPair& stream = this->stream(input, output);
    const Error error = reactor_.open_stream(stream, client_);
    EXPECT_EQ(error, Errc::invalid_argument) << input << " " << output;
    EXPECT_EQ(error.native, EBADF);
    EXPECT_FALSE(stream.in_use());
    EXPECT_FALSE(does_not_block(good_input));
    EXPECT_FALSE(does_not_block(good_output));
    EXPECT_EQ(client_.connections().use().in_use, 0U);
    EXPECT_EQ(reactor_.timer_use().in_use, 0U);
  }
}

TEST_F(PipeStream, whose_descriptor_is_in_use_already_is_refused) {
  StreamRecord other_record;
  StreamEnd other(other_record);
  DescriptorPair& same_output = this->stream(in_.read_end(), out_.write_end());
  EXPECT_EQ(reactor_.open_stream(same_output, other), Errc::already_registered);
  Pipe more;
  DescriptorPair& same_input_late = this->stream(more.read_end(), out_.write_end());
  EXPECT_EQ(reactor_.open_stream(same_input_late, other), Errc::already_registered);
  EXPECT_FALSE(does_not_block(more.read_end()));
  in_.write("still there");
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "still there"; }));
  record_.transport->write(bytes_of("and here"));
  EXPECT_TRUE(turn_until(reactor_, [&] { return out_.read() == "and here"; }));
}

}  // namespace
}  // namespace bobbin::test
