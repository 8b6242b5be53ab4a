// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connection_pool.hpp>

#include <memory>

#include <bobbin/assert.hpp>
#include <bobbin/connection_owner.hpp>
#include <bobbin/listening_port.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// Time in one word, in units of 1,024 microseconds.
std::uint32_t coarse(Instant when) {
  return static_cast<std::uint32_t>(when.time_since_epoch().count() >> 10);
}

Duration fine(std::uint32_t length) { return Duration(std::int64_t{length} << 10); }

}  // namespace

ConnectionPool::ConnectionPool(Memory memory, const ConnectionLimits& limits)
    : transports_(memory.transports),
      buffers_(memory.buffers),
      slots_(memory.slots),
      limits_(limits) {}

Transport* ConnectionPool::acquire(ConnectionOwner& owner) {
  const std::uint32_t index = slots_.acquire();
  if (index == SlotPool::none) return nullptr;
  // All receive buffers, then all rings: on a host what is never used is not there either.
  std::byte* const receive = buffers_ + std::size_t{index} * limits_.receive;
  std::byte* const rings = buffers_ + std::size_t{slots_.capacity()} * limits_.receive;
  const Transport::Buffers buffers{
      .receive = {receive, limits_.receive},
      .send = {rings + std::size_t{index} * limits_.send, limits_.send}};
  return new (transports_ + index * sizeof(Transport)) Transport(owner, buffers);
}

void ConnectionPool::release(Transport& transport) {
  const std::uint32_t index = index_of(transport);
  transport.~Transport();
  slots_.release(index);
  // All of them, in their order: the first may have nobody to accept, or no protocol.
  while (waiting_ != nullptr) waiting_->accept_again();
}

void ConnectionPool::put_back(Transport& transport) {
  const std::uint32_t index = index_of(transport);
  transport.~Transport();
  slots_.put_back(index);
}

void ConnectionPool::close_all(ConnectionOwner& owner) {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (!slots_.in_use(index)) continue;
    Transport& transport = *at(index);
    if (&transport.owner_ != &owner) continue;
    // Over means that its own connection_lost is what destroys the owner, under its own feet.
    BOBBIN_ASSERT(transport.state_ != Transport::State::over);
    transport.abort_connection();
    transport.deliver_loss();
  }
}

void ConnectionPool::lose_all(const ConnectionOwner& owner) {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (slots_.in_use(index) && &at(index)->owner_ == &owner) at(index)->lose_connection();
  }
}

void ConnectionPool::note_activity(const Transport& transport, Instant now) {
  slots_.word(index_of(transport)) = coarse(now);
}

void ConnectionPool::note_activity(const ConnectionOwner& owner, Instant now) {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (slots_.in_use(index) && &at(index)->owner_ == &owner) note_activity(*at(index), now);
  }
}

ConnectionPool::Idle ConnectionPool::idlest(const ConnectionOwner& owner, Instant now) const {
  Transport* found = nullptr;
  std::uint32_t longest = 0;
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (!slots_.in_use(index)) continue;
    Transport& transport = *at(index);
    if (transport.about_to_end()) return {};
    if (&transport.owner_ != &owner) continue;
    const bool marked = ReadyList::linked(transport);
    const std::uint32_t idle = marked ? 0 : coarse(now) - slots_.word(index);
    if (found != nullptr && idle <= longest) continue;
    found = &transport;
    longest = idle;
  }
  return {.transport = found, .length = fine(longest)};
}

Transport* ConnectionPool::at(std::uint32_t index) const {
  return std::launder(reinterpret_cast<Transport*>(transports_ + index * sizeof(Transport)));
}

std::uint32_t ConnectionPool::index_of(const Transport& transport) const {
  const auto* place = reinterpret_cast<const std::byte*>(&transport);
  return static_cast<std::uint32_t>(static_cast<std::size_t>(place - transports_) /
                                    sizeof(Transport));
}

std::size_t ConnectionRegion::bytes_needed(const ConnectionSizes& sizes) {
  return sizes.connections *
         (sizeof(Transport) + sizeof(SlotPool::Slot) + sizes.receive + sizes.send);
}

ConnectionRegion::ConnectionRegion(MutableBytes region, const ConnectionSizes& sizes)
    : ConnectionPool(divide(region, sizes), limits_of(sizes)) {}

// Transports first, then slots, then bytes: each part is aligned if the one before it is.
ConnectionPool::Memory ConnectionRegion::divide(MutableBytes region, const ConnectionSizes& sizes) {
  static_assert(alignof(Transport) >= alignof(SlotPool::Slot));
  BOBBIN_ASSERT(valid(sizes));
  BOBBIN_ASSERT(region.size() >= bytes_needed(sizes));
  std::byte* const slots = region.data() + sizes.connections * sizeof(Transport);
  auto* const first = reinterpret_cast<SlotPool::Slot*>(slots);
  for (std::size_t i = 0; i < sizes.connections; ++i) std::construct_at(first + i);
  return {.transports = region.data(),
          .buffers = slots + sizes.connections * sizeof(SlotPool::Slot),
          .slots = {first, sizes.connections}};
}

}  // namespace bobbin
