// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>

namespace bobbin {

// A regular file that is open for reading. Reading waits for the disk, which it is therefore not to
// be far from: a network's file system can hold up the reactor.
class OpenFile {
 public:
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

  // As they were when it was opened.
  std::uint64_t size() const { return size_; }
  Time modified() const { return modified_; }

  // Fills `place` from this place in the file on, as far as there is anything, and says how much
  // that was: 0 at the end. Errors: system_error; not_running when no file is open.
  Result<std::size_t> read(std::uint64_t offset, MutableBytes place) const;

  bool is_open() const { return descriptor_.open(); }
  void close() { descriptor_.reset(); }

 private:
  friend class Directory;

  Descriptor descriptor_;
  std::uint64_t size_ = 0;
  Time modified_{};
};

// A directory whose files strangers may ask for. Only what lies below it can be opened, whatever a
// path says, and whatever is renamed meanwhile: each part of it is looked up in the directory
// before, and no symbolic link is followed. What is mounted below belongs to it.
class Directory {
 public:
  // Errors: address_not_available where there is no directory; permission_denied; no_capacity.
  Error open(const char* path);

  bool is_open() const { return descriptor_.open(); }

  // Opens a file by its path from here, "css/site.css", plain and not encoded; one that was open is
  // closed. Errors, and none is open: address_not_available where there is no regular file, and for
  // paths that are none: with a part that is empty or begins with a dot, as those of hidden files
  // do and "..", or with a zero; permission_denied; no_capacity; system_error.
  Error open_file(std::string_view path, OpenFile& file) const;

 private:
  Descriptor descriptor_;
};

}  // namespace bobbin
