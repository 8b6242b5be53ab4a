// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/directory.hpp>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "system_error.hpp"

namespace bobbin {

namespace {

constexpr int to_enter = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// Without waiting for somebody to write to a fifo.
constexpr int to_read = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

// One part of a path as system calls take it.
class Name {
 public:
  explicit Name(std::string_view text) {
    const bool is_one = !text.empty() && text.size() <= NAME_MAX && !text.starts_with('.') &&
                        text.find('\0') == text.npos;
    if (is_one) *std::copy(text.begin(), text.end(), text_.begin()) = '\0';
  }
  const char* text() const { return text_.data(); }  // empty: it is none

 private:
  std::array<char, NAME_MAX + 1> text_{};
};

// What is not a file to be read is none, to whoever asks.
Error missing(int number) {
  switch (number) {
    case ENAMETOOLONG:
    case ENXIO:
    case EISDIR: return {Errc::address_not_available, number};
    default: return error_of(number);
  }
}

int open_in(int directory, const Name& name, int how) {
  if (*name.text() == '\0') {
    errno = ENOENT;
    return -1;
  }
  return ::openat(directory, name.text(), how);
}

}  // namespace

Result<std::size_t> OpenFile::read(std::uint64_t offset, MutableBytes place) const {
  if (!is_open()) return Errc::not_running;
  const auto at = static_cast<off_t>(offset);
  ssize_t count = 0;
  do {
    count = ::pread(descriptor_.number(), place.data(), place.size(), at);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return Error(Errc::system_error, errno);
  return static_cast<std::size_t>(count);
}

Error Directory::open(const char* path) {
  descriptor_.reset(::open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
  return is_open() ? Error() : error_of(errno);
}

Error Directory::open_file(std::string_view path, OpenFile& file) const {
  file.close();
  Descriptor inner;
  int directory = descriptor_.number();
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
    const int next = open_in(directory, Name({path.data(), slash}), to_enter);
    if (next < 0) return missing(errno);
    inner.reset(next);
    directory = next;
    path.remove_prefix(slash + 1);
  }
  file.descriptor_.reset(open_in(directory, Name(path), to_read));
  if (!file.is_open()) return missing(errno);
  struct stat status {};
  const bool known = ::fstat(file.descriptor_.number(), &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    file.size_ = static_cast<std::uint64_t>(status.st_size);
    file.modified_ = OpenFile::Time(std::chrono::seconds(status.st_mtim.tv_sec) +
                                    std::chrono::nanoseconds(status.st_mtim.tv_nsec));
    return {};
  }
  const Error error = known ? Error(Errc::address_not_available) : error_of(errno);
  file.close();
  return error;
}

}  // namespace bobbin
