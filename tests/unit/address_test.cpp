// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/address.hpp>

#include <arpa/inet.h>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "support/seed.hpp"

namespace bobbin {
namespace {

std::string text_of(const Address& address) { return std::string(AddressText(address).view()); }

// The text of what `text` was read as, or "invalid".
std::string reread(std::string_view text) {
  const Result<Address> address = Address::parse(text);
  return address ? text_of(*address) : "invalid";
}

std::string reread_host(std::string_view host) {
  const Result<Address> address = Address::parse(host, 80);
  return address ? text_of(*address) : "invalid";
}

Errc error_of(std::string_view text) { return Address::parse(text).error().code; }
Errc error_of_host(std::string_view host) { return Address::parse(host, 80).error().code; }

TEST(Address, is_the_unspecified_ip4_address_by_default) {
  EXPECT_EQ(text_of(Address()), "0.0.0.0:0");
  EXPECT_EQ(Address().family(), Address::Family::ip4);
}

TEST(Address, any_and_loopback_are_ip4_addresses_with_the_port_given) {
  EXPECT_EQ(text_of(Address::any(80)), "0.0.0.0:80");
  EXPECT_EQ(text_of(Address::loopback(8080)), "127.0.0.1:8080");
}

TEST(Address, keeps_the_bytes_of_an_ip4_address_in_network_order) {
  const Address address = Address::ip4({192, 0, 2, 1}, 80);
  EXPECT_EQ(address.ip4_bytes(), (Address::Ip4{192, 0, 2, 1}));
  EXPECT_EQ(address.port(), 80);
  EXPECT_EQ(Address::parse("192.0.2.1:80")->ip4_bytes(), address.ip4_bytes());
}

TEST(Address, keeps_the_bytes_and_the_scope_of_an_ip6_address) {
  const Address::Ip6 bytes{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  const Address address = Address::ip6(bytes, 443, 7);
  EXPECT_EQ(address.family(), Address::Family::ip6);
  EXPECT_EQ(address.ip6_bytes(), bytes);
  EXPECT_EQ(address.port(), 443);
  EXPECT_EQ(address.scope(), 7U);
}

TEST(Address, is_usable_in_constant_expressions) {
  constexpr Address address = Address::loopback(1);
  EXPECT_EQ(text_of(address), "127.0.0.1:1");
}

TEST(Address, reads_an_ip4_address_with_its_port) {
  EXPECT_EQ(reread("192.0.2.1:80"), "192.0.2.1:80");
  EXPECT_EQ(reread("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(reread("255.255.255.255:65535"), "255.255.255.255:65535");
}

TEST(Address, reads_an_ip6_address_with_its_port_in_brackets_only) {
  EXPECT_EQ(reread("[2001:db8::1]:80"), "[2001:db8::1]:80");
  EXPECT_EQ(reread("2001:db8::1:80"), "invalid");
}

TEST(Address, reads_a_host_with_the_port_beside_it) {
  EXPECT_EQ(reread_host("192.0.2.1"), "192.0.2.1:80");
  EXPECT_EQ(reread_host("2001:db8::1"), "[2001:db8::1]:80");
  EXPECT_EQ(reread_host("[2001:db8::1]"), "[2001:db8::1]:80");
}

TEST(Address, reads_and_writes_the_scope_of_an_ip6_address) {
  EXPECT_EQ(reread_host("fe80::1%2"), "[fe80::1%2]:80");
  EXPECT_EQ(reread("[fe80::1%4294967295]:80"), "[fe80::1%4294967295]:80");
  EXPECT_EQ(Address::parse("fe80::1%2", 80)->scope(), 2U);
}

TEST(Address, reads_upper_and_lower_case_and_writes_lower_case) {
  EXPECT_EQ(reread_host("2001:DB8::aBcD"), "[2001:db8::abcd]:80");
}

TEST(Address, reads_groups_with_leading_zeros_and_writes_them_without) {
  EXPECT_EQ(reread_host("2001:0db8:0000:0000:0000:0000:0000:0001"), "[2001:db8::1]:80");
}

TEST(Address, reads_a_double_colon_anywhere) {
  EXPECT_EQ(reread_host("::"), "[::]:80");
  EXPECT_EQ(reread_host("::1"), "[::1]:80");
  EXPECT_EQ(reread_host("1::"), "[1::]:80");
  EXPECT_EQ(reread_host("1::8"), "[1::8]:80");
  EXPECT_EQ(reread_host("1:2:3::6:7:8"), "[1:2:3::6:7:8]:80");
}

TEST(Address, reads_a_double_colon_that_stands_for_one_group) {
  EXPECT_EQ(reread_host("1:2:3:4:5:6:7::"), "[1:2:3:4:5:6:7:0]:80");
  EXPECT_EQ(reread_host("::2:3:4:5:6:7:8"), "[0:2:3:4:5:6:7:8]:80");
}

TEST(Address, reads_an_ip4_address_at_the_end_of_an_ip6_address) {
  EXPECT_EQ(reread_host("::ffff:192.0.2.1"), "[::ffff:192.0.2.1]:80");
  EXPECT_EQ(reread_host("64:ff9b::192.0.2.33"), "[64:ff9b::c000:221]:80");
  EXPECT_EQ(reread_host("1:2:3:4:5:6:1.2.3.4"), "[1:2:3:4:5:6:102:304]:80");
  EXPECT_EQ(reread_host("::1.2.3.4"), "[::102:304]:80");
}

TEST(Address, does_not_read_ip4_addresses_that_are_not_four_decimal_octets) {
  for (const char* host :
       {"",         ".",        "1",         "1.2.3",     "1.2.3.4.5",  "1.2.3.",
        ".1.2.3",   "1..2.3",   "256.0.0.1", "1.2.3.256", "1.2.3.1000", "1.2.3.4294967297",
        "01.2.3.4", "1.2.3.00", "0x1.2.3.4", "1.2.3.a",   "+1.2.3.4",   "-1.2.3.4",
        " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4%1", "[1.2.3.4]",  "localhost"}) {
    EXPECT_EQ(error_of_host(host), Errc::invalid_argument) << host;
  }
}

TEST(Address, does_not_read_ip6_addresses_that_rfc_4291_does_not_know) {
  for (const char* host : {":",
                           ":::",
                           "1:",
                           ":1",
                           "1:2",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8:",
                           ":1:2:3:4:5:6:7:8",
                           "1::2::3",
                           "::1::",
                           "1:::2",
                           "::1:",
                           ":::1",
                           "1:2:3:4:5:6:7:8::",
                           "1:2:3:4::5:6:7:8",
                           "::1:2:3:4:5:6:7:8",
                           "12345::",
                           "::12345",
                           "g::",
                           "::G",
                           "::1 ",
                           " ::1",
                           "::1/64",
                           "1:2:3:4:5:6:7:8::1"}) {
    EXPECT_EQ(error_of_host(host), Errc::invalid_argument) << host;
  }
}

TEST(Address, does_not_read_an_ip4_address_in_a_wrong_place_of_an_ip6_address) {
  for (const char* host : {"::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::1.2.3.04",
                           "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
                           "1:2:3:4:5:6::1.2.3.4", "::ffff:1.2.3.4.", "::1.2.3.a"}) {
    EXPECT_EQ(error_of_host(host), Errc::invalid_argument) << host;
  }
}

TEST(Address, does_not_read_a_scope_that_is_not_a_number) {
  for (const char* host : {"fe80::1%", "fe80::1%eth0", "fe80::1%-1", "fe80::1%4294967296",
                           "fe80::1%2%3", "fe80::1%02", "fe80%2::1", "[fe80::1]%2"}) {
    EXPECT_EQ(error_of_host(host), Errc::invalid_argument) << host;
  }
}

TEST(Address, does_not_read_brackets_that_do_not_pair) {
  for (const char* host : {"[::1", "::1]", "[[::1]]", "[]", "[", "]", "[::1]x", "[::1]]"}) {
    EXPECT_EQ(error_of_host(host), Errc::invalid_argument) << host;
  }
}

TEST(Address, does_not_read_ports_that_are_not_decimal_numbers_up_to_65535) {
  for (const char* port : {"", "65536", "99999", "4294967296", "18446744073709551616", "-1", "+1",
                           " 1", "1 ", "0x50", "80a", "080", "00", "http"}) {
    EXPECT_EQ(error_of(std::string("192.0.2.1:") + port), Errc::invalid_argument) << port;
    EXPECT_EQ(error_of(std::string("[::1]:") + port), Errc::invalid_argument) << port;
  }
}

TEST(Address, does_not_read_a_host_and_port_without_either) {
  for (const char* text :
       {"", ":", ":80", "192.0.2.1", "192.0.2.1:", "[::1]", "[::1]80", "::1", "[]:80", "[:80",
        "[::1:80", "::1]:80", "[192.0.2.1]:80", "1.2.3.4:5:6", "[::1]:80:81", "localhost:80"}) {
    EXPECT_EQ(error_of(text), Errc::invalid_argument) << text;
  }
}

TEST(Address, does_not_read_past_a_zero_byte) {
  EXPECT_EQ(error_of_host(std::string_view("1.2.3.4\0", 8)), Errc::invalid_argument);
  EXPECT_EQ(error_of(std::string_view("1.2.3.4:80\0", 11)), Errc::invalid_argument);
}

TEST(Address, reads_no_further_than_the_text_goes) {
  EXPECT_EQ(reread(std::string_view("192.0.2.1:8080").substr(0, 12)), "192.0.2.1:80");
  EXPECT_EQ(reread_host(std::string_view("192.0.2.123").substr(0, 9)), "192.0.2.1:80");
}

TEST(AddressText, leaves_out_the_longest_run_of_zero_groups) {
  EXPECT_EQ(reread_host("1:0:0:4:0:0:0:8"), "[1:0:0:4::8]:80");
  EXPECT_EQ(reread_host("1:0:0:0:5:0:0:8"), "[1::5:0:0:8]:80");
}

TEST(AddressText, leaves_out_the_first_of_runs_that_are_equally_long) {
  EXPECT_EQ(reread_host("1:0:0:4:5:0:0:8"), "[1::4:5:0:0:8]:80");
}

TEST(AddressText, does_not_leave_out_a_single_zero_group) {
  EXPECT_EQ(reread_host("1:0:3:0:5:0:7:8"), "[1:0:3:0:5:0:7:8]:80");
}

TEST(AddressText, leaves_out_runs_at_either_end) {
  EXPECT_EQ(reread_host("0:0:3:4:5:6:7:8"), "[::3:4:5:6:7:8]:80");
  EXPECT_EQ(reread_host("1:2:3:4:5:6:0:0"), "[1:2:3:4:5:6::]:80");
}

TEST(AddressText, writes_only_mapped_ip4_addresses_in_dots) {
  EXPECT_EQ(reread_host("::ffff:c000:201"), "[::ffff:192.0.2.1]:80");
  EXPECT_EQ(reread_host("::ffff:0:0"), "[::ffff:0.0.0.0]:80");
  EXPECT_EQ(reread_host("::fffe:c000:201"), "[::fffe:c000:201]:80");
  EXPECT_EQ(reread_host("1::ffff:c000:201"), "[1::ffff:c000:201]:80");
}

TEST(AddressText, has_room_for_the_longest_address) {
  Address::Ip6 bytes{};
  bytes.fill(0xff);
  EXPECT_EQ(text_of(Address::ip6(bytes, 65535, 0xffff'ffff)),
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
}

TEST(AddressText, is_a_string_view_where_one_is_asked_for) {
  const AddressText text(Address::loopback(80));
  const std::string_view view = text;
  EXPECT_EQ(view, "127.0.0.1:80");
}

TEST(Address, equals_only_an_address_of_which_every_part_is_the_same) {
  const Address::Ip6 bytes{1};
  EXPECT_EQ(Address::ip4({1, 2, 3, 4}, 80), Address::ip4({1, 2, 3, 4}, 80));
  EXPECT_FALSE(Address::ip4({1, 2, 3, 4}, 80) == Address::ip4({1, 2, 3, 4}, 81));
  EXPECT_FALSE(Address::ip4({1, 2, 3, 4}, 80) == Address::ip4({1, 2, 3, 5}, 80));
  EXPECT_FALSE(Address::ip6(bytes, 80, 1) == Address::ip6(bytes, 80, 2));
  EXPECT_FALSE(Address::ip4({}, 80) == Address::ip6({}, 80));
}

TEST(Address, is_loopback_for_all_of_127_and_for_one) {
  for (const char* host : {"127.0.0.1", "127.255.255.255", "::1", "::1%3"}) {
    EXPECT_TRUE(Address::parse(host, 80)->is_loopback()) << host;
  }
  for (const char* host : {"126.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "7f00::", "1::1"}) {
    EXPECT_FALSE(Address::parse(host, 80)->is_loopback()) << host;
  }
}

TEST(Address, with_port_changes_the_port_alone) {
  EXPECT_EQ(text_of(Address::loopback(80).with_port(81)), "127.0.0.1:81");
  EXPECT_EQ(text_of(Address::parse("[fe80::1%2]:80")->with_port(0)), "[fe80::1%2]:0");
}

TEST(Address, reads_every_ip4_address_as_the_operating_system_does) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 1000; ++i) {
      Address::Ip4 bytes{};
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
      char expected[INET_ADDRSTRLEN];
      ASSERT_NE(inet_ntop(AF_INET, bytes.data(), expected, sizeof expected), nullptr);
      EXPECT_EQ(text_of(Address::ip4(bytes, 80)), std::string(expected) + ":80");
      EXPECT_EQ(Address::parse(expected, 80)->ip4_bytes(), bytes);
    }
  });
}

// Many zero groups, so that there is something to leave out.
Address::Ip6 random_ip6(test::Random& random) {
  Address::Ip6 bytes{};
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto group = random.bits() >> random.below(64U);
    if (random.one_in(2)) continue;
    bytes[i] = static_cast<std::uint8_t>(group >> 8);
    bytes[i + 1] = static_cast<std::uint8_t>(group);
  }
  if (random.one_in(8)) bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, bytes[15]};
  return bytes;
}

TEST(Address, reads_and_writes_ip6_addresses_as_the_operating_system_does) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 5000; ++i) {
      const Address::Ip6 bytes = random_ip6(random);
      char expected[INET6_ADDRSTRLEN];
      ASSERT_NE(inet_ntop(AF_INET6, bytes.data(), expected, sizeof expected), nullptr);
      EXPECT_EQ(Address::parse(expected, 80)->ip6_bytes(), bytes) << expected;
      // inet_ntop also writes the IPv4-compatible addresses, long given up, in dots.
      const std::string_view host(expected);
      const bool compatible = host.find('.') != host.npos && !host.starts_with("::ffff:");
      if (compatible) continue;
      EXPECT_EQ(text_of(Address::ip6(bytes, 80)), "[" + std::string(host) + "]:80");
    }
  });
}

