// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/http/conditions.hpp>
#include <bobbin/http/date.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/response.hpp>

namespace bobbin::http {

// What there is to say of a file beside its content.
struct FileDescription {
  std::uint64_t size = 0;  // in bytes, in this coding
  std::string_view type{};
  Validators validators{};
  std::string_view cache{};   // Cache-Control; empty: no such field
  std::string_view coding{};  // Content-Encoding; empty: none
  bool has_codings = false;   // others get another content: Vary
};

// How a request for a file is answered: by its conditions and its range 200, 206, 304, 412 or 416,
// with all that belongs to it. What it is made from must stay for as long as it is used.
class FileResponse {
 public:
  FileResponse(const RequestHead& request, const FileDescription& file);
  FileResponse(const FileResponse&) = delete;
  FileResponse& operator=(const FileResponse&) = delete;

  Response response() const;

  // Whether there is a part of the file to send, and which: so many bytes from the first.
  bool has_content() const { return choice_.status <= Status::partial_content; }
  std::uint64_t first() const { return choice_.range.first; }
  std::uint64_t count() const;

 private:
  void add(std::string_view name, std::string_view value);

  const FileDescription& file_;
  RangeChoice choice_;
  ContentRange content_range_;
  std::array<char, date_size> modified_{};
  std::array<Field, 7> fields_{};
  std::size_t field_count_ = 0;
};

}  // namespace bobbin::http
