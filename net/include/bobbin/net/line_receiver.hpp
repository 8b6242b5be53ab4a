// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/net/framed_protocol.hpp>
#include <bobbin/net/line.hpp>

namespace bobbin {

// What LineReceiver is but for its format.
class AnyLineReceiver : public FramedProtocol {
 public:
  // A line without its delimiter, valid for this call only. May be empty.
  virtual Taken line_received(Bytes line) = 0;

  // In raw mode: what has come, as in `Protocol::data_received`, and it too returns how many bytes
  // it used. Those behind them are lines, if it has set line mode, which so needs no argument as
  // in Twisted.
  virtual std::size_t raw_data_received(Bytes data) { return data.size(); }

  // A line is too long; `beginning` is its first `length_max` bytes. The default ends the
  // connection after what was written. If it goes on, the rest of the line is passed over.
  virtual void line_length_exceeded(Bytes beginning);

  // Writes the line and its delimiter, or nothing: false when there is not enough room, as
  // `Transport::write_all`. A line that does not fit into an empty ring never will.
  [[nodiscard]] bool send_line(Bytes line);
  [[nodiscard]] bool send_line(std::string_view line) { return send_line(bytes_of(line)); }

  // What becomes of the bytes behind what is taken now. To be called from this protocol's own
  // callbacks; who calls it from elsewhere has paused the transport before and resumes it after.
  void set_raw_mode();
  void set_line_mode() { mode_ = Mode::lines; }

  std::size_t data_received(Bytes data) final;

 protected:
  // `format` outlives the receiver.
  explicit AnyLineReceiver(const LineFormat& format) : decoder_(format) {}
  ~AnyLineReceiver() = default;

 private:
  enum class Mode : std::uint8_t { lines, raw };

  Decoded find(Bytes data) final { return mode_ == Mode::raw ? Decoded{} : decoder_.find(data); }
  Taken give(Bytes message) final { return line_received(message); }
  void take() final { decoder_.take(); }
  void refuse(const Decoded& frame) final { line_length_exceeded(frame.message); }

  LineDecoder decoder_;
  Mode mode_ = Mode::lines;
};

// Receives lines, and in raw mode anything: Twisted's LineReceiver. It begins with lines.
//
//   struct LineEcho final : LineReceiver<> {
//     Taken line_received(Bytes line) override { return taken_if(send_line(line)); }
//   };
//
// loses no line and keeps none: one that cannot be answered yet stays in the receive buffer, and
// then at the peer.
template <LineFormat format = LineFormat{}>
class LineReceiver : public AnyLineReceiver {
  static_assert(format.length_max > 0 && format.length_max < (1U << 30),
                "bobbin: LineFormat::length_max must lie between 1 byte and 1 GiB");

 public:
  // The smallest buffers, which a server and a client see to: a longest line each way. Who sends
  // none that long may name a smaller `send_min` of its own.
  static constexpr std::size_t receive_min = format.size_max();
  static constexpr std::size_t send_min = format.size_max();

 protected:
  LineReceiver() : AnyLineReceiver(static_format) {}
  ~LineReceiver() = default;

 private:
  static constexpr LineFormat static_format = format;
};

}  // namespace bobbin
