// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/config.hpp>
#include <bobbin/error.hpp>

namespace bobbin {

// Where a connection comes from or goes to: an IPv4 or IPv6 address with a port, or the name of a
// Unix-domain socket: a path, an abstract name (Linux), or none. A plain value that knows no
// operating system.
class Address {
 public:
  enum class Family : std::uint8_t { ip4, ip6, unix_path };

  using Ip4 = std::array<std::uint8_t, 4>;   // network order
  using Ip6 = std::array<std::uint8_t, 16>;  // network order

  // 0.0.0.0:0
  constexpr Address() = default;

  static constexpr Address ip4(Ip4 bytes, std::uint16_t port) {
    Address address;
    for (std::size_t i = 0; i < bytes.size(); ++i) address.bytes_[i] = bytes[i];
    address.port_ = port;
    return address;
  }

  // `scope` is the interface a link-local address belongs to, as a number, or 0.
  static constexpr Address ip6(Ip6 bytes, std::uint16_t port, std::uint32_t scope = 0) {
    Address address;
    address.family_ = Family::ip6;
    for (std::size_t i = 0; i < bytes.size(); ++i) address.bytes_[i] = bytes[i];
    address.port_ = port;
    address.scope_ = scope;
    return address;
  }

  // Every IPv4 interface of this machine, for listening; 127.0.0.1.
  static constexpr Address any(std::uint16_t port) { return ip4({0, 0, 0, 0}, port); }
  static constexpr Address loopback(std::uint16_t port) { return ip4({127, 0, 0, 1}, port); }

  // Errors: invalid_argument when the path is empty, too long or has a zero byte; not_supported
  // where the build leaves the family out.
  static Result<Address> unix_path(std::string_view path);

  // A name that is no file and goes with its socket. Any bytes. Errors: as above, but for zero
  // bytes.
  static Result<Address> unix_abstract(std::string_view name);

  // That of a Unix-domain socket that was given no name, as most are that connect. To listen at it
  // picks a free abstract name, as port 0 picks a free port.
  static constexpr Address unix_unnamed() {
    Address address;
    address.family_ = Family::unix_path;
    return address;
  }

  // A numeric IPv4 ("192.0.2.1") or IPv6 address ("2001:db8::1", "fe80::1%2", with or without
  // brackets), and the port given beside it. Names are not looked up. Errors: invalid_argument.
  static Result<Address> parse(std::string_view host, std::uint16_t port);

  // "192.0.2.1:80" or "[2001:db8::1]:80". Errors: invalid_argument.
  static Result<Address> parse(std::string_view host_and_port);

  Family family() const { return family_; }
  std::uint16_t port() const { return port_; }  // 0 for a Unix-domain socket
  std::uint32_t scope() const { return scope_; }
  Ip4 ip4_bytes() const;  // the family must fit
  Ip6 ip6_bytes() const;
  // Of a Unix-domain socket; begins with a zero byte if it is an abstract name, empty if it has
  // none.
  std::string_view path() const;

  // True for 127.0.0.0/8 and ::1.
  bool is_loopback() const;
  // True for 224.0.0.0/4 and ff00::/8: the name of a group of receivers.
  bool is_multicast() const;
  // The same address with another port.
  Address with_port(std::uint16_t port) const;

  friend bool operator==(const Address& a, const Address& b);

 private:
  // An abstract name as long as a path has a zero byte before it.
  static constexpr std::size_t storage_bytes =
      config::unix_path_bytes > 15 ? config::unix_path_bytes + 1 : 16;

  Family family_ = Family::ip4;
  std::uint8_t length_ = 0;  // of what `path` returns
  std::uint16_t port_ = 0;
  std::uint32_t scope_ = 0;
  std::array<std::uint8_t, storage_bytes> bytes_{};
};

// An address as text, in place: "192.0.2.1:80", "[2001:db8::1]:80" (RFC 5952; a scope as %n), the
// path, "@name" for an abstract name with its zero bytes as @ too, or "unnamed".
class AddressText {
 public:
  explicit AddressText(const Address& address);

  std::string_view view() const { return {text_.data(), length_}; }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  void append(char c) { text_[length_++] = c; }
  void append(std::string_view text);
  void append_path(std::string_view path);
  void append_number(std::uint32_t value, unsigned base);
  void append_ip4(const Address::Ip4& bytes);
  void append_ip6(const Address::Ip6& bytes);

  // "[ffff:…:ffff%4294967295]:65535" is 58 characters.
  static constexpr std::size_t capacity =
      config::unix_path_bytes > 63 ? config::unix_path_bytes + 1 : 64;

  std::array<char, capacity> text_{};
  std::size_t length_ = 0;
};

}  // namespace bobbin
