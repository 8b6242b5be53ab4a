// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "posix_support.hpp"
#include "stream_support.hpp"
#include "system_calls.hpp"

namespace bobbin::test {
namespace {

// A serial line whose other end is in our hands: a pseudo-terminal.
class Line {
 public:
  Line() : other_end_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    const bool good = other_end_ >= 0 && grantpt(other_end_) == 0 && unlockpt(other_end_) == 0 &&
                      ptsname_r(other_end_, path_.data(), path_.size()) == 0;
    // As long as somebody has it open, its settings stay and nobody sees a hang-up.
    kept_open_ = good ? open(path_.data(), O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (kept_open_ < 0) std::abort();
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    hang_up();
    ::close(kept_open_);
  }

  const char* path() const { return path_.data(); }
  void hang_up() {
    if (other_end_ >= 0) ::close(other_end_);
    other_end_ = -1;
  }
  void send(const std::string& text) {
    EXPECT_EQ(::write(other_end_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string receive() {
    std::string all;
    char bytes[4096];
    ssize_t count = 0;
    while ((count = ::read(other_end_, bytes, sizeof bytes)) > 0) {
      all.append(bytes, static_cast<std::size_t>(count));
    }
    return all;
  }
  termios settings() const {
    termios result{};
    EXPECT_EQ(tcgetattr(other_end_, &result), 0);
    return result;
  }

 private:
  int other_end_;
  int kept_open_ = -1;
  std::array<char, 64> path_{};
};

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
         a.c_lflag == b.c_lflag && std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0 &&
         cfgetispeed(&a) == cfgetispeed(&b) && cfgetospeed(&a) == cfgetospeed(&b);
}

class Serial : public StreamTest {
 protected:
  void open(SerialPort& port) {
    ASSERT_FALSE(reactor_.open_stream(port, end_));
    ASSERT_TRUE(turn_until(reactor_, [&] { return record_.made == 1; }));
  }
  void expect_error(const char* path, const SerialOptions& options, Errc code, int number) {
    SerialPort port(path, options);
    const std::ptrdiff_t before = open_descriptors();
    const Error error = reactor_.open_stream(port, client_);
    EXPECT_EQ(error, code) << describe(error);
    EXPECT_EQ(error.native, number);
    EXPECT_FALSE(port.in_use());
    EXPECT_EQ(open_descriptors(), before);
  }

  Line line_;
  SerialPort port_{line_.path(), {.baud = Baud::b9600}};
  StreamEnd end_{record_};
};

TEST_F(Serial, carries_every_byte_as_it_is) {
  open(port_);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  line_.send(all);
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received.size() == 256; }));
  EXPECT_EQ(record_.received, all);
  record_.transport->write(bytes_of(all));
  std::string came;
  EXPECT_TRUE(turn_until(reactor_, [&] { return (came += line_.receive()).size() >= 256; }));
  EXPECT_EQ(came, all);
}

TEST_F(Serial, sets_the_line_up_and_puts_it_back) {
  const termios before = line_.settings();
  SerialPort port(line_.path(), {.baud = Baud::b57600,
                                 .stop_bits = SerialOptions::StopBits::two,
                                 .flow_control = SerialOptions::FlowControl::software});
  for (int round = 0; round < 2; ++round) {
    StreamRecord record;
    StreamEnd end(record);
    ASSERT_FALSE(reactor_.open_stream(port, end));
    ASSERT_TRUE(turn_until(reactor_, [&] { return record.made == 1; }));
    const termios now = line_.settings();
    EXPECT_EQ(cfgetospeed(&now), static_cast<speed_t>(B57600));
    EXPECT_EQ(cfgetispeed(&now), static_cast<speed_t>(B57600));
    EXPECT_NE(now.c_cflag & CSTOPB, 0U);
    EXPECT_EQ(now.c_iflag & (IXON | IXOFF | ICRNL | ISTRIP), static_cast<tcflag_t>(IXON | IXOFF));
    EXPECT_EQ(now.c_lflag & (ICANON | ECHO | ISIG), 0U);
    EXPECT_EQ(now.c_oflag & OPOST, 0U);
    round == 0 ? record.transport->lose_connection() : record.transport->abort_connection();
    ASSERT_TRUE(turn_until(reactor_, [&] { return record.lost == 1; }));
    EXPECT_TRUE(same(line_.settings(), before));
  }
}

TEST_F(Serial, puts_the_line_back_when_its_reactor_goes) {
  const termios before = line_.settings();
  {
    TestedReactor<> reactor;
    ASSERT_FALSE(reactor.open_stream(port_, end_));
    EXPECT_FALSE(same(line_.settings(), before));
  }
  EXPECT_TRUE(same(line_.settings(), before));
}

struct Frame {
  SerialOptions options;
  tcflag_t bits;
};

TEST_F(Serial, asks_for_the_frame_it_was_told) {
  using Parity = SerialOptions::Parity;
  const Frame frames[] = {
      {{.data_bits = 5}, CS5},
      {{.data_bits = 6, .stop_bits = SerialOptions::StopBits::two}, CS6 | CSTOPB},
      {{.data_bits = 7, .parity = Parity::even}, CS7 | PARENB},
      {{.data_bits = 8, .parity = Parity::odd}, CS8 | PARENB | PARODD},
      {{.flow_control = SerialOptions::FlowControl::hardware}, CS8 | CRTSCTS},
  };
  constexpr tcflag_t frame_bits = CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS;
  for (const auto& [options, bits] : frames) {
    SerialPort port(line_.path(), options);
    StreamRecord record;
    StreamEnd end(record);
    const system_calls::AgreeableLine agreeable;
    ASSERT_FALSE(reactor_.open_stream(port, end));
    EXPECT_EQ(agreeable.settings().c_cflag & frame_bits, bits);
  }
}

TEST_F(Serial, knows_every_baud_rate_it_names) {
  for (const std::uint32_t rate : {50U, 110U, 9600U, 115200U, 921600U, 4000000U}) {
    const Result<Baud> baud = baud_from(rate);
    ASSERT_TRUE(bool(baud)) << rate;
    SerialPort port(line_.path(), {.baud = *baud});
    StreamRecord record;
    StreamEnd end(record);
    EXPECT_FALSE(reactor_.open_stream(port, end)) << rate;
  }
  for (const std::uint32_t rate : {0U, 1U, 9601U, 115201U, 0xffff'ffffU}) {
    EXPECT_EQ(baud_from(rate).error(), Errc::invalid_argument) << rate;
  }
}

TEST_F(Serial, refuses_options_that_are_none_and_leaves_the_line_alone) {
  const termios before = line_.settings();
  expect_error(line_.path(), {.baud = Baud{12345}}, Errc::invalid_argument, 0);
  expect_error(line_.path(), {.data_bits = 4}, Errc::invalid_argument, 0);
  expect_error(line_.path(), {.data_bits = 9}, Errc::invalid_argument, 0);
  EXPECT_TRUE(same(line_.settings(), before));
}

// A pseudo-terminal has bytes of eight bits and no parity.
TEST_F(Serial, says_when_the_line_does_not_take_what_it_is_asked_for) {
  const termios before = line_.settings();
  expect_error(line_.path(), {.data_bits = 7}, Errc::not_supported, 0);
  expect_error(line_.path(), {.parity = SerialOptions::Parity::even}, Errc::not_supported, 0);
  EXPECT_TRUE(same(line_.settings(), before));
}

TEST_F(Serial, says_what_is_no_line) {
  expect_error("/dev/null", {}, Errc::invalid_argument, ENOTTY);
  expect_error("/dev/no such line", {}, Errc::address_not_available, ENOENT);
  expect_error("/", {}, Errc::system_error, EISDIR);
  expect_error("", {}, Errc::address_not_available, ENOENT);
}

TEST_F(Serial, that_hangs_up_is_lost) {
  open(port_);
  line_.hang_up();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_lost);
  EXPECT_EQ(record_.reason.native, EIO);
  EXPECT_EQ(record_.ended, 0);
}

TEST_F(Serial, reads_what_came_before_the_hang_up) {
  open(port_);
  line_.send("last words");
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.received == "last words"; }));
  line_.hang_up();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
}

