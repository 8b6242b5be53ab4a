// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/testing/string_transport.hpp>

#include <algorithm>
#include <cstring>

#include <bobbin/assert.hpp>
#include <bobbin/transport.hpp>

namespace bobbin {

void StringChannel::begin(const Addresses& addresses) {
  addresses_ = addresses;
  written_ = fed_ = 0;
  takes_ = everything;
  reason_ = {};
  ending_ = Ending::none;
  at_end_ = false;
  set_whole();
}

bool StringChannel::feed(Bytes bytes) {
  if (at_end_ || bytes.size() > storage_.input.size() - fed_) return false;
  std::copy(bytes.begin(), bytes.end(), storage_.input.begin() + static_cast<std::ptrdiff_t>(fed_));
  fed_ += bytes.size();
  return true;
}

// Also what becomes of a connection that is broken.
void StringChannel::abort() {
  if (!broken()) ending_ = Ending::aborted;
}

void StringChannel::break_for(Error reason) {
  reason_ = reason;
  set_broken();
}

Channel::ReadResult StringChannel::read(MutableBytes space) {
  using Status = ReadResult::Status;
  const std::size_t count = std::min(space.size(), fed_);
  if (count > 0) {
    std::memcpy(space.data(), storage_.input.data(), count);
    fed_ -= count;
    std::memmove(storage_.input.data(), storage_.input.data() + count, fed_);
    return {.bytes = count, .status = Status::more};
  }
  if (broken()) return {.status = Status::failed, .error = reason_};
  return {.status = at_end_ ? Status::ended : Status::drained};
}

Channel::WriteResult StringChannel::write(const TwoSpans& bytes) {
  if (broken()) return {.error = reason_};
  const std::size_t taken = take(bytes.first) + take(bytes.second);
  return {.handed = taken, .released = taken};
}

std::size_t StringChannel::take(Bytes bytes) {
  const std::size_t room = std::min(storage_.written.size() - written_, takes_);
  const Bytes taken = bytes.first(std::min(bytes.size(), room));
  std::copy(taken.begin(), taken.end(),
            storage_.written.begin() + static_cast<std::ptrdiff_t>(written_));
  written_ += taken.size();
  if (takes_ != everything) takes_ -= taken.size();
  return taken.size();
}

Error StringTransportBase::connect(Protocol& protocol, const StringChannel::Addresses& addresses) {
  if (Error error = prepare(reactor_, addresses.peer, {})) return error;
  protocol_ = &protocol;
  reason_ = {};
  channel_.begin(addresses);
  const Error made = proceed(static_cast<Channel*>(&channel_));
  BOBBIN_ASSERT(!made);
  reactor_.mark_writable(selectable());
  settle();
  return {};
}

void StringTransportBase::receive(Bytes bytes) {
  if (!connected()) return;
  const bool fits = channel_.feed(bytes);
  BOBBIN_ASSERT(fits);
  reactor_.mark_readable(selectable());
  settle();
}

void StringTransportBase::receive_bytewise(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) receive(text.substr(i, 1));
}

void StringTransportBase::receive_end() {
  if (!connected()) return;
  channel_.feed_end();
  reactor_.mark_readable(selectable());
  settle();
}

void StringTransportBase::lose(Error reason) {
  if (!connected()) return;
  channel_.break_for(reason);
  reactor_.mark_readable(selectable());
  reactor_.mark_writable(selectable());
  settle();
}

void StringTransportBase::clear() {
  channel_.clear();
  if (connected()) reactor_.mark_writable(selectable());
  settle();
}

void StringTransportBase::take(std::size_t count) {
  channel_.take_at_most(count);
  if (connected()) reactor_.mark_writable(selectable());
  settle();
}

bool StringTransportBase::disconnecting() const {
  if (connected()) return protocol_->transport().disconnecting();
  return channel_.ending() == StringChannel::Ending::closed;
}

void StringTransportBase::settle() {
  for (int turns = 0; turns < turns_max; ++turns) {
    reactor_.turn(Duration::zero());
    if (reactor_.next_deadline() > reactor_.now()) return;
  }
}

}  // namespace bobbin
