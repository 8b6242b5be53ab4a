// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>

#include <bobbin/http/conditions.hpp>
#include <bobbin/http/fields.hpp>
#include <bobbin/http/routes.hpp>

#include "fuzz.hpp"

// The values of fields that a server looks into: dates, ranges, tags, codings, hosts. What is found
// in one must be something that can be, and written again mean the same.

namespace {

using namespace bobbin;

void check_date(std::string_view value) {
  const auto date = http::parse_date(value);
  if (!date) return;
  char place[http::date_size];
  const std::string_view text = http::write_date(*date, place);
  // A leap second at the end of the last year is in a year of five digits.
  fuzz::expect(text.empty() || http::parse_date(text) == date, "it is another date");
}

http::RequestHead request_with(const std::string& lines) {
  http::RequestHead request;
  request.method = "GET";
  request.fields = http::Fields(lines);
  return request;
}

void check_range(const std::string& value, std::uint64_t size) {
  const std::string lines = "Range: " + value + "\r\n";
  const http::RangeChoice choice = http::choose_range(request_with(lines), size, {});
  if (choice.status == http::Status::partial_content) {
    const http::ByteRange& range = choice.range;
    fuzz::expect(range.first <= range.last && range.last < size, "it is no part");
  }
  fuzz::expect(http::ContentRange(choice, UINT64_MAX).text().size() <= 72, "it is too long");
}

void check_tags(const std::string& value) {
  const std::string lines = "If-None-Match: " + value + "\r\nIf-Match: " + value + "\r\n";
  const http::Validators validators{.etag = "\"a\""};
  const http::Status status = http::check_conditions(request_with(lines), validators);
  // Whoever has it among the strong ones has it among the weak ones.
  fuzz::expect(status != http::Status::ok, "it is there, and it is not");
}

void check_coding(const std::string& value) {
  const std::string lines = "Accept-Encoding: " + value + "\r\n";
  const bool accepts = http::accepts_coding(request_with(lines), "gzip");
  fuzz::expect(!accepts || value.find_first_of("*pP") != value.npos, "nobody has named it");
}

void check_host(const std::string& value) {
  for (const char* const name : {"a.b", "*.b", "[::1]"}) {
    const bool is_one = http::is_host(name, value);
    fuzz::expect(!is_one || value.size() > 2, "it is below nothing");
    if (value.find(':') != value.npos) continue;
    fuzz::expect(http::is_host(name, value + ":80") == is_one, "the port makes a difference");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  if (!http::is_field_value(input.stream)) return 0;
  const std::string value(input.stream);
  switch (input.format % 5) {
    case 0: check_date(value); break;
    case 1: check_range(value, input.cut == 255 ? UINT64_MAX : input.cut); break;
    case 2: check_tags(value); break;
    case 3: check_coding(value); break;
    default: check_host(value); break;
  }
  return 0;
}
