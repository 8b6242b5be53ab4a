// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <span>

#include <bobbin/net/framed_protocol.hpp>

namespace bobbin {

// Receives records of `size` bytes each, without any framing.
template <std::size_t size>
class RecordReceiver : public FramedProtocol {
  static_assert(size > 0, "bobbin: a record has at least one byte");

 public:
  using Record = std::span<const std::byte, size>;

  // The smallest buffers, which a server and a client see to.
  static constexpr std::size_t receive_min = size;
  static constexpr std::size_t send_min = size;

  // A record, valid for this call only.
  virtual Taken record_received(Record record) = 0;

  // Writes the record or nothing: false when there is not enough room.
  [[nodiscard]] bool send_record(Record record) { return transport().write_all(record); }

 protected:
  RecordReceiver() = default;
  ~RecordReceiver() = default;

 private:
  Decoded find(Bytes data) final {
    if (data.size() < size) return {};
    return {.kind = Decoded::Kind::whole, .size = size, .message = data.first(size)};
  }
  Taken give(Bytes message) final { return record_received(Record(message)); }
  void refuse(const Decoded&) final {}
};

}  // namespace bobbin
