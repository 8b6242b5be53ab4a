// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/net/decoded.hpp>
#include <bobbin/protocol.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

// A protocol in states, each of which is given so many bytes: Twisted's StatefulProtocol. P derives
// from it, and its functions return the state that follows:
//
//   class Fields final : public StatefulProtocol<Fields> {
//    public:
//     State get_initial_state() { return {&Fields::length, 1}; }
//
//    private:
//     State length(Bytes b) { return {&Fields::text, std::to_integer<std::size_t>(b[0])}; }
//     State text(Bytes text);
//   };
//
// A state's bytes are given where they lie, valid for that call only: the receive buffer must hold
// those of the largest. Where it does not, the connection ends with `message_too_long`. P names the
// size as a static constant `receive_min`, which a server and a client see to.
template <class P>
class StatefulProtocol : public Protocol {
 public:
  struct State {
    State (P::*received)(Bytes bytes) = nullptr;
    // How many bytes `received` is given. 0 is called at once, with none: as for a text that is
    // announced to be empty. A circle of such states has no end.
    std::size_t size = 0;
    Taken taken = Taken::yes;
  };

  // The same state once more.
  static constexpr State same_state() { return {}; }
  // The same state with the same bytes, later; see Taken.
  static constexpr State not_now() { return {.taken = Taken::not_now}; }

  std::size_t data_received(Bytes data) final {
    if (state_.received == nullptr) state_ = self().get_initial_state();
    std::size_t used = kept_ ? 1 : 0;
    while (transport().reading() && data.size() - used >= state_.size) {
      const State next = (self().*state_.received)(data.subspan(used, state_.size));
      if (next.taken == Taken::not_now) break;
      used += state_.size;
      if (next.received != nullptr) state_ = next;
      if (next.taken == Taken::last) return used;
    }
    // What is offered again is never empty, so for a state that needs nothing one byte that was
    // used stays behind.
    kept_ = state_.size == 0 && used == data.size();
    return kept_ ? used - 1 : used;
  }

 protected:
  StatefulProtocol() = default;
  ~StatefulProtocol() = default;

 private:
  P& self() { return static_cast<P&>(*this); }

  State state_;
  bool kept_ = false;  // the first byte that is offered next was used before
};

}  // namespace bobbin
