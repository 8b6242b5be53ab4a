// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "datagram_channel.hpp"

#include <algorithm>
#include <utility>

#include <bobbin/lwip/reactor.hpp>

#include <lwip/igmp.h>
#include <lwip/ip.h>
#include <lwip/mld6.h>

#include "address.hpp"
#include "error.hpp"
#include "from_lwip.hpp"

namespace bobbin {

namespace {

// A frame's payload where the interface does not say, as the loopback's does not.
constexpr std::size_t usual_mtu = 1500;

// RFC 8200, 3. lwIP has a name for it only if it knows the family.
constexpr std::size_t ip6_header = 40;

// lwIP's memory, unlike that of a connection, comes back without a word.
Error error_of_datagram(err_t code) {
  if (code == ERR_MEM || code == ERR_BUF || code == ERR_WOULDBLOCK) {
    return {Errc::would_block, code};
  }
  return error_of(code, Connected::not_yet);
}

// What a datagram may hold: it is not cut into fragments.
std::size_t longest_for(const netif& interface, [[maybe_unused]] const ip_addr_t& to) {
  const std::size_t header = IP_IS_V6_VAL(to) ? ip6_header : IP_HLEN;
  const std::size_t mtu = interface.mtu != 0 ? interface.mtu : usual_mtu;
  return mtu - header - UDP_HLEN;
}

// The index of the interface with this address; NETIF_NO_INDEX if there is none.
std::uint8_t interface_with([[maybe_unused]] const Address& address) {
#if LWIP_IPV4
  ip_addr_t ip;
  to_lwip(address, ip);
  for (netif* item = netif_list; item != nullptr; item = item->next) {
    if (ip4_addr_cmp(netif_ip4_addr(item), ip_2_ip4(&ip))) return netif_get_index(item);
  }
#endif
  return NETIF_NO_INDEX;
}

// lwIP keeps memberships by interface, and counts how often each was asked for.
enum class Change : std::uint8_t { join, leave };

err_t change_membership([[maybe_unused]] Change change, [[maybe_unused]] const ip_addr_t& group,
                        [[maybe_unused]] const ip_addr_t& interface) {
#if LWIP_IPV6_MLD
  if (IP_IS_V6_VAL(group)) {
    const ip6_addr_t& ip6 = *ip_2_ip6(&group);
    netif* const only = netif_get_by_index(ip6_addr_zone(&ip6));
    if (only == nullptr) return ERR_VAL;
    return change == Change::join ? mld6_joingroup_netif(only, &ip6)
                                  : mld6_leavegroup_netif(only, &ip6);
  }
#endif
#if LWIP_IGMP
  const ip4_addr_t* const ip4 = ip_2_ip4(&group);
  const ip4_addr_t* const on = ip_2_ip4(&interface);
  return change == Change::join ? igmp_joingroup(on, ip4) : igmp_leavegroup(on, ip4);
#else
  return ERR_VAL;
#endif
}

}  // namespace

Error LwipDatagramChannel::open(const ip_addr_t& ip, std::uint16_t port,
                                const UdpOptions& options) {
  if (options.multicast_interface != Address()) {
    multicast_interface_ = interface_with(options.multicast_interface);
    if (multicast_interface_ == NETIF_NO_INDEX) return Errc::address_not_available;
  }
  udp_pcb* const pcb = udp_new_ip_type(IP_GET_TYPE(&ip));
  if (pcb == nullptr) return error_of(ERR_MEM, Connected::not_yet);
#if SO_REUSE
  if (options.shared) ip_set_option(pcb, SOF_REUSEADDR);
#endif
#if LWIP_MULTICAST_TX_OPTIONS
  udp_set_multicast_ttl(pcb, options.multicast_ttl);
  if (options.multicast_loop) udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
#endif
  multicast_ttl_ = options.multicast_ttl;
  broadcast_ = options.broadcast;
  if (const err_t code = udp_bind(pcb, &ip, port); code != ERR_OK) {
    udp_remove(pcb);
    return error_of(code, Connected::not_yet);
  }
  udp_recv(pcb, received, this);
  pcb_ = pcb;
  return {};
}

void LwipDatagramChannel::received(void* channel, udp_pcb*, pbuf* data, const ip_addr_t* from,
                                   std::uint16_t port) {
  auto& self = *static_cast<LwipDatagramChannel*>(channel);
  const FromLwip call(self.reactor_);
  if (!self.hears(*ip_current_dest_addr())) {
    pbuf_free(data);
  } else if (!self.may_keep(*data)) {
    self.count_dropped();
    pbuf_free(data);
  } else {
    self.waiting_[self.waiting_count_++] = {.data = data, .from = *from, .port = port};
    self.reactor_.mark_readable(self.owner_);
  }
}

// Bounded in pbufs too, for which lwIP's pool is reckoned. A datagram that is longer than a frame
// cannot come.
bool LwipDatagramChannel::may_keep(const pbuf& data) const {
  if (waiting_count_ == waiting_.size()) return false;
  std::size_t pbufs = pbuf_clen(&data);
  for (std::size_t i = 0; i < waiting_count_; ++i) pbufs += pbuf_clen(waiting_[i].data);
  return pbufs <= options::datagram_pbufs;
}

// An interface that is a member hears the group for every pcb.
bool LwipDatagramChannel::hears(const ip_addr_t& destination) {
  if (!ip_addr_ismulticast(&destination)) return true;
  return find(destination) != nullptr;
}

LwipDatagramChannel::Membership* LwipDatagramChannel::find(const ip_addr_t& group) {
  for (std::size_t i = 0; i < group_count_; ++i) {
    if (ip_addr_cmp(&groups_[i].group, &group)) return &groups_[i];
  }
  return nullptr;
}

DatagramChannel::Received LwipDatagramChannel::receive(MutableBytes space) {
  if (waiting_count_ == 0) return {};
  const Waiting first = waiting_[0];
  std::copy(waiting_.begin() + 1, waiting_.begin() + waiting_count_, waiting_.begin());
  --waiting_count_;
  lent_ = first.data;
  const std::size_t length = lent_->tot_len;
  if (length > space.size()) {
    done();
    return {.status = Received::Status::too_long};
  }
  Bytes bytes{static_cast<const std::byte*>(lent_->payload), length};
  if (lent_->len < length) {
    pbuf_copy_partial(lent_, space.data(), lent_->tot_len, 0);
    bytes = space.first(length);
  }
  return {.status = Received::Status::datagram,
          .bytes = bytes,
          .from = from_lwip(first.from, first.port)};
}

void LwipDatagramChannel::done() {
  if (lent_ != nullptr) pbuf_free(std::exchange(lent_, nullptr));
}

// lwIP looks at the bytes until the interface has sent or copied the frame, or ARP has copied it;
// all of that happens in this call.
Error LwipDatagramChannel::send(Bytes datagram, const Address& to) {
  ip_addr_t ip;
  if (!to_lwip(to, ip)) return Errc::not_supported;
  netif* const interface = route(ip);
  if (interface == nullptr) return {Errc::unreachable, ERR_RTE};
  if (datagram.size() > longest_for(*interface, ip)) return Errc::message_too_long;
  if (!broadcast_ && ip_addr_isbroadcast(&ip, interface)) return Errc::permission_denied;
  const auto length = static_cast<u16_t>(datagram.size());
  pbuf* const data = pbuf_alloc(PBUF_RAW, length, PBUF_REF);
  if (data == nullptr) return {Errc::would_block, ERR_MEM};
  data->payload = const_cast<std::byte*>(datagram.data());
  pcb_->ttl = ip_addr_ismulticast(&ip) ? multicast_ttl_ : UDP_TTL;
  const err_t code = udp_sendto_if(pcb_, data, &ip, to.port(), interface);
  pbuf_free(data);
  return code == ERR_OK ? Error() : error_of_datagram(code);
}

netif* LwipDatagramChannel::route(const ip_addr_t& to) const {
  if (ip_addr_ismulticast(&to) && multicast_interface_ != NETIF_NO_INDEX) {
    return netif_get_by_index(multicast_interface_);
  }
  return ip_route(&pcb_->local_ip, &to);
}

Error LwipDatagramChannel::connect(const Address& peer) {
  ip_addr_t ip;
  if (!to_lwip(peer, ip)) return Errc::not_supported;
  if (route(ip) == nullptr) return {Errc::unreachable, ERR_RTE};
  const err_t code = udp_connect(pcb_, &ip, peer.port());
  return code == ERR_OK ? Error() : error_of(code, Connected::not_yet);
}

Error LwipDatagramChannel::join_group(const Address& group, const Address& interface) {
  if constexpr (options::groups == 0) return Errc::not_supported;
  Membership wanted;
  to_lwip(group, wanted.group);
  to_lwip(interface, wanted.interface);
  if (find(wanted.group) != nullptr) return Errc::already_registered;
  if (group_count_ == groups_.size()) return Errc::no_capacity;
  const err_t code = change_membership(Change::join, wanted.group, wanted.interface);
  if (code == ERR_VAL) return {Errc::address_not_available, code};
  if (code != ERR_OK) return error_of(code, Connected::not_yet);
  groups_[group_count_++] = wanted;
  return {};
}

Error LwipDatagramChannel::leave_group(const Address& group, const Address&) {
  if constexpr (options::groups == 0) return Errc::not_supported;
  ip_addr_t ip;
  to_lwip(group, ip);
  Membership* const membership = find(ip);
  if (membership == nullptr) return Errc::address_not_available;
  change_membership(Change::leave, membership->group, membership->interface);
  *membership = groups_[--group_count_];
  return {};
}

Address LwipDatagramChannel::host() const { return from_lwip(pcb_->local_ip, pcb_->local_port); }

// What its owner looks at stays until `done`.
void LwipDatagramChannel::close() {
  for (std::size_t i = 0; i < group_count_; ++i) {
    change_membership(Change::leave, groups_[i].group, groups_[i].interface);
  }
  group_count_ = 0;
  for (std::size_t i = 0; i < waiting_count_; ++i) pbuf_free(waiting_[i].data);
  waiting_count_ = 0;
  udp_remove(std::exchange(pcb_, nullptr));
}

}  // namespace bobbin
