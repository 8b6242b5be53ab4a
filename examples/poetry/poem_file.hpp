// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstdio>
#include <string_view>

#include "poem.hpp"

namespace poetry {

// A poem from a file, read at start.
class PoemFile {
 public:
  // Null, or why it cannot be read.
  const char* read(std::string_view name) {
    // Words of a command line end in a zero byte.
    std::FILE* const file = std::fopen(name.data(), "rb");
    if (file == nullptr) return "cannot open it";
    size_ = std::fread(text_.data(), 1, text_.size(), file);
    const bool whole = std::fgetc(file) == EOF;
    const bool failed = std::ferror(file) != 0;
    std::fclose(file);
    if (failed) return "cannot read it";
    return whole ? nullptr : "longer than a poem may be, 64 KiB";
  }

  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, poem_max> text_;
  std::size_t size_ = 0;
};

}  // namespace poetry
