// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/address.hpp>

#include <algorithm>
#include <cstring>

#include <bobbin/assert.hpp>

namespace bobbin {

namespace {

constexpr std::uint32_t octet_max = 255;
constexpr std::uint32_t port_max = 65535;
constexpr std::uint32_t scope_max = 0xffff'ffff;
constexpr std::size_t groups = 8;  // of an IPv6 address, 16 bits each

// The value of a digit, or one too large for any base.
std::uint32_t digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A') + 10;
  return 16;
}

// Takes an address apart from left to right. What fails may have taken some of the text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char expected);
  bool take_ip4(Address::Ip4& bytes);
  bool take_scoped_ip6(Address::Ip6& bytes, std::uint32_t& scope);

  // A decimal number in the one way it is written: others read "010" as eight.
  bool take_decimal(std::uint32_t max, std::uint32_t& value);

 private:
  bool at_digit(std::uint32_t base) const {
    return !rest_.empty() && digit_value(rest_.front()) < base;
  }
  std::uint32_t take_digit() {
    const std::uint32_t digit = digit_value(rest_.front());
    rest_.remove_prefix(1);
    return digit;
  }
  bool take_gap();
  bool take_group(std::uint8_t* bytes);
  bool take_ip6(Address::Ip6& bytes);

  std::string_view rest_;
};

bool Scanner::take(char expected) {
  if (!rest_.starts_with(expected)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool Scanner::take_gap() {
  if (rest_.size() < 2 || rest_[0] != ':' || rest_[1] != ':') return false;
  rest_.remove_prefix(2);
  return true;
}

bool Scanner::take_decimal(std::uint32_t max, std::uint32_t& value) {
  if (!at_digit(10)) return false;
  value = take_digit();
  if (value == 0) return !at_digit(10);
  while (at_digit(10)) {
    const std::uint32_t digit = take_digit();
    if (value > (max - digit) / 10) return false;
    value = value * 10 + digit;
  }
  return true;
}

bool Scanner::take_ip4(Address::Ip4& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint32_t octet = 0;
    if (i > 0 && !take('.')) return false;
    if (!take_decimal(octet_max, octet)) return false;
    bytes[i] = static_cast<std::uint8_t>(octet);
  }
  return true;
}

// One to four digits; a fifth is left over and spoils what follows.
bool Scanner::take_group(std::uint8_t* bytes) {
  if (!at_digit(16)) return false;
  std::uint32_t value = 0;
  for (int i = 0; i < 4 && at_digit(16); ++i) value = value * 16 + take_digit();
  bytes[0] = static_cast<std::uint8_t>(value >> 8);
  bytes[1] = static_cast<std::uint8_t>(value & 0xff);
  return true;
}

bool Scanner::take_ip6(Address::Ip6& bytes) {
  const std::size_t no_gap = bytes.size();
  bytes.fill(0);
  std::size_t count = 0;
  std::size_t gap = take_gap() ? 0 : no_gap;
  while (count < bytes.size()) {
    if (gap == count && !at_digit(16)) break;
    Address::Ip4 ip4{};
    Scanner ahead = *this;
    if (count + ip4.size() <= bytes.size() && ahead.take_ip4(ip4)) {
      std::copy(ip4.begin(), ip4.end(), bytes.data() + count);
      count += ip4.size();
      *this = ahead;
      break;
    }
    if (!take_group(bytes.data() + count)) return false;
    count += 2;
    if (count == bytes.size()) break;
    if (gap == no_gap && take_gap()) {
      gap = count;
    } else if (!take(':')) {
      break;
    }
  }
  if (gap == no_gap) return count == bytes.size();
  // The gap stands for at least one group. What was read behind it belongs to the end.
  if (count == bytes.size()) return false;
  std::copy_backward(bytes.data() + gap, bytes.data() + count, bytes.data() + bytes.size());
  std::fill_n(bytes.data() + gap, bytes.size() - count, std::uint8_t{0});
  return true;
}

bool Scanner::take_scoped_ip6(Address::Ip6& bytes, std::uint32_t& scope) {
  if (!take_ip6(bytes)) return false;
  return !take('%') || take_decimal(scope_max, scope);
}

std::uint32_t group_at(const Address::Ip6& bytes, std::size_t group) {
  return (std::uint32_t{bytes[2 * group]} << 8) | bytes[2 * group + 1];
}

struct Groups {
  std::size_t begin = groups;
  std::size_t end = groups;
};

// The groups that "::" stands for: the longest run of zeros, the first of equals, never one alone.
Groups groups_left_out(const Address::Ip6& bytes) {
  Groups longest;
  std::size_t length = 1;
  for (std::size_t begin = 0; begin < groups; ++begin) {
    std::size_t end = begin;
    while (end < groups && group_at(bytes, end) == 0) ++end;
    if (end - begin > length) {
      length = end - begin;
      longest = {.begin = begin, .end = end};
    }
  }
  return longest;
}

constexpr Address::Ip6 ip4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t ip4_mapped_prefix = 12;

}  // namespace

