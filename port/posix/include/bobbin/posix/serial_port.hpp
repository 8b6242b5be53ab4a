// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/posix/descriptor_stream.hpp>

namespace bobbin {

// The speeds that every system has names for, in bits each second.
enum class Baud : std::uint32_t {
  b50 = 50,
  b75 = 75,
  b110 = 110,
  b134 = 134,
  b150 = 150,
  b200 = 200,
  b300 = 300,
  b600 = 600,
  b1200 = 1200,
  b1800 = 1800,
  b2400 = 2400,
  b4800 = 4800,
  b9600 = 9600,
  b19200 = 19200,
  b38400 = 38400,
  b57600 = 57600,
  b115200 = 115200,
  b230400 = 230400,
  b460800 = 460800,
  b500000 = 500000,
  b576000 = 576000,
  b921600 = 921600,
  b1000000 = 1000000,
  b1152000 = 1152000,
  b1500000 = 1500000,
  b2000000 = 2000000,
  b2500000 = 2500000,
  b3000000 = 3000000,
  b3500000 = 3500000,
  b4000000 = 4000000,
};

// A number as one of them, for what comes from a command line. Errors: invalid_argument.
Result<Baud> baud_from(std::uint32_t bits_per_second);

struct SerialOptions {
  enum class Parity : std::uint8_t { none, even, odd };
  enum class StopBits : std::uint8_t { one, two };
  enum class FlowControl : std::uint8_t { none, hardware, software };  // RTS and CTS; XON and XOFF

  Baud baud = Baud::b115200;
  std::uint8_t data_bits = 8;    // 5 to 8
  Parity parity = Parity::none;  // bytes that come with a wrong one are dropped
  StopBits stop_bits = StopBits::one;
  FlowControl flow_control = FlowControl::none;
};

// A serial line (Twisted's SerialPort), opened by `PosixReactor::open_stream`: raw bytes, without
// echo and without regard to the modem's lines. What was written counts as sent when it is on the
// wire, so `lose_connection` and a ring that drains mean what they say; while the line sends, this
// takes a timer, and without one counts as sent what the system has. At the end the line's settings
// are as they were. A line that is gone, an adapter pulled out, is connection_lost.
//
// Errors of `open_stream`: address_not_available where there is no such device; permission_denied;
// invalid_argument for what is no terminal, or options that are none; not_supported for settings
// the line does not take.
class SerialPort final : public DescriptorStream {
 public:
  // `path` is the caller's, and stays.
  explicit SerialPort(const char* path, const SerialOptions& options = {})
      : DescriptorStream(AtEnd::hung_up), path_(path), options_(options) {}

 private:
  // A struct termios, whose header defines names like ECHO.
  static constexpr std::size_t settings_bytes = 64;

  Result<Descriptors> acquire() override;
  void give_back(const Descriptors& descriptors, Ending ending) override;
  void end_output(int) override {}
  std::size_t waiting_to_be_sent(int output) const override;
  Duration sending_time(std::size_t bytes) const override;
  Error set_up(int line);

  const char* path_;
  SerialOptions options_;
  alignas(std::uint64_t) std::byte settings_before_[settings_bytes];
};

}  // namespace bobbin
