// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "quiz.hpp"

#include "example.hpp"

namespace {

// Each conversation holds one of a board's 16 timers while it waits for an answer.
constexpr bobbin::ConnectionSizes sizes{.connections = 8, .receive = 64, .send = 128};

}  // namespace

const std::uint16_t example::default_port = 7777;

int example::run(Reactor& reactor, const Options& options) {
  static bobbin::Coroutines<sizes.connections> coroutines;
  static bobbin::CoroutineServer<sizes, quiz::frame_bytes> server(
      coroutines, [&reactor](auto& frame, bobbin::Stream& stream) {
        return quiz::converse(frame, reactor, stream);
      });
  coroutines.on_error([](bobbin::Error error) { print("a conversation ended: ", error); });
  return serve(reactor, options, server);
}
