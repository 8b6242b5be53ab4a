// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/channel.hpp>
#include <bobbin/memory/network.hpp>
#include <bobbin/reactor.hpp>

namespace bobbin::memory {

// One end of a simulated connection.
class MemoryChannel final : public Channel {
 public:
  struct Place {
    Network& network;
    Link& link;
    int end;
  };

  MemoryChannel(Place place, Reactor& reactor, Selectable& owner);

  void mark_readable() { reactor_.mark_readable(owner_); }
  void mark_writable() { reactor_.mark_writable(owner_); }
  void mark_broken();

  ReadResult read(MutableBytes space) override;
  Lent lend() override;
  void used(std::size_t count) override;
  WriteResult write(const TwoSpans& bytes) override;
  void shut_down_writing() override;
  void close() override;
  void abort() override;
  Error finish_connect() override;
  Address host() const override { return end().address; }
  Address peer() const override { return place_.link.ends[1 - place_.end].address; }

 private:
  Link::End& end() const { return place_.link.ends[place_.end]; }
  std::size_t take(Bytes bytes);
  ReadResult nothing_to_read() const;

  Place place_;
  Reactor& reactor_;
  Selectable& owner_;
};

class MemoryAcceptor final : public Acceptor {
 public:
  struct Place {
    Network& network;
    Reactor& reactor;
    Selectable& owner;
  };

  MemoryAcceptor(Place place, const Address& address, int backlog);

  Result<Channel*> accept(ChannelSlot& slot, Selectable& owner) override;
  bool has_waiting() override { return first_waiting_ != nullptr; }
  Address host() const override;
  void close() override { place_.network.stop_listening(*this); }

 private:
  friend class Network;

  void mark_readable() { place_.reactor.mark_readable(place_.owner); }

  Place place_;
  int backlog_;
  int waiting_count_ = 0;
  Link* first_waiting_ = nullptr;
  MemoryAcceptor* next_ = nullptr;
  // Not an Address: that has room for a path, and an acceptor's slot has not.
  Address::Family family_;
  std::uint16_t port_;
  Address::Ip6 bytes_;
};

}  // namespace bobbin::memory
