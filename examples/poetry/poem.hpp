// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <bobbin/bobbin.hpp>

#include "example.hpp"

namespace poetry {

using namespace std::chrono_literals;
using bobbin::Address, bobbin::Bytes, bobbin::Clock, bobbin::DelayedCall, bobbin::Deferred;
using bobbin::Duration, bobbin::Errc, bobbin::Error, bobbin::Failure, bobbin::Frame;
using bobbin::Outcome, bobbin::Protocol, bobbin::Result, bobbin::Stream, bobbin::Task;
using example::Reactor;

// The longest poem, and how many a client gets at a time.
inline constexpr std::size_t poem_max = example::on_board ? 2048 : 65536;
inline constexpr std::size_t poems_max = example::on_board ? 2 : 16;

class Poem;

// Who reads a poem as it comes.
class Reader {
 public:
  virtual void poem_grew(Poem& poem, std::size_t bytes) = 0;
  // Once. An error is why there will be no more of it.
  virtual void poem_ended(Poem& poem, Error error) = 0;

 protected:
  ~Reader() = default;
};

// A poem that is wanted from a server, in memory of its own.
class Poem {
 public:
  // Nobody need read it while it comes.
  void want_from(const Address& server, Reader* reader = nullptr) {
    server_ = server;
    reader_ = reader;
    size_ = 0;
  }

  // Where the server that was wanted by name is.
  void found_at(const Address& server) { server_ = server; }

  const Address& server() const { return server_; }
  std::string_view text() const { return {text_.data(), size_}; }

  // False, and nothing is added, when the poem becomes too long.
  bool add(Bytes more) {
    if (more.size() > text_.size() - size_) return false;
    std::ranges::copy(bobbin::text_of(more), text_.data() + size_);
    size_ += more.size();
    if (reader_ != nullptr) reader_->poem_grew(*this, more.size());
    return true;
  }

  void end(Error error) {
    if (reader_ != nullptr) reader_->poem_ended(*this, error);
  }

 private:
  Address server_;
  Reader* reader_ = nullptr;
  std::size_t size_ = 0;
  std::array<char, poem_max> text_;
};

// The end of a poem is the end of its connection, in order. A server that says goodbye in the
// middle cannot be told from one that is done.
inline Error error_of_end(Error reason) {
  return reason == Errc::connection_done ? Error() : reason;
}

// Clients only listen.
inline constexpr bobbin::ConnectionSizes listening{.connections = 1, .receive = 1460, .send = 16};

}  // namespace poetry
