// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

#include "bobbin/mps2/ethernet.hpp"

#include <algorithm>
#include <cstring>

#include "bobbin/mps2/board.hpp"
#include "lan9118.hpp"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "netif/ethernet.h"

namespace bobbin::mps2 {

using namespace lan9118;

namespace {

static_assert(ETH_PAD_SIZE == 2, "the FIFOs' offsets below stand for lwIP's padding");
static_assert(PBUF_POOL_BUFSIZE % 4 == 0, "frames are read in whole words");

constexpr std::uint32_t checksum_bytes = 4;
constexpr std::uint32_t smallest_frame = 14;
constexpr unsigned frames_per_poll = 8;
constexpr std::uint32_t patience_us = 100'000;

// Set by the interrupt, which then stays off until poll() has drained the chip.
volatile bool attention = false;

template <typename Condition>
bool wait_for(Condition&& met) {
  const std::uint64_t deadline = now_us() + patience_us;
  while (!met()) {
    if (now_us() >= deadline) {
      return false;
    }
  }
  return true;
}

void finish_mac_command(std::uint32_t command) {
  register_at(mac_command) = command;
  (void)wait_for([] { return (register_at(mac_command) & mac_busy) == 0; });
}

std::uint32_t read_mac(Mac number) {
  finish_mac_command(mac_busy | mac_read | static_cast<std::uint32_t>(number));
  return register_at(mac_data);
}

void write_mac(Mac number, std::uint32_t value) {
  register_at(mac_data) = value;
  finish_mac_command(mac_busy | static_cast<std::uint32_t>(number));
}

void finish_phy_command(Phy number, std::uint32_t direction) {
  const std::uint32_t command =
      mii_address | (static_cast<std::uint32_t>(number) << 6) | direction | mii_busy;
  write_mac(Mac::mii_access, command);
  (void)wait_for([] { return (read_mac(Mac::mii_access) & mii_busy) == 0; });
}

std::uint32_t read_phy(Phy number) {
  finish_phy_command(number, 0);
  return read_mac(Mac::mii_data);
}

void write_phy(Phy number, std::uint32_t value) {
  write_mac(Mac::mii_data, value);
  finish_phy_command(number, mii_write);
}

bool reset_chip() {
  if (register_at(byte_test) != byte_test_pattern) {
    return false;
  }
  register_at(hardware_config) = software_reset;
  return wait_for([] { return (register_at(hardware_config) & software_reset) == 0; });
}

MacAddress chip_address() {
  const std::uint32_t low = read_mac(Mac::address_low);
  const std::uint32_t high = read_mac(Mac::address_high);
  MacAddress address;
  for (unsigned i = 0; i < address.size(); ++i) {
    address[i] = static_cast<std::uint8_t>(i < 4 ? low >> (8 * i) : high >> (8 * (i - 4)));
  }
  const bool unset = (low == 0 && (high & 0xFFFF) == 0) || (address[0] & 1) != 0;
  return unset ? default_mac : address;
}

void set_chip_address(const MacAddress& address) {
  write_mac(Mac::address_low, static_cast<std::uint32_t>(address[0]) | address[1] << 8 |
                                  address[2] << 16 | static_cast<std::uint32_t>(address[3]) << 24);
  write_mac(Mac::address_high, static_cast<std::uint32_t>(address[4] | address[5] << 8));
}

void switch_on() {
  register_at(hardware_config) = store_and_forward | send_fifo_5k;
  register_at(receive_config) = receive_offset(ETH_PAD_SIZE);
  register_at(send_config) = send_on;
  write_phy(Phy::control, autonegotiate);
  write_phy(Phy::interrupt_mask, phy_negotiated_or_down);
  constexpr std::uint32_t multicast = LWIP_IPV6 ? all_multicast : 0;
  write_mac(Mac::control, full_duplex | multicast | mac_send_enable | mac_receive_enable);
  register_at(fifo_interrupt) = 0;  // from the first frame on
  register_at(interrupt_status) = ~0U;
  register_at(interrupt_enable) = receive_level_interrupt | phy_interrupt;
  register_at(irq_config) = irq_on;
}

bool frame_waits() { return ((register_at(receive_fifo_info) >> 16) & 0xFF) != 0; }

// Bytes of a frame without its checksum.
std::uint32_t frame_length(std::uint32_t status) {
  const std::uint32_t length = (status >> 16) & 0x3FFF;
  return length < checksum_bytes ? 0 : length - checksum_bytes;
}

// Words of a frame in the FIFO: padding before and checksum behind it.
std::uint32_t frame_words(std::uint32_t length) {
  return (ETH_PAD_SIZE + length + checksum_bytes + 3) / 4;
}

// Reads a register for the side effect.
void drop(std::uintptr_t address) {
  [[maybe_unused]] const std::uint32_t value = register_at(address);
}

// By reading rather than with the chip's fast-forward, which needs four words or more.
void skip_words(std::uint32_t words) {
  while (words-- > 0) {
    drop(receive_data);
  }
}

// Each piece but the last is a multiple of four bytes long, as the pool's buffers are. Returns the
// number of words read.
std::uint32_t read_frame(pbuf* frame) {
  std::uint32_t words = 0;
  for (; frame != nullptr; frame = frame->next) {
    auto* to = static_cast<std::uint8_t*>(frame->payload);
    for (std::uint32_t left = frame->len; left != 0; ++words) {
      const std::uint32_t word = register_at(receive_data);
      const std::uint32_t bytes = std::min<std::uint32_t>(left, 4);
      std::memcpy(to, &word, bytes);
      to += bytes;
      left -= bytes;
    }
  }
  return words;
}

// Packs pieces of any length and alignment into the words of the FIFO.
class WordPacker {
 public:
  void append(const std::uint8_t* piece, std::uint32_t length) {
    for (; used_ != 0 && length != 0; --length) {
      append_byte(*piece++);
    }
    for (; length >= 4; length -= 4, piece += 4) {
      std::uint32_t word;
      std::memcpy(&word, piece, 4);
      register_at(send_data) = word;
    }
    for (; length != 0; --length) {
      append_byte(*piece++);
    }
  }

