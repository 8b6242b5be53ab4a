// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "poem_client.hpp"

namespace poetry {

// A poem, with callbacks. What happens when is told by who calls whom: each of the ways in which
// it may end comes to a function of its own, and all of them must lead to `finish`.
class CallbackDownload final : public PoemClient {
 public:
  using Done = bobbin::InplaceFunction<void(Error)>;

  CallbackDownload() = default;
  ~CallbackDownload() { shut_down(); }

  // Calls `done` once: when the poem is here, or cannot be had within `limit`.
  void get(Reactor& reactor, Poem& poem, Duration limit, Done done) {
    done_ = done;
    outcome_ = Error();
    const auto timeout = reactor.call_later(limit, [this] { give_up(Errc::timed_out); });
    if (!timeout) return finish(timeout.error());
    timeout_ = *timeout;
    if (Error error = connect(reactor, poem)) finish(error);
  }

 private:
  // How it ends is known only when the connection has.
  void give_up(Error why) {
    outcome_ = why;
    disconnect();
  }

  void poem_is_too_long() override { give_up(Errc::message_too_long); }
  void client_connection_failed(Error reason) override { finish(reason); }
  void client_connection_lost(Error reason) override { finish(error_of_end(reason)); }

  void finish(Error error) {
    timeout_.cancel();
    done_(outcome_ ? outcome_ : error);
  }

  Done done_;
  Error outcome_;
  DelayedCall timeout_;
};

// All of them at once.
class CallbackStyle {
 public:
  CallbackStyle(Reactor& reactor, Duration limit) : reactor_(reactor), limit_(limit) {}

  void get(Poem& poem) {
    downloads_[count_++].get(reactor_, poem, limit_, [&poem](Error error) { poem.end(error); });
  }

 private:
  Reactor& reactor_;
  Duration limit_;
  std::size_t count_ = 0;
  CallbackDownload downloads_[poems_max];
};

}  // namespace poetry
