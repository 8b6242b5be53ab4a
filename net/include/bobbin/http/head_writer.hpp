// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <bobbin/http/fields.hpp>
#include <bobbin/http/request_head.hpp>

namespace bobbin::http {

// Writes a head piece by piece, so that nothing is put together in memory. Names that are `const
// char*` end with NUL: a small processor is given them by their place alone.
class HeadWriter {
 public:
  // Calls `write(std::string_view)` with each piece; `write` outlives this.
  template <class Write>
  explicit HeadWriter(Write& write)
      : context_(&write), write_([](void* context, const std::string_view& piece) {
          (*static_cast<Write*>(context))(piece);
        }) {}

  void text(const std::string_view& piece) const { write_(context_, piece); }
  void text(const char* piece) const;
  void number(std::uint64_t number) const;

  // The end of the line before, and a field's line without its end.
  void field(const std::string_view& name, const std::string_view& value) const;
  // The same, but nothing if the value is empty.
  void field_if_any(const char* name, const std::string_view& value) const;
  void fields(std::span<const Field> fields) const;
  // What says how the content ends, if anything is to.
  void length(const BodyLength& body) const;

  // The end of the last line, and the empty one.
  void end() const { text("\r\n\r\n"); }

 private:
  void* context_;
  void (*write_)(void* context, const std::string_view& piece);
};

}  // namespace bobbin::http
