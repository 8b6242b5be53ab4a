// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/connector.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

Error Connector::check_tcp(const Address& destination) {
  if (destination.family() == Address::Family::unix_path) return Errc::not_supported;
  return destination.port() != 0 ? Error() : Errc::invalid_argument;
}

Error Connector::prepare(Reactor& reactor, const Address& destination,
                         const ConnectOptions& options) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (state_ != State::disconnected) return Errc::already_running;
  if (options.timeout <= Duration::zero()) return Errc::invalid_argument;
  if (Error error = attach(reactor)) return error;
  if (!pool().has_room() || !factory_.has_room()) return Errc::no_capacity;
  const Result<DelayedCall> call =
      reactor.call_later(options.timeout, [this] { give_up(Errc::timed_out); });
  if (!call) return call.error();
  timeout_ = *call;
  transport_ = pool().acquire(*this);
  destination_ = destination;
  state_ = State::connecting;
  return {};
}

ChannelSlot& Connector::channel_slot() { return transport_->channel_slot(); }

Selectable& Connector::selectable() { return transport_->selectable(); }

Error Connector::proceed(Result<Channel*> channel) {
  BOBBIN_ASSERT(state_ == State::connecting);
  if (channel) {
    transport_->connect(**channel);
    return {};
  }
  timeout_.cancel();
  state_ = State::disconnected;
  pool().put_back(*transport_);
  transport_ = nullptr;
  return channel.error();
}

void Connector::stop_connecting() { give_up(Errc::cancelled); }

void Connector::disconnect() {
  if (state_ == State::connected) return transport_->lose_connection();
  stop_connecting();
}

void Connector::abort() {
  if (state_ == State::connected) return transport_->abort_connection();
  stop_connecting();
}

void Connector::give_up(Error reason) {
  if (state_ != State::connecting || transport_->channel_ == nullptr) return;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  transport_->channel_->abort();
  transport_->lose(reason);
}

void Connector::connection_ready(Transport& transport) {
  Channel& channel = *transport.channel_;
  Protocol* const protocol = factory_.build_protocol(channel.peer());
  // Given up from inside that call.
  if (transport.channel_ == nullptr) {
    if (protocol != nullptr) factory_.protocol_done(*protocol);
    return;
  }
  if (protocol == nullptr) {
    channel.abort();
    return transport.lose(Errc::connection_aborted);
  }
  timeout_.cancel();
  state_ = State::connected;
  transport.open(channel, *protocol);
}

void Connector::connection_over(Transport& transport, Protocol* protocol, Error reason) {
  timeout_.cancel();
  state_ = State::disconnected;
  transport_ = nullptr;
  Statistics& statistics = reactor()->statistics_;
  ++(protocol != nullptr ? statistics.connections_lost : statistics.connections_failed);
  if (protocol != nullptr) factory_.protocol_done(*protocol);
  pool().release(transport);
  if (protocol != nullptr) {
    factory_.client_connection_lost(reason);
  } else {
    factory_.client_connection_failed(reason);
  }
}

}  // namespace bobbin
