// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/net/framed_protocol.hpp>
#include <bobbin/net/netstring.hpp>

namespace bobbin {

// What NetstringReceiver is but for its limit.
class AnyNetstringReceiver : public FramedProtocol {
 public:
  // A string without its framing, valid for this call only. May be empty.
  virtual Taken string_received(Bytes string) = 0;

  // What has come is no netstring, or one longer than allowed. Nothing behind it means anything,
  // so the connection is closed after this, as in Twisted; what was written before is sent.
  virtual void parse_error() {}

  // Writes the string as a netstring, or nothing: false when there is not enough room, as
  // `Transport::write_all`. One that does not fit into an empty ring never will.
  [[nodiscard]] bool send_string(Bytes string);
  [[nodiscard]] bool send_string(std::string_view string) { return send_string(bytes_of(string)); }

 protected:
  explicit AnyNetstringReceiver(std::size_t length_max) : decoder_(length_max) {}
  ~AnyNetstringReceiver() = default;

 private:
  Decoded find(Bytes data) final { return decoder_.find(data); }
  Taken give(Bytes message) final { return string_received(message); }
  void refuse(const Decoded&) final { parse_error(); }

  NetstringDecoder decoder_;
};

// Receives netstrings: Twisted's NetstringReceiver. The default limit fits into the default
// receive buffer.
template <std::size_t length_max = 500>
class NetstringReceiver : public AnyNetstringReceiver {
  static_assert(length_max <= (1U << 28), "bobbin: a netstring has at most 256 MiB");

 public:
  // The smallest buffers, which a server and a client see to: a longest string each way. Who sends
  // none that long may name a smaller `send_min` of its own.
  static constexpr std::size_t receive_min = netstring_size(length_max);
  static constexpr std::size_t send_min = receive_min;

 protected:
  NetstringReceiver() : AnyNetstringReceiver(length_max) {}
  ~NetstringReceiver() = default;
};

}  // namespace bobbin