TEST_F(Serial, waits_while_the_other_end_does_not_read_and_loses_nothing) {
  open(port_);
  std::string written;
  for (int full = 0; full < 3; reactor_.turn(milliseconds(1))) {
    const std::string piece(100, static_cast<char>('a' + written.size() % 26));
    const std::size_t taken = record_.transport->write(bytes_of(piece));
    written += piece.substr(0, taken);
    full = taken > 0 ? 0 : full + 1;
  }
  std::string came;
  EXPECT_TRUE(
      turn_until(reactor_, [&] { return (came += line_.receive()).size() >= written.size(); }));
  EXPECT_EQ(came, written);
  EXPECT_EQ(record_.transport->unsent(), 0U);
}

TEST_F(Serial, what_is_written_counts_as_sent_when_it_is_on_the_wire) {
  open(port_);
  system_calls::bytes_on_the_line = 100;
  record_.transport->write(bytes_of(std::string(300, 'x')));
  record_.transport->lose_connection();
  for (int i = 0; i < 10; ++i) reactor_.turn(milliseconds(5));
  EXPECT_EQ(record_.lost, 0);
  std::string came;
  EXPECT_TRUE(turn_until(reactor_, [&] { return (came += line_.receive()).size() == 300; }));
  EXPECT_EQ(record_.transport->unsent(), 100U);
  system_calls::bytes_on_the_line = 10;
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.transport->unsent() == 10; }));
  system_calls::bytes_on_the_line = -1;
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  EXPECT_EQ(record_.reason, Errc::connection_done);
  EXPECT_EQ(reactor_.timer_use().in_use, 0U);
}

TEST_F(Serial, without_a_timer_what_the_system_has_counts_as_sent) {
  open(port_);
  while (reactor_.call_later(std::chrono::hours(1), [] {})) {
  }
  system_calls::bytes_on_the_line = 100;
  record_.transport->write(bytes_of("done with"));
  record_.transport->lose_connection();
  EXPECT_TRUE(turn_until(reactor_, [&] { return record_.lost == 1; }));
  system_calls::bytes_on_the_line = -1;
}

}  // namespace
}  // namespace bobbin::test
