// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <bobbin/producer.hpp>

namespace bobbin::test {

// What a producer writes to, without a connection: takes up to `room` bytes and keeps them.
class FakeConsumer {
 public:
  std::size_t write(Bytes bytes) {
    const Bytes taken = bytes.first(std::min(bytes.size(), room));
    written += text_of(taken);
    room -= taken.size();
    ++writes;
    return taken.size();
  }

  Error register_producer(PushProducer& producer) { return take(producer); }
  Error register_producer(PullProducer& producer) { return take(producer); }
  void unregister_producer() { registered = nullptr; }

  std::string written;
  std::size_t room = SIZE_MAX;
  int writes = 0;
  Producer* registered = nullptr;

 private:
  Error take(Producer& producer) {
    if (registered != nullptr) return Errc::already_registered;
    registered = &producer;
    return {};
  }
};

static_assert(Consumer<FakeConsumer>);

}  // namespace bobbin::test
