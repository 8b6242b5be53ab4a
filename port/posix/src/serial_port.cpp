// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/serial_port.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <cstring>

#include <bobbin/posix/descriptor.hpp>

#include "system_error.hpp"

namespace bobbin {

namespace {

struct Speed {
  Baud baud;
  speed_t speed;
};

constexpr Speed speeds[] = {
    {Baud::b50, B50},           {Baud::b75, B75},           {Baud::b110, B110},
    {Baud::b134, B134},         {Baud::b150, B150},         {Baud::b200, B200},
    {Baud::b300, B300},         {Baud::b600, B600},         {Baud::b1200, B1200},
    {Baud::b1800, B1800},       {Baud::b2400, B2400},       {Baud::b4800, B4800},
    {Baud::b9600, B9600},       {Baud::b19200, B19200},     {Baud::b38400, B38400},
    {Baud::b57600, B57600},     {Baud::b115200, B115200},   {Baud::b230400, B230400},
    {Baud::b460800, B460800},   {Baud::b500000, B500000},   {Baud::b576000, B576000},
    {Baud::b921600, B921600},   {Baud::b1000000, B1000000}, {Baud::b1152000, B1152000},
    {Baud::b1500000, B1500000}, {Baud::b2000000, B2000000}, {Baud::b2500000, B2500000},
    {Baud::b3000000, B3000000}, {Baud::b3500000, B3500000}, {Baud::b4000000, B4000000},
};

constexpr tcflag_t sizes[] = {CS5, CS6, CS7, CS8};
constexpr std::uint8_t data_bits_min = 5;
constexpr std::uint8_t data_bits_max = 8;

// Start, data, parity and stop bits of one byte, at most.
constexpr std::int64_t bits_of_a_byte = 12;

const Speed* speed_of(Baud baud) {
  for (const Speed& known : speeds) {
    if (known.baud == baud) return &known;
  }
  return nullptr;
}

// A line that carries bytes as they are, and is not hung up by a modem.
void make_raw(termios& line) {
  cfmakeraw(&line);
  line.c_iflag &= ~static_cast<tcflag_t>(IXOFF | IXANY | INPCK | IGNPAR);
  line.c_cflag &= ~static_cast<tcflag_t>(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS);
  line.c_cflag |= CREAD | CLOCAL;
  line.c_cc[VMIN] = 1;  // else a read of an idle line would look like a hang-up
  line.c_cc[VTIME] = 0;
}

void add_options(termios& line, const SerialOptions& options) {
  line.c_cflag |= sizes[options.data_bits - data_bits_min];
  if (options.stop_bits == SerialOptions::StopBits::two) line.c_cflag |= CSTOPB;
  if (options.parity != SerialOptions::Parity::none) {
    line.c_cflag |= PARENB;
    line.c_iflag |= INPCK | IGNPAR;
  }
  if (options.parity == SerialOptions::Parity::odd) line.c_cflag |= PARODD;
  switch (options.flow_control) {
    case SerialOptions::FlowControl::none: return;
    case SerialOptions::FlowControl::hardware: line.c_cflag |= CRTSCTS; return;
    case SerialOptions::FlowControl::software: line.c_iflag |= IXON | IXOFF; return;
  }
}

// tcsetattr is content if it could do any of what it was asked for.
bool took(const termios& wanted, const termios& got) {
  constexpr tcflag_t frame = CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS;
  constexpr tcflag_t flow = IXON | IXOFF;
  return (wanted.c_cflag & frame) == (got.c_cflag & frame) &&
         (wanted.c_iflag & flow) == (got.c_iflag & flow) &&
         cfgetospeed(&wanted) == cfgetospeed(&got) && cfgetispeed(&wanted) == cfgetispeed(&got);
}

bool valid(const SerialOptions& options) {
  return speed_of(options.baud) != nullptr && options.data_bits >= data_bits_min &&
         options.data_bits <= data_bits_max;
}

}  // namespace

Result<Baud> baud_from(std::uint32_t bits_per_second) {
  const Baud baud{bits_per_second};
  if (speed_of(baud) == nullptr) return Errc::invalid_argument;
  return baud;
}

// Without O_NONBLOCK opening would wait for a modem's carrier.
Result<DescriptorStream::Descriptors> SerialPort::acquire() {
  if (!valid(options_)) return Errc::invalid_argument;
  Descriptor line(open(path_, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!line.open()) return error_of(errno);
  if (Error error = set_up(line.number())) return error;
  const int number = line.release();
  return Descriptors{.input = number, .output = number};
}

Error SerialPort::set_up(int line) {
  termios before;
  static_assert(sizeof before <= settings_bytes);
  if (tcgetattr(line, &before) != 0) return error_of(errno);
  std::memcpy(settings_before_, &before, sizeof before);
  termios wanted = before;
  make_raw(wanted);
  add_options(wanted, options_);
  cfsetispeed(&wanted, speed_of(options_.baud)->speed);
  cfsetospeed(&wanted, speed_of(options_.baud)->speed);
  if (tcsetattr(line, TCSANOW, &wanted) != 0) return error_of(errno);
  termios got;
  if (tcgetattr(line, &got) == 0 && took(wanted, got)) return {};
  tcsetattr(line, TCSANOW, &before);
  return Errc::not_supported;
}

// In order, only the last few bytes are still in the chip: to wait for them takes no time.
void SerialPort::give_back(const Descriptors& descriptors, Ending ending) {
  Descriptor line(descriptors.input);
  termios before;
  std::memcpy(&before, settings_before_, sizeof before);
  if (ending == Ending::aborted) tcflush(line.number(), TCOFLUSH);
  tcsetattr(line.number(), ending == Ending::aborted ? TCSANOW : TCSADRAIN, &before);
}

std::size_t SerialPort::waiting_to_be_sent(int output) const {
  int count = 0;
  return ioctl(output, TIOCOUTQ, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

Duration SerialPort::sending_time(std::size_t bytes) const {
  const auto bits = static_cast<std::int64_t>(bytes) * bits_of_a_byte;
  const auto rate = static_cast<std::int64_t>(options_.baud);
  return Duration(bits * 1'000'000 / rate);
}

}  // namespace bobbin
