// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/datagram_port.hpp>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin {

namespace {

// Scopes are left to the channel: only link-local addresses come with one.
bool same_place(const Address& a, const Address& b) {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == Address::Family::ip4) return a.ip4_bytes() == b.ip4_bytes();
  return a.ip6_bytes() == b.ip6_bytes();
}

bool is_any(const Address& address) {
  const Address host = address.with_port(0);
  return host == Address() || host == Address::ip6({}, 0, address.scope());
}

}  // namespace

DatagramPort::DatagramPort(DatagramProtocol& protocol, MutableBytes buffer)
    : protocol_(protocol), buffer_(buffer) {}

Address DatagramPort::host() const { return listening() ? channel_->host() : Address(); }

Error DatagramPort::prepare(Reactor& reactor, const Address& address, const UdpOptions& options) {
  BOBBIN_ASSERT_CONTEXT(reactor);
  if (state_ != State::idle) return Errc::already_running;
  if (address.family() == Address::Family::unix_path) return Errc::not_supported;
  if (options.multicast_interface.family() != Address::Family::ip4) return Errc::invalid_argument;
  family_ = address.family();
  return attach(reactor);
}

void DatagramPort::start(DatagramChannel& channel) {
  channel_ = &channel;
  peer_ = Address();
  input_ = Input::flowing;
  readable_ = false;
  state_ = State::starting;
  reactor()->mark_writable(*this);
}

void DatagramPort::stop_listening() {
  if (!listening()) return;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  statistics_.dropped_no_room += channel_->dropped();
  channel_->close();
  channel_ = nullptr;
  Reactor::forget(*this);
  if (state_ == State::starting) {
    state_ = State::idle;
  } else {
    state_ = State::stopping;
    reactor()->mark_writable(*this);
  }
}

void DatagramPort::end() {
  stop_listening();
  if (state_ != State::stopping) return;
  Reactor::forget(*this);
  finish();
}

void DatagramPort::do_read() {
  readable_ = true;
  if (state_ == State::starting) begin();
  receive();
}

void DatagramPort::do_write() {
  switch (state_) {
    case State::starting: return begin();
    case State::stopping: return finish();
    case State::idle:
    case State::open: return;
  }
}

void DatagramPort::begin() {
  state_ = State::open;
  protocol_.do_start(*this);
}

// The protocol may listen again from inside.
void DatagramPort::finish() {
  state_ = State::idle;
  protocol_.do_stop();
}

void DatagramPort::pause_producing() {
  if (listening()) BOBBIN_ASSERT_CONTEXT(*reactor());
  input_ = Input::paused;
}

void DatagramPort::resume_producing() {
  input_ = Input::flowing;
  if (!listening()) return;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  if (readable_) reactor()->mark_readable(*this);
}

// Until there is no more, the protocol does not want any, or the turn's budget for one port is used
// up; what is not delivered is on that budget too.
void DatagramPort::receive() {
  const Budget& budget = reactor()->budget();
  std::size_t bytes = 0;
  for (std::uint32_t count = 0; count < budget.datagrams; ++count) {
    if (!reading()) return;
    const DatagramChannel::Received received = channel_->receive(buffer_);
    if (received.status == DatagramChannel::Received::Status::drained) {
      readable_ = false;
      return;
    }
    bytes += received.bytes.size();
    take(received);
    if (bytes >= budget.bytes) break;
  }
  if (reading()) reactor()->mark_readable(*this);
}

void DatagramPort::take(const DatagramChannel::Received& received) {
  using Status = DatagramChannel::Received::Status;
  switch (received.status) {
    case Status::datagram: return deliver(received.bytes, received.from);
    case Status::too_long: ++statistics_.dropped_too_long; return;
    case Status::refused:
      if (connected()) protocol_.connection_refused();
      return;
    case Status::trouble:
    case Status::drained: return;
  }
}

// What others had sent before we connected may still wait in the channel.
void DatagramPort::deliver(Bytes datagram, const Address& from) {
  DatagramChannel& channel = *channel_;
  if (!connected() || same_place(from, peer_)) {
    ++statistics_.received;
    reactor()->statistics_.bytes_received += datagram.size();
    protocol_.datagram_received(datagram, from);
  }
  channel.done();
}

Error DatagramPort::write(Bytes datagram, const Address& to) {
  if (Error error = check(to)) return error;
  return send(datagram, to);
}

Error DatagramPort::write(Bytes datagram) {
  if (!listening()) return Errc::not_running;
  if (!connected()) return Errc::invalid_argument;
  return send(datagram, peer_);
}

Error DatagramPort::send(Bytes datagram, const Address& to) {
  BOBBIN_ASSERT_CONTEXT(*reactor());
  if (Error error = channel_->send(datagram, to)) return error;
  ++statistics_.sent;
  reactor()->statistics_.bytes_sent += datagram.size();
  return {};
}

Error DatagramPort::connect(const Address& peer) {
  if (Error error = check(peer)) return error;
  if (is_any(peer) || peer.is_multicast()) return Errc::invalid_argument;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  if (Error error = channel_->connect(peer)) return error;
  peer_ = peer;
  return {};
}

// Whether a datagram could be for `address`.
Error DatagramPort::check(const Address& address) const {
  if (!listening()) return Errc::not_running;
  if (address.family() != family_) return Errc::not_supported;
  return address.port() != 0 ? Error() : Errc::invalid_argument;
}

Error DatagramPort::join_group(const Address& group, const Address& interface) {
  if (Error error = check_group(group, interface)) return error;
  return channel_->join_group(group, interface);
}

Error DatagramPort::leave_group(const Address& group, const Address& interface) {
  if (Error error = check_group(group, interface)) return error;
  return channel_->leave_group(group, interface);
}

Error DatagramPort::check_group(const Address& group, const Address& interface) const {
  if (!listening()) return Errc::not_running;
  BOBBIN_ASSERT_CONTEXT(*reactor());
  if (group.family() != family_) return Errc::not_supported;
  const bool possible = group.is_multicast() && interface.family() == Address::Family::ip4;
  return possible ? Error() : Errc::invalid_argument;
}

DatagramStatistics DatagramPort::statistics() const {
  DatagramStatistics result = statistics_;
  if (listening()) result.dropped_no_room += channel_->dropped();
  return result;
}

}  // namespace bobbin
