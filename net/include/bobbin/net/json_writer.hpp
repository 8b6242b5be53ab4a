// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <bobbin/assert.hpp>
#include <bobbin/error.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

// Writes a JSON text (RFC 8259) into the caller's bytes, with the calls that a JsonReader of it
// would answer with. It allocates nothing, does not recurse, and keeps no more than a bit for each
// level.
//
//   char place[128];
//   JsonWriter json(place);
//   json.object();
//   json.key("port");
//   json.number(port);
//   json.object_end();
//   const Result<std::string_view> text = json.text();
//
// Commas and colons are its own affair. That calls come in an order that makes a text, a key before
// each value of an object and one value in all, is asserted. How long the text is and how deep,
// nobody has to know before: it is looked at once, by `text`.
class JsonWriter {
 public:
  // Writes to `place`, which must stay. Of a text that is written in several pieces, each with the
  // same calls, `from` says where in it this piece begins.
  explicit JsonWriter(std::span<char> place, std::size_t from = 0) : place_(place), from_(from) {}

  void object();
  void object_end();
  void array();
  void array_end();

  void key(std::string_view name);

  // In UTF-8. A byte that is not is written as U+FFFD, so that a text is always one.
  void string(std::string_view text);

  template <std::integral T>
  requires(!std::same_as<T, bool>) void number(T value) {
    using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    write_number(static_cast<Wide>(value));
  }

  // As few digits as tell it from its neighbours. What is no number is `null`, as JSON has no word
  // for it. Only who calls it links it, which in firmware is much.
  void number(double value);

  // Nothing is converted to `bool`: a pointer would be true.
  template <std::same_as<bool> T>
  void boolean(T value) {
    word(value ? "true" : "false");
  }
  void null() { word("null"); }

  // The whole text, once it is whole. Errors: no_capacity when it is longer than its place, or
  // deeper than `depth_max`.
  Result<std::string_view> text() const;

  // How many bytes the text has so far, whether there was room for them or not: with no place at
  // all it is counted.
  std::size_t size() const { return size_; }

  bool too_deep() const { return too_deep_; }

  static constexpr std::size_t depth_max = 64;

 private:
  enum class At : std::uint8_t {
    start,
    first,  // in an object or array that has nothing yet
    more,   // behind a value of it
    value,  // behind a key
    end,
  };

  bool in_object() const { return (objects_ & 1) != 0; }
  void value_begins();
  void value_is_over() { at_ = depth_ == 0 ? At::end : At::more; }
  void open(char bracket, bool object);
  void close(char bracket, bool object);
  void word(std::string_view word);
  void write_number(std::int64_t value);
  void write_number(std::uint64_t value);
  void quote(std::string_view text);
  void put(std::string_view text);

  std::span<char> place_;
  std::size_t from_;
  std::size_t size_ = 0;
  std::size_t depth_ = 0;
  std::uint64_t objects_ = 0;  // a bit for each level, the innermost lowest: is it an object?
  At at_ = At::start;
  bool too_deep_ = false;
};

// Writes a JSON text into the room of a transport, without a copy: all of it, or nothing.
// `write(JsonWriter&)` is called once, or, where the send ring's end divides its room, twice, and
// writes the same both times. Errors: no_capacity, when there is no room for it or it is too deep.
template <class Write>
Error write_json(Transport& transport, Write write) {
  const auto in = [](MutableBytes room) {
    return std::span<char>(reinterpret_cast<char*>(room.data()), room.size());
  };
  const MutableBytes front = transport.reserve();
  JsonWriter json(in(front));
  write(json);
  if (json.too_deep() || json.size() > transport.room()) return Errc::no_capacity;
  transport.commit(std::min(json.size(), front.size()));
  if (json.size() <= front.size()) return {};
  JsonWriter rest(in(transport.reserve()), front.size());
  write(rest);
  BOBBIN_ASSERT(rest.size() == json.size());
  transport.commit(json.size() - front.size());
  return {};
}

}  // namespace bobbin
