// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>

#include "example.hpp"

class Pipe;

// One of two connections: standard input and output, and one to a server. It passes on what it
// receives; what the other has no room for is not used, and offered again when there is room.
class Side final : public bobbin::Protocol {
 public:
  explicit Side(Pipe& pipe) : pipe_(pipe) {}

  void connection_made() override;
  std::size_t data_received(bobbin::Bytes data) override;
  void read_connection_lost() override;
  void connection_lost(bobbin::Error reason) override;

 private:
  Pipe& pipe_;
};

// What both have in common: that there are two.
class Pipe {
 public:
  Pipe(example::Reactor& reactor, bobbin::StandardIo& standard_io)
      : reactor_(reactor), standard_io_(standard_io) {}

  // Until it ends, and why, but for its being done; `begun` is what came of beginning to connect.
  bobbin::Error run(bobbin::Error begun, bobbin::Connector& here);

  Side* other(const Side& side) const { return sides_[0] == &side ? sides_[1] : sides_[0]; }
  void join(Side& side);
  void part(const Side& side, bobbin::Error reason);
  void end(bobbin::Error reason);

 private:
  void note(bobbin::Error reason);

  example::Reactor& reactor_;
  bobbin::StandardIo& standard_io_;
  bobbin::Connector* here_ = nullptr;
  Side* sides_[2] = {};
  bobbin::Error reason_ = bobbin::Errc::connection_done;
};

inline void Side::connection_made() { pipe_.join(*this); }

inline std::size_t Side::data_received(bobbin::Bytes data) {
  return pipe_.other(*this)->transport().write(data);
}

// The end goes on to the other, behind what came before it. What comes back still does.
inline void Side::read_connection_lost() {
  if (Side* const other = pipe_.other(*this)) other->transport().lose_write_connection();
}

inline void Side::connection_lost(bobbin::Error reason) { pipe_.part(*this, reason); }

// The first is the one there; now that it is, we begin to read here, and until then not from it.
// From then on each is the other's producer: who cannot write on is not read for.
inline void Pipe::join(Side& side) {
  if (sides_[0] == nullptr) {
    sides_[0] = &side;
    side.transport().pause_producing();
    if (bobbin::Error error = reactor_.open_stream(standard_io_, *here_)) end(error);
    return;
  }
  sides_[1] = &side;
  bobbin::Transport& there = sides_[0]->transport();
  bobbin::Transport& here = side.transport();
  if (bobbin::Error error = there.register_producer(here)) end(error);
  if (bobbin::Error error = here.register_producer(there)) end(error);
  there.resume_producing();
}

inline void Pipe::part(const Side& side, bobbin::Error reason) {
  Side* const remaining = other(side);
  sides_[0] = remaining;
  sides_[1] = nullptr;
  note(reason);
  if (remaining == nullptr) return (void)reactor_.stop();  // unless it is stopping already
  remaining->transport().lose_connection();
}

inline void Pipe::end(bobbin::Error reason) {
  note(reason);
  (void)reactor_.stop();
}

// The first reason is what is told. To be stopped is in order.
inline void Pipe::note(bobbin::Error reason) {
  if (reason == bobbin::Errc::connection_aborted) return;
  if (reason_ == bobbin::Errc::connection_done) reason_ = reason;
}

inline bobbin::Error Pipe::run(bobbin::Error begun, bobbin::Connector& here) {
  here_ = &here;
  if (begun) return begun;
  if (bobbin::Error error = reactor_.run()) return error;
  return reason_ == bobbin::Errc::connection_done ? bobbin::Error() : reason_;
}