  void flush() {
    if (used_ != 0) {
      register_at(send_data) = word_;
    }
  }

 private:
  void append_byte(std::uint8_t byte) {
    word_ |= static_cast<std::uint32_t>(byte) << (8 * used_);
    if (++used_ == 4) {
      register_at(send_data) = word_;
      word_ = 0;
      used_ = 0;
    }
  }

  std::uint32_t word_ = 0;
  unsigned used_ = 0;
};

ip4_addr_t to_ip4(const std::array<std::uint8_t, 4>& bytes) {
  ip4_addr_t address;
  IP4_ADDR(&address, bytes[0], bytes[1], bytes[2], bytes[3]);
  return address;
}

}  // namespace

extern "C" void bobbin_ethernet_interrupt() {
  core::disable_irq(map.ethernet_irq);
  attention = true;
  wake();
}

bool Ethernet::add(const Ipv4Settings& settings) {
  const ip4_addr_t address = to_ip4(settings.address);
  const ip4_addr_t netmask = to_ip4(settings.netmask);
  const ip4_addr_t gateway = to_ip4(settings.gateway);
  if (netif_add(&interface_, &address, &netmask, &gateway, this, set_up, ethernet_input) ==
      nullptr) {
    return false;
  }
  netif_set_default(&interface_);
  netif_set_up(&interface_);
  follow_link();
  core::enable_irq(map.ethernet_irq);
  return true;
}

err_t Ethernet::set_up(netif* interface) {
  if (!reset_chip()) {
    return ERR_IF;
  }
  const MacAddress address = chip_address();
  set_chip_address(address);
  switch_on();
  for (unsigned i = 0; i < address.size(); ++i) {
    interface->hwaddr[i] = address[i];
    stir_random(address[i]);
  }
  interface->hwaddr_len = ETH_HWADDR_LEN;
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->mtu = 1500;
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
  interface->output = etharp_output;
#if LWIP_IPV6
  interface->output_ip6 = ethip6_output;
#endif
  interface->linkoutput = send;
  return ERR_OK;
}

Receive Ethernet::poll() {
  if (!attention) {
    return Receive::drained;
  }
  // Before looking at the FIFO: a frame that comes later raises it again.
  const std::uint32_t causes = register_at(interrupt_status);
  register_at(interrupt_status) = receive_level_interrupt;
  if ((causes & phy_interrupt) != 0) {
    follow_link();
  }
  bool chip_empty = empty_chip();
  for (unsigned i = 0; i < frames_per_poll && queued_ != 0; ++i) {
    hand_over_oldest();
    chip_empty = empty_chip();
  }
  if (queued_ != 0) {
    return Receive::more;
  }
  if (!chip_empty) {
    return Receive::starved;
  }
  attention = false;
  core::enable_irq(map.ethernet_irq);
  return Receive::drained;
}

// Takes what the chip holds, before and after every frame that lwIP handles, as its answer may
// bring in several more at once. False if frames are left for lack of room.
bool Ethernet::empty_chip() {
  while (frame_waits()) {
    pbuf* frame = nullptr;
    if (queued_ == queue_.size() || !take_frame(frame)) {
      return false;
    }
    if (frame != nullptr) {
      queue_[(oldest_ + queued_) % queue_.size()] = frame;
      ++queued_;
    }
  }
  return true;
}

void Ethernet::hand_over_oldest() {
  pbuf* const frame = queue_[oldest_];
  oldest_ = (oldest_ + 1) % queue_.size();
  --queued_;
  if (interface_.input(frame, &interface_) != ERR_OK) {
    pbuf_free(frame);
  }
}

// Takes the next frame from the chip, nullptr for a damaged one. False, with the frame still in
// the chip, if there is no buffer for it.
bool Ethernet::take_frame(pbuf*& frame) {
  const std::uint32_t status = register_at(receive_status_peek);
  const std::uint32_t length = frame_length(status);
  const bool damaged = (status & receive_error) != 0 || length < smallest_frame;
  frame = nullptr;
  if (!damaged) {
    frame = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(ETH_PAD_SIZE + length), PBUF_POOL);
    if (frame == nullptr) {
      PBUF_CHECK_FREE_OOSEQ();
      return false;
    }
  }
  drop(receive_status);
  skip_words(frame_words(length) - read_frame(frame));
  receive_errors_ += damaged ? 1 : 0;
  stir_random(length);
  return true;
}

