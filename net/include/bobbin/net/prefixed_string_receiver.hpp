// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/net/framed_protocol.hpp>
#include <bobbin/net/prefixed.hpp>

namespace bobbin {

// What the receivers of strings behind their length are but for their format.
class AnyPrefixedStringReceiver : public FramedProtocol {
 public:
  // A string without its length, valid for this call only. May be empty.
  virtual Taken string_received(Bytes string) = 0;

  // A string of `length` bytes is to come, which is longer than allowed. The default ends the
  // connection after what was written. If it goes on, the string is passed over.
  virtual void length_limit_exceeded(std::size_t length);

  // Writes the length and the string, or nothing: false when there is not enough room, as
  // `Transport::write_all`. One that does not fit into an empty ring never will; one whose length
  // the prefix cannot tell is a mistake, and asserted not to be.
  [[nodiscard]] bool send_string(Bytes string);
  [[nodiscard]] bool send_string(std::string_view string) { return send_string(bytes_of(string)); }

 protected:
  // `format` outlives the receiver.
  explicit AnyPrefixedStringReceiver(const PrefixedFormat& format) : decoder_(format) {}
  ~AnyPrefixedStringReceiver() = default;

 private:
  Decoded find(Bytes data) final { return decoder_.find(data); }
  Taken give(Bytes message) final { return string_received(message); }
  void refuse(const Decoded& frame) final { length_limit_exceeded(frame.announced); }

  PrefixedDecoder decoder_;
};

template <PrefixedFormat format>
class PrefixedStringReceiver : public AnyPrefixedStringReceiver {
  static_assert(format.length_max <= length_max_of(format.width),
                "bobbin: the prefix cannot tell of a length_max as large as this");
  static_assert(format.length_max < (1U << 30), "bobbin: a string has at most 1 GiB");

 public:
  // The smallest buffers, which a server and a client see to: a longest string each way. Who sends
  // none that long may name a smaller `send_min` of its own.
  static constexpr std::size_t receive_min = format.size_max();
  static constexpr std::size_t send_min = format.size_max();

 protected:
  PrefixedStringReceiver() : AnyPrefixedStringReceiver(static_format) {}
  ~PrefixedStringReceiver() = default;

 private:
  static constexpr PrefixedFormat static_format = format;
};

// Twisted's three. The default limits fit, with the length, into the default receive buffer.
template <std::size_t length_max = 255>
using Int8StringReceiver = PrefixedStringReceiver<PrefixedFormat{PrefixWidth::int8, length_max}>;
template <std::size_t length_max = 510>
using Int16StringReceiver = PrefixedStringReceiver<PrefixedFormat{PrefixWidth::int16, length_max}>;
template <std::size_t length_max = 508>
using Int32StringReceiver = PrefixedStringReceiver<PrefixedFormat{PrefixWidth::int32, length_max}>;

}  // namespace bobbin
