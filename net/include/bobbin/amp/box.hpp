// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/net/decoded.hpp>

// The wire format of AMP, the Asynchronous Messaging Protocol (https://amp-protocol.net, and
// twisted.protocols.amp): a box is pairs of a key and a value, each behind its length in two bytes,
// the higher one first; an empty key ends it.
namespace bobbin::amp {

inline constexpr std::size_t key_max = 255;
inline constexpr std::size_t value_max = 65535;

// A box that has come, as a view of its pairs where they lie.
class Box {
 public:
  // `pairs` are what a BoxDecoder found.
  explicit Box(Bytes pairs) : pairs_(pairs) {}

  // The value of a key, the last one if there are several, as in Twisted.
  std::optional<Bytes> find(std::string_view key) const;

 private:
  Bytes pairs_;
};

// Finds boxes. What it gives is their pairs, without the empty key. A box is refused as `too_long`
// when a length in it says so, and as `malformed` if a key is longer than `key_max` or there is no
// pair at all. Neither can be recovered from.
class BoxDecoder {
 public:
  // `size_max`: of a box with its framing.
  explicit constexpr BoxDecoder(std::size_t size_max) : size_max_(size_max) {}

  // What is at the front of `data`, which begins where what was taken ends.
  Decoded find(Bytes data);
  void take();

 private:
  std::size_t size_max_;
  std::size_t looked_ = 0;  // so many bytes are keys and values that were seen
  bool value_is_next_ = false;
};

// Where the bytes of a box go.
class BoxSink {
 public:
  virtual void put(Bytes bytes) = 0;
  void put(std::string_view text) { put(bytes_of(text)); }

  // A length in two bytes; one that does not fit makes the box `refused`.
  void put_length(std::size_t length);
  void put_key(std::string_view key);
  void put_pair(std::string_view key, Bytes value);
  void put_pair(std::string_view key, std::string_view value) { put_pair(key, bytes_of(value)); }
  // The empty key.
  void put_end() { put_length(0); }

  // Whether something was to be put that no box can hold.
  bool refused() const { return refused_; }
  void refuse() { refused_ = true; }

 protected:
  BoxSink() = default;
  ~BoxSink() = default;

 private:
  bool refused_ = false;
};

// Counts.
class BoxLength final : public BoxSink {
 public:
  using BoxSink::put;
  void put(Bytes bytes) override { size_ += bytes.size(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

// Writes to memory, for other transports than bobbin's. Of a box that does not fit nothing is of
// use.
class BoxBuffer final : public BoxSink {
 public:
  explicit BoxBuffer(MutableBytes space) : space_(space) {}

  using BoxSink::put;
  void put(Bytes bytes) override;

  Bytes bytes() const { return space_.first(size_); }
  bool overflowed() const { return overflowed_; }

 private:
  MutableBytes space_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace bobbin::amp