err_t Ethernet::send(netif* interface, pbuf* frame) {
  static_cast<Ethernet*>(interface->state)->drain_send_status();
  constexpr std::uint32_t command_bytes = 8;
  const std::uint32_t length = frame->tot_len - std::uint32_t{ETH_PAD_SIZE};
  const std::uint32_t needed = command_bytes + ((frame->tot_len + 3U) & ~3U);
  if ((register_at(send_fifo_info) & 0xFFFF) < needed) {
    return ERR_MEM;
  }
  register_at(send_data) = first_segment | last_segment | send_offset(ETH_PAD_SIZE) | length;
  register_at(send_data) = length;
  WordPacker packer;
  for (const pbuf* piece = frame; piece != nullptr; piece = piece->next) {
    packer.append(static_cast<const std::uint8_t*>(piece->payload), piece->len);
    if (piece->tot_len == piece->len) {
      break;
    }
  }
  packer.flush();
  return ERR_OK;
}

void Ethernet::drain_send_status() {
  for (std::uint32_t sent = (register_at(send_fifo_info) >> 16) & 0xFF; sent != 0; --sent) {
    if ((register_at(send_status) & send_error) != 0) {
      ++send_errors_;
    }
  }
}

bool Ethernet::link_up() const { return netif_is_link_up(&interface_) != 0; }

void Ethernet::follow_link() {
  (void)read_phy(Phy::interrupt_source);
  // The bit latches a lost link until read; the second reading is the present.
  (void)read_phy(Phy::status);
  if ((read_phy(Phy::status) & phy_link_up) != 0) {
    netif_set_link_up(&interface_);
  } else {
    netif_set_link_down(&interface_);
  }
}

}  // namespace bobbin::mps2
