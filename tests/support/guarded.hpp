// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <bobbin/bytes.hpp>

namespace bobbin::test {

// A copy of some bytes that ends where readable memory ends: who reads behind them ends the
// program. Also makes the bytes in front unreadable.
class Guarded {
 public:
  explicit Guarded(std::string_view text) : text_size_(text.size()) {
    const std::size_t page = page_size();
    readable_ = (text.size() + page - 1) / page * page;
    mapped_ = readable_ + page;
    void* const mapping =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) std::abort();
    pages_ = static_cast<std::byte*>(mapping);
    std::memcpy(const_cast<std::byte*>(bytes().data()), text.data(), text.size());
    if (mprotect(pages_ + readable_, page, PROT_NONE) != 0) std::abort();
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(pages_, mapped_); }

  Bytes bytes() const { return {pages_ + readable_ - text_size_, text_size_}; }

  // From now on nobody may read the pages that lie wholly in front of the byte at `position`.
  void forbid_before(std::size_t position) {
    const std::size_t size = (readable_ - text_size_ + position) / page_size() * page_size();
    if (size > 0 && mprotect(pages_, size, PROT_NONE) != 0) std::abort();
  }

  static std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

 private:
  std::size_t text_size_;
  std::size_t readable_;
  std::size_t mapped_;
  std::byte* pages_;
};

}  // namespace bobbin::test
