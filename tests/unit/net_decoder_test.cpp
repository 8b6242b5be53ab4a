// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <bobbin/net.hpp>

#include "support/framings.hpp"
#include "support/guarded.hpp"
#include "support/seed.hpp"

namespace bobbin {
namespace {

using namespace std::string_view_literals;
using test::Found;
using test::found_in;
using test::Guarded;
using test::Random;

// Static, as decoders keep a reference.
constexpr LineFormat crlf{.delimiter = "\r\n", .length_max = 10};
constexpr LineFormat newline{.delimiter = "\n", .length_max = 4};
constexpr LineFormat overlapping{.delimiter = "aab", .length_max = 6};
constexpr LineFormat repeated{.delimiter = "aa", .length_max = 3};
constexpr LineFormat letter{.delimiter = "\r\n.\r\n", .length_max = 20};
constexpr PrefixedFormat int8{.width = PrefixWidth::int8, .length_max = 100};
constexpr PrefixedFormat int16{.width = PrefixWidth::int16, .length_max = 300};
constexpr PrefixedFormat int32{.width = PrefixWidth::int32, .length_max = 300};

Found whole(const LineFormat& format, std::string_view stream) {
  return found_in(LineDecoder(format), stream, {});
}
Found whole(std::size_t length_max, std::string_view stream) {
  return found_in(NetstringDecoder(length_max), stream, {});
}
Found whole(const PrefixedFormat& format, std::string_view stream) {
  return found_in(PrefixedDecoder(format), stream, {});
}

TEST(Lines, are_found_without_their_delimiter) {
  EXPECT_EQ(whole(crlf, "one\r\n\r\nthree\r\nfo"),
            (Found{"message one", "message ", "message three"}));
  EXPECT_EQ(whole(newline, "a\n\nb\r\nc"), (Found{"message a", "message ", "message b\r"}));
}

TEST(Lines, end_with_the_whole_delimiter_only) {
  EXPECT_EQ(whole(crlf, "a\nb\rc\r\r\n\n\r\n"), (Found{"message a\nb\rc\r", "message \n"}));
  EXPECT_EQ(whole(overlapping, "aaaabab"), Found{"message aa"});
  EXPECT_EQ(whole(repeated, "aaaaa"), (Found{"message ", "message "}));
}

TEST(Lines, may_be_as_long_as_the_limit_and_no_longer) {
  EXPECT_EQ(whole(crlf, "123456789\r\n"), Found{"message 123456789"});
  EXPECT_EQ(whole(crlf, "1234567890\r\n"), Found{"message 1234567890"});
  EXPECT_EQ(whole(crlf, "12345678901\r\n"), Found{"too long 01234567890"});
  // While it may still turn out to be short enough nothing is said.
  EXPECT_EQ(whole(crlf, "1234567890\r"), Found{});
  EXPECT_EQ(whole(crlf, "12345678901"), Found{});
  EXPECT_EQ(whole(crlf, "1234567890\rx"), Found{"too long 01234567890"});
}

TEST(Lines, that_are_too_long_are_told_of_once_and_passed_over) {
  EXPECT_EQ(whole(crlf, std::string(1000, 'x') + "\r\nnext\r\n"),
            (Found{"too long 0xxxxxxxxxx", "message next"}));
  // The delimiter begins with the last byte that was looked at.
  EXPECT_EQ(whole(crlf, "12345678901\r\nnext\r\n"),
            (Found{"too long 01234567890", "message next"}));
  EXPECT_EQ(whole(letter, std::string(21, 'x') + "\r\n.\r\n.\r\n.\r\n"),
            (Found{"too long 0" + std::string(20, 'x'), "message ."}));
}

TEST(Netstrings, are_found_without_what_is_around_them) {
  EXPECT_EQ(whole(20, "5:hello,0:,3:a,b,12:hello world!,4:tai"),
            (Found{"message hello", "message ", "message a,b", "message hello world!"}));
}

TEST(Netstrings, are_strict) {
  for (const std::string_view wrong :
       {":"sv, ","sv, "x"sv, "-1:"sv, "+1:a,"sv, " 1:a,"sv, "00:,"sv, "01:a,"sv, "1x"sv, "1 :a,"sv,
        "1:ab"sv, "0:x"sv, "1,a"sv, "\0"sv, "1\0"sv, "\xb1:a,"sv}) {
    EXPECT_EQ(whole(20, wrong), Found{"malformed"}) << wrong;
    EXPECT_EQ(whole(20, std::string("1:a,").append(wrong)), (Found{"message a", "malformed"}))
        << wrong;
  }
  EXPECT_EQ(whole(20, "1:ab2:cd,"), Found{"malformed"}) << "and nothing is found behind it";
}

TEST(Netstrings, that_are_too_long_are_refused_on_their_length_alone) {
  const std::string nineteen(19, 'x');
  EXPECT_EQ(whole(20, "19:" + nineteen + ","), Found{"message " + nineteen});
  EXPECT_EQ(whole(20, "20:" + nineteen + "y,"), Found{"message " + nineteen + "y"});
  EXPECT_EQ(whole(20, "21"), Found{"too long 0"});
  EXPECT_EQ(whole(20, "100"), Found{"too long 0"});
  EXPECT_EQ(whole(20, "99999999999999999999999999999999"), Found{"too long 0"});
  EXPECT_EQ(whole(20, "2"), Found{});
  EXPECT_EQ(whole(0, "0:,1"), (Found{"message ", "too long 0"}));
}

TEST(NetstringHead, is_the_length_and_a_colon) {
  EXPECT_EQ(NetstringHead(0).text(), "0:");
  EXPECT_EQ(NetstringHead(10).text(), "10:");
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(NetstringHead(most).text(), std::to_string(most) + ":");
  static_assert(netstring_size(0) == 3 && netstring_size(9) == 12 && netstring_size(10) == 14);
}

TEST(PrefixedStrings, are_found_without_their_length) {
  EXPECT_EQ(whole(int8, "\5hello\0\3a\0b\1"sv),
            (Found{"message hello", "message ", std::string("message a\0b"sv)}));
  EXPECT_EQ(whole(int16, "\0\5hello\0\0\0\1x\0"sv),
            (Found{"message hello", "message ", "message x"}));
  EXPECT_EQ(whole(int32, "\0\0\0\5hello\0\0\0\0\0\0\0"sv), (Found{"message hello", "message "}));
}

TEST(PrefixedStrings, that_are_too_long_are_told_of_once_and_passed_over) {
  const std::string hundred(100, 'x');
  EXPECT_EQ(whole(int8, "\x63" + hundred.substr(1)), Found{"message " + hundred.substr(1)});
  EXPECT_EQ(whole(int8, "\x64" + hundred), Found{"message " + hundred});
  EXPECT_EQ(whole(int8, "\x65" + hundred + "x\1a"), (Found{"too long 101", "message a"}));
  const std::string many(300, 'x');
  EXPECT_EQ(whole(int16, "\x01\x2b" + many.substr(1)), Found{"message " + many.substr(1)});
  EXPECT_EQ(whole(int16, "\x01\x2c" + many), Found{"message " + many});
  EXPECT_EQ(whole(int16, "\x01\x2d" + many + "x" + std::string("\0\1a"sv)),
            (Found{"too long 301", "message a"}));
  EXPECT_EQ(whole(int32, "\xff\xff\xff\xff" + many), Found{"too long 4294967295"});
}

TEST(Prefix, has_the_highest_byte_first) {
  EXPECT_EQ(text_of(Prefix(PrefixWidth::int8, 255).bytes()), "\xff");
  EXPECT_EQ(text_of(Prefix(PrefixWidth::int16, 0x1234).bytes()), "\x12\x34");
  EXPECT_EQ(text_of(Prefix(PrefixWidth::int32, 0xfedcba98).bytes()), "\xfe\xdc\xba\x98");
  static_assert(length_max_of(PrefixWidth::int8) == 0xff);
  static_assert(length_max_of(PrefixWidth::int16) == 0xffff);
  static_assert(length_max_of(PrefixWidth::int32) == 0xffff'ffff);
}

// Wherever the stream is cut, what is found is what is right.

template <class Decoder>
void expect_at_every_cut(Decoder decoder, std::string_view stream, const Found& right,
                         Random& random) {
  std::vector<std::size_t> every;
  for (std::size_t i = 1; i < stream.size(); ++i) every.push_back(i);
  ASSERT_EQ(found_in(decoder, stream, {}), right) << stream;
  ASSERT_EQ(found_in(decoder, stream, every), right) << stream;
  for (const std::size_t cut : every) ASSERT_EQ(found_in(decoder, stream, {cut}), right) << stream;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::size_t> some;
    for (const std::size_t cut : every) {
      if (random.one_in(1 + static_cast<unsigned>(i))) some.push_back(cut);
    }
    ASSERT_EQ(found_in(decoder, stream, some), right) << stream;
  }
}

// Bytes of which most mean something to the decoder, so that much happens.
std::string random_stream(Random& random, std::string_view alphabet) {
  std::string stream(random.below<std::size_t>(80), '\0');
  for (char& c : stream) c = alphabet[random.below(alphabet.size())];
  return stream;
}

void try_lines(const LineFormat& format, std::string_view alphabet) {
  test::for_each_seed([&](Random& random) {
    for (int i = 0; i < 30 && !testing::Test::HasFailure(); ++i) {
      std::string stream = random_stream(random, alphabet);
      // Now and then a line of the lengths that matter.
      if (random.one_in(3)) stream += std::string(format.length_max - 1 + random.below(3U), 'x');
      if (random.one_in(2)) stream += format.delimiter.view();
      stream += random_stream(random, alphabet);
      expect_at_every_cut(LineDecoder(format), stream, test::lines_in(stream, format), random);
    }
  });
}

TEST(LinesInPieces, are_the_same_lines) {
  try_lines(crlf, "xy\r\n\r\n");
  try_lines(newline, "xyz\n");
  try_lines(overlapping, "aaab");
  try_lines(repeated, "aab");
  try_lines(letter, "\r\n.\r\n");
}

TEST(NetstringsInPieces, are_the_same_strings) {
  test::for_each_seed([](Random& random) {
    for (int i = 0; i < 100 && !testing::Test::HasFailure(); ++i) {
      std::string stream;
      for (auto n = random.below(4U); n > 0; --n) {
        const std::string text = random_stream(random, "a1:,").substr(0, random.below(26U));
        stream += std::string(NetstringHead(text.size()).text()) + text + ",";
      }
      stream += random_stream(random, "0123:,a").substr(0, 20);
      expect_at_every_cut(NetstringDecoder(20), stream, test::netstrings_in(stream, 20), random);
    }
  });
}

TEST(PrefixedStringsInPieces, are_the_same_strings) {
  static constexpr PrefixedFormat short8{.width = PrefixWidth::int8, .length_max = 3};
  static constexpr PrefixedFormat short16{.width = PrefixWidth::int16, .length_max = 3};
  static constexpr PrefixedFormat short32{.width = PrefixWidth::int32, .length_max = 3};
  test::for_each_seed([](Random& random) {
    for (const PrefixedFormat* format : {&short8, &short16, &short32}) {
      for (int i = 0; i < 30 && !testing::Test::HasFailure(); ++i) {
        const std::string stream = random_stream(random, "\0\0\0\0\1\2\3\4\5"sv);
        expect_at_every_cut(PrefixedDecoder(*format), stream, test::strings_in(stream, *format),
                            random);
      }
    }
  });
}

// Nothing behind what is shown is read: each beginning of a stream, at the end of what is readable.
template <class Decoder>
void show_every_beginning(Decoder decoder, std::string_view stream) {
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    const Guarded guarded(stream.substr(0, size));
    Decoder fresh = decoder;
    Bytes rest = guarded.bytes();
    for (Decoded frame = fresh.find(rest); frame.size > 0; frame = fresh.find(rest)) {
      fresh.take();
      rest = rest.subspan(frame.size);
    }
  }
}

TEST(Decoders, read_nothing_behind_what_they_are_shown) {
  show_every_beginning(LineDecoder(crlf), "one\r\n\r\r\n12345678901234567890\r\nx\r\n\n");
  show_every_beginning(LineDecoder(letter), "\r\n.\r\n.\r\n\r\n.\r\n");
  show_every_beginning(NetstringDecoder(20), "5:hello,0:,12:hello world!,20");
  show_every_beginning(PrefixedDecoder(int8), "\5hello\0\3a\0b\x7fhello"sv);
  show_every_beginning(PrefixedDecoder(int16), "\0\5hello\0\0\xff\xffhello"sv);
  show_every_beginning(PrefixedDecoder(int32), "\0\0\0\5hello\0\0\0\0\xff\xff\xff\xff"sv);
}

// What was looked at once is not looked at again, or a line in pieces would take the square of its
// length: the pages with it cannot even be read any more.
TEST(LineDecoder, looks_at_each_byte_once) {
  static constexpr LineFormat format{.length_max = 1 << 20};
  const std::size_t page = Guarded::page_size();
  Guarded guarded(std::string(10 * page, 'x') + "\r\n");
  const Bytes stream = guarded.bytes();
  LineDecoder decoder(format);
  for (std::size_t size = 1; size < stream.size(); ++size) {
    ASSERT_EQ(decoder.find(stream.first(size)).kind, Decoded::Kind::partial);
    guarded.forbid_before(size - 1);
  }
  for (int i = 0; i < 3; ++i) {
    const Decoded frame = decoder.find(stream);
    EXPECT_EQ(frame.kind, Decoded::Kind::whole) << "also when it is not taken at once";
    EXPECT_EQ(frame.message.size(), 10 * page);
  }
}

// A receive buffer need hold no more than the longest message: what is longer does not wait.
TEST(Decoders, let_no_more_wait_than_the_longest_message) {
  const auto waited = [](auto decoder, std::string_view stream) {
    test::Shown shown(decoder);
    for (const char& c : stream) shown.come({&c, 1});
    return shown.waited_max();
  };
  const std::string much = std::string(1000, 'x') + "\r\n1234567890\r\n" + std::string(50, 'x');
  EXPECT_EQ(waited(LineDecoder(crlf), much), crlf.size_max() - 1);
  EXPECT_EQ(waited(NetstringDecoder(20), "20:12345678901234567890,20:1234567890123456789012"),
            netstring_size(20) - 1);
  EXPECT_EQ(waited(PrefixedDecoder(int8), '\x64' + std::string(300, '\xff')), int8.size_max() - 1);
}

}  // namespace
}  // namespace bobbin