Result<Address> Address::unix_path([[maybe_unused]] std::string_view path) {
  if constexpr (config::unix_path_bytes == 0) {
    return Errc::not_supported;
  } else {
    if (path.empty() || path.size() > config::unix_path_bytes) return Errc::invalid_argument;
    if (path.find('\0') != std::string_view::npos) return Errc::invalid_argument;
    Address address = unix_unnamed();
    address.length_ = static_cast<std::uint8_t>(path.size());
    std::memcpy(address.bytes_.data(), path.data(), path.size());
    return address;
  }
}

Result<Address> Address::unix_abstract([[maybe_unused]] std::string_view name) {
  if constexpr (config::unix_path_bytes == 0) {
    return Errc::not_supported;
  } else {
    if (name.empty() || name.size() > config::unix_path_bytes) return Errc::invalid_argument;
    Address address = unix_unnamed();
    address.length_ = static_cast<std::uint8_t>(name.size() + 1);
    std::memcpy(address.bytes_.data() + 1, name.data(), name.size());
    return address;
  }
}

Result<Address> Address::parse(std::string_view host, std::uint16_t port) {
  Ip4 ip4_bytes{};
  Scanner text(host);
  if (text.take_ip4(ip4_bytes) && text.done()) return ip4(ip4_bytes, port);

  Ip6 ip6_bytes{};
  std::uint32_t scope = 0;
  text = Scanner(host);
  const bool bracketed = text.take('[');
  if (!text.take_scoped_ip6(ip6_bytes, scope)) return Errc::invalid_argument;
  if (bracketed && !text.take(']')) return Errc::invalid_argument;
  if (!text.done()) return Errc::invalid_argument;
  return ip6(ip6_bytes, port, scope);
}

Result<Address> Address::parse(std::string_view host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == std::string_view::npos) return Errc::invalid_argument;
  const std::string_view host(host_and_port.data(), colon);
  // Without brackets nobody can tell where an IPv6 address ends and the port begins.
  const bool bracketed = host.starts_with('[');
  if (!bracketed && host.find(':') != std::string_view::npos) return Errc::invalid_argument;

  host_and_port.remove_prefix(colon + 1);
  Scanner text(host_and_port);
  std::uint32_t port = 0;
  if (!text.take_decimal(port_max, port) || !text.done()) return Errc::invalid_argument;
  return parse(host, static_cast<std::uint16_t>(port));
}

Address::Ip4 Address::ip4_bytes() const {
  BOBBIN_ASSERT(family_ == Family::ip4);
  Ip4 bytes{};
  std::copy_n(bytes_.begin(), bytes.size(), bytes.begin());
  return bytes;
}

Address::Ip6 Address::ip6_bytes() const {
  BOBBIN_ASSERT(family_ == Family::ip6);
  Ip6 bytes{};
  std::copy_n(bytes_.begin(), bytes.size(), bytes.begin());
  return bytes;
}

std::string_view Address::path() const {
  BOBBIN_ASSERT(family_ == Family::unix_path);
  return {reinterpret_cast<const char*>(bytes_.data()), length_};
}

bool Address::is_loopback() const {
  if (family_ == Family::ip4) return bytes_[0] == 127;
  return *this == ip6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port_, scope_);
}

bool Address::is_multicast() const {
  if (family_ == Family::unix_path) return false;
  return family_ == Family::ip4 ? bytes_[0] >> 4 == 0xe : bytes_[0] == 0xff;
}

Address Address::with_port(std::uint16_t port) const {
  Address address = *this;
  if (family_ != Family::unix_path) address.port_ = port;
  return address;
}

// What a family does not use is zero in all of its addresses.
bool operator==(const Address& a, const Address& b) {
  return a.family_ == b.family_ && a.length_ == b.length_ && a.port_ == b.port_ &&
         a.scope_ == b.scope_ && a.bytes_ == b.bytes_;
}

AddressText::AddressText(const Address& address) {
  // A build without the family has no names of it to write.
  if (config::unix_path_bytes > 0 && address.family() == Address::Family::unix_path) {
    append_path(address.path());
    return;
  }
  if (address.family() == Address::Family::ip4) {
    append_ip4(address.ip4_bytes());
  } else {
    append('[');
    append_ip6(address.ip6_bytes());
    if (address.scope() != 0) {
      append('%');
      append_number(address.scope(), 10);
    }
    append(']');
  }
  append(':');
  append_number(address.port(), 10);
}

void AddressText::append(std::string_view text) {
  for (const char c : text) append(c);
}

void AddressText::append_path(std::string_view path) {
  if (path.empty()) return append("unnamed");
  for (const char c : path) append(c == '\0' ? '@' : c);
}

void AddressText::append_number(std::uint32_t value, unsigned base) {
  std::array<char, 10> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  append(std::string_view(digits.data() + first, digits.size() - first));
}

void AddressText::append_ip4(const Address::Ip4& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) append('.');
    append_number(bytes[i], 10);
  }
}

void AddressText::append_ip6(const Address::Ip6& bytes) {
  if (std::equal(bytes.begin(), bytes.begin() + ip4_mapped_prefix, ip4_mapped.begin())) {
    append("::ffff:");
    return append_ip4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  const Groups left_out = groups_left_out(bytes);
  std::size_t group = 0;
  while (group < groups) {
    if (group == left_out.begin) {
      append("::");
      group = left_out.end;
      continue;
    }
    if (group > 0 && group != left_out.end) append(':');
    append_number(group_at(bytes, group), 16);
    ++group;
  }
}

}  // namespace bobbin