// A valid address with a few characters changed, taken out or put in.
std::string misspell(std::string text, test::Random& random) {
  constexpr std::string_view letters = "0123456789abcdefABCDEF::::....%[]g ";
  for (unsigned changes = random.below(4U); changes > 0; --changes) {
    const std::size_t at = random.below(text.size() + 1);
    const std::string with(1, letters[random.below(letters.size())]);
    text.replace(at, random.below(3U), with.substr(random.below(2U)));
  }
  return text;
}

void expect_as_operating_system(const std::string& host) {
  Address::Ip4 ip4{};
  Address::Ip6 ip6{};
  const Result<Address> read = Address::parse(host, 80);
  if (inet_pton(AF_INET, host.c_str(), ip4.data()) == 1) {
    ASSERT_TRUE(bool(read)) << host;
    EXPECT_EQ(*read, Address::ip4(ip4, 80)) << host;
  } else if (inet_pton(AF_INET6, host.c_str(), ip6.data()) == 1) {
    ASSERT_TRUE(bool(read)) << host;
    EXPECT_EQ(*read, Address::ip6(ip6, 80)) << host;
  } else {
    EXPECT_FALSE(bool(read)) << host;
  }
}

TEST(Address, accepts_and_refuses_misspelt_addresses_as_the_operating_system_does) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 20'000; ++i) {
      char host[INET6_ADDRSTRLEN];
      const Address::Ip6 bytes = random_ip6(random);
      const bool ip4 = random.one_in(4);
      ASSERT_NE(inet_ntop(ip4 ? AF_INET : AF_INET6, bytes.data(), host, sizeof host), nullptr);
      const std::string misspelt = misspell(host, random);
      // The operating system knows neither scopes nor brackets here.
      if (misspelt.find_first_of("%[]") != std::string::npos) continue;
      expect_as_operating_system(misspelt);
    }
  });
}

