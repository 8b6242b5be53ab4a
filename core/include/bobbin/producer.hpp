// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <concepts>
#include <cstddef>

#include <bobbin/bytes.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// Who produces bytes for a consumer. A producer is registered by reference and is the caller's; it
// must stay until it is unregistered or `stop_producing` was called. All calls may write, close,
// and register or unregister producers.
class Producer {
 public:
  // There is room: produce. For a push producer: start or start again, and go on until paused. For
  // a pull producer: write one piece, now. Called from the reactor, never from inside a call that
  // the producer made.
  virtual void resume_producing() = 0;

  // Never produce again: the connection is lost, or the consumer gives up. Also while paused. The
  // producer is no longer registered.
  virtual void stop_producing() = 0;

 protected:
  ~Producer() = default;
};

// Produces on its own account (a sensor, a timer, another connection): Twisted's IPushProducer.
class PushProducer : public Producer {
 public:
  // No more for a while. Called once for each crossing of the high-water mark, possibly from inside
  // the producer's own `write`: what that write took stands, and its return value says how much.
  virtual void pause_producing() = 0;

 protected:
  ~PushProducer() = default;
};

// Produces one piece each time it is asked (a file, a table in flash): Twisted's IPullProducer. If
// it writes nothing when asked it must unregister: it is asked again only after bytes drained.
class PullProducer : public Producer {
 protected:
  ~PullProducer() = default;
};

// What a producer asks of what it writes to: Twisted's IConsumer.
template <class T>
concept Consumer = requires(T& consumer, Bytes bytes, PushProducer& push, PullProducer& pull) {
  { consumer.write(bytes) } -> std::same_as<std::size_t>;
  { consumer.register_producer(push) } -> std::same_as<Error>;
  { consumer.register_producer(pull) } -> std::same_as<Error>;
  {consumer.unregister_producer()};
};

}  // namespace bobbin
