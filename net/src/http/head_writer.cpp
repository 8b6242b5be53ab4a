// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/head_writer.hpp>

#include "digits.hpp"

namespace bobbin::http {

void HeadWriter::text(const char* piece) const { text(std::string_view(piece)); }

void HeadWriter::number(std::uint64_t number) const {
  char digits[20];
  const std::size_t size = write_decimal(number, digits);
  text(std::string_view(digits + sizeof digits - size, size));
}

void HeadWriter::field(const std::string_view& name, const std::string_view& value) const {
  text("\r\n");
  text(name);
  text(": ");
  text(value);
}

void HeadWriter::field_if_any(const char* name, const std::string_view& value) const {
  if (!value.empty()) field(name, value);
}

void HeadWriter::fields(std::span<const Field> fields) const {
  for (const Field& each : fields) field(each.name, each.value);
}

void HeadWriter::length(const BodyLength& body) const {
  if (body.kind == BodyLength::Kind::known) {
    text("\r\nContent-Length: ");
    number(body.bytes);
  } else if (body.kind == BodyLength::Kind::chunked) {
    text("\r\nTransfer-Encoding: chunked");
  }
}

}  // namespace bobbin::http