TEST(Address, whatever_is_read_is_written_so_that_it_is_read_the_same) {
  test::for_each_seed([](test::Random& random) {
    for (int i = 0; i < 20'000; ++i) {
      const Address start =
          Address::ip6(random_ip6(random), static_cast<std::uint16_t>(random.bits()),
                       random.one_in(2) ? random.below(300U) : 0);
      const Result<Address> read = Address::parse(misspell(text_of(start), random));
      if (!read) continue;
      const Result<Address> again = Address::parse(text_of(*read));
      ASSERT_TRUE(bool(again)) << text_of(*read);
      EXPECT_EQ(*again, *read) << text_of(*read);
    }
  });
}

TEST(UnixAddress, keeps_its_path_and_has_no_port) {
  const Result<Address> address = Address::unix_path("/run/bobbin.sock");
  ASSERT_TRUE(bool(address));
  EXPECT_EQ(address->family(), Address::Family::unix_path);
  EXPECT_EQ(address->path(), "/run/bobbin.sock");
  EXPECT_EQ(address->port(), 0);
  EXPECT_EQ(address->with_port(80), *address);
  EXPECT_FALSE(address->is_loopback());
}

TEST(UnixAddress, is_written_as_its_path) {
  EXPECT_EQ(text_of(*Address::unix_path("/run/bobbin.sock")), "/run/bobbin.sock");
}

