// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "poem.hpp"

namespace poetry {

using Client = bobbin::CoroutineClient<listening>;

// A poem, as a coroutine: what happens, in the order in which it happens.
inline Task<Error> get_poem(Frame<240>&, Reactor& reactor, Client& client, Poem& poem) {
  Stream stream;
  if (Error error = co_await client.open(reactor, poem.server(), stream)) co_return error;
  while (true) {
    const Result<Bytes> more = co_await stream.read();
    if (!more) co_return error_of_end(more.error());
    if (!poem.add(*more)) co_return Errc::message_too_long;
  }
}

inline Task<Error> get_poem_within(Frame<480>&, Duration limit, Reactor& reactor, Client& client,
                                   Poem& poem) {
  Frame<240> frame;
  co_return co_await within(reactor, limit, get_poem(frame, reactor, client, poem));
}

// All of them at once.
class CoroutineStyle {
 public:
  CoroutineStyle(Reactor& reactor, Duration limit) : reactor_(reactor), limit_(limit) {}

  void get(Poem& poem) {
    Download& download = downloads_[count_++];
    const auto spawned =
        coroutines_.spawn(get_poem_within(download.frame, limit_, reactor_, download.client, poem),
                          [&poem](Error error) { poem.end(error); });
    if (!spawned) poem.end(spawned.error());
  }

 private:
  struct Download {
    Client client;
    Frame<480> frame;
  };

  Reactor& reactor_;
  Duration limit_;
  std::size_t count_ = 0;
  Download downloads_[poems_max];
  bobbin::Coroutines<poems_max> coroutines_;
};

}  // namespace poetry
