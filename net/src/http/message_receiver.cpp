// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/message_receiver.hpp>

#include <chrono>

#include <bobbin/assert.hpp>

namespace bobbin::http {

void MessageReceiver::begin(const BodyLength& length, std::uint64_t limit) {
  decoder_.begin(length, limit);
  came_ = 0;
  held_back_ = false;
}

bool MessageReceiver::take(Bytes& data, Bytes piece, std::size_t used) {
  BOBBIN_ASSERT(used <= piece.size());
  held_back_ = used < piece.size();
  came_ += used;
  decoder_.take(used);
  data = data.subspan(used);
  return used > 0;
}

bool MessageReceiver::comes_too_slowly(const Transport& transport, const Pace& pace) const {
  // In millionths of a byte, as a division of 64 bits is a large function on a small processor.
  const auto least = pace.rate * static_cast<std::uint64_t>(pace.span.count());
  const std::uint64_t came = came_ * std::uint64_t{Duration(std::chrono::seconds(1)).count()};
  return !held_back_ && transport.reading() && came < least;
}

}  // namespace bobbin::http