TEST(UnixAddress, takes_paths_up_to_the_limit) {
  const std::string longest(config::unix_path_bytes, 'x');
  EXPECT_EQ(Address::unix_path(longest)->path(), longest);
  EXPECT_EQ(text_of(*Address::unix_path(longest)), longest);
  EXPECT_EQ(Address::unix_path(longest + "x").error(), Errc::invalid_argument);
}

TEST(UnixAddress, refuses_paths_that_are_empty_or_have_a_zero_byte) {
  EXPECT_EQ(Address::unix_path("").error(), Errc::invalid_argument);
  EXPECT_EQ(Address::unix_path(std::string_view("\0name", 5)).error(), Errc::invalid_argument);
  EXPECT_EQ(Address::unix_path(std::string_view("name\0", 5)).error(), Errc::invalid_argument);
}

TEST(UnixAddress, equals_only_the_same_path) {
  EXPECT_EQ(*Address::unix_path("/a"), *Address::unix_path("/a"));
  EXPECT_FALSE(*Address::unix_path("/a") == *Address::unix_path("/b"));
  EXPECT_FALSE(*Address::unix_path("/a") == *Address::unix_path("/ab"));
}

TEST(UnixAddress, an_abstract_name_may_have_any_bytes) {
  const Address address = *Address::unix_abstract(std::string_view("a\0b", 3));
  EXPECT_EQ(address.family(), Address::Family::unix_path);
  EXPECT_EQ(address.path(), std::string_view("\0a\0b", 4));
  EXPECT_EQ(text_of(address), "@a@b");
  EXPECT_FALSE(address == *Address::unix_path("a"));
}

TEST(UnixAddress, an_abstract_name_has_a_longest_length_too) {
  const std::string longest(config::unix_path_bytes, 'x');
  EXPECT_EQ(text_of(*Address::unix_abstract(longest)), "@" + longest);
  EXPECT_EQ(Address::unix_abstract(longest + "x").error(), Errc::invalid_argument);
  EXPECT_EQ(Address::unix_abstract("").error(), Errc::invalid_argument);
}

TEST(UnixAddress, may_be_none) {
  EXPECT_EQ(Address::unix_unnamed().path(), "");
  EXPECT_EQ(text_of(Address::unix_unnamed()), "unnamed");
  EXPECT_FALSE(Address::unix_unnamed() == Address());
}

#ifndef BOBBIN_NO_ASSERTIONS
TEST(AddressDeathTest, the_bytes_of_another_family_are_not_to_be_had) {
  EXPECT_DEATH(static_cast<void>(Address::ip6({}, 80).ip4_bytes()), "");
  EXPECT_DEATH(static_cast<void>(Address::any(80).ip6_bytes()), "");
  EXPECT_DEATH(static_cast<void>(Address::any(80).path()), "");
}
#endif

}  // namespace
}  // namespace bobbin
