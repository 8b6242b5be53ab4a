// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/pid_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>

#include "system_error.hpp"

namespace bobbin {

namespace {

constexpr std::size_t number_max = 16;  // with the end of its line

// How often it is tried again when whoever held the file has just removed it.
constexpr int attempts = 100;

int open_directory_of(const char* path, const char* name) {
  std::array<char, PATH_MAX> directory{"."};
  const auto length = static_cast<std::size_t>(name - path);
  if (length >= directory.size()) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (length > 0) {
    std::memcpy(directory.data(), path, length);
    directory[length] = '\0';
  }
  return open(directory.data(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// What stands in a file of this kind: nothing, or a number. Negative for anything else.
std::int32_t number_in(int file) {
  std::array<char, number_max + 1> text{};
  const ssize_t length = pread(file, text.data(), text.size(), 0);
  if (length == 0) return 0;
  if (length < 0 || static_cast<std::size_t>(length) > number_max) return -1;
  std::int32_t number = 0;
  const char* const end = text.data() + length;
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  const bool whole = problem == std::errc() &&
                     std::all_of(rest, end, [](char c) { return c == '\n' || c == ' '; });
  return whole && number > 0 ? number : -1;
}

}  // namespace

Error PidFile::acquire(const char* path) {
  if (held()) return Errc::already_running;
  const char* const slash = std::strrchr(path, '/');
  name_ = slash == nullptr ? path : slash + 1;
  directory_.reset(open_directory_of(path, name_));
  if (!directory_.open()) return error_of(errno);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (const Error error = open_and_lock(name_)) {
      file_.reset();
      return error;
    }
    // What is locked may have been removed by then, and another file be there.
    if (still_there(name_)) return write_number();
  }
  file_.reset();
  return Errc::would_block;
}

Error PidFile::open_and_lock(const char* name) {
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  file_.reset(openat(directory_.number(), name, flags, 0644));
  if (!file_.open()) return errno == ELOOP ? Error(Errc::invalid_argument, ELOOP) : error_of(errno);
  struct stat status {};
  if (fstat(file_.number(), &status) != 0) return error_of(errno);
  if (!S_ISREG(status.st_mode)) return Errc::invalid_argument;
  const std::int32_t number = number_in(file_.number());
  if (number < 0) return Errc::invalid_argument;
  if (flock(file_.number(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return error_of(errno);
  holder_ = number;
  return Errc::already_running;
}

bool PidFile::still_there(const char* name) const {
  struct stat ours {};
  struct stat there {};
  return fstat(file_.number(), &ours) == 0 &&
         fstatat(directory_.number(), name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Error PidFile::write_number() {
  std::array<char, number_max> text{};
  char* end = std::to_chars(text.begin(), text.end() - 1, getpid()).ptr;
  *end++ = '\n';
  const auto length = static_cast<std::size_t>(end - text.data());
  const bool written =
      ftruncate(file_.number(), 0) == 0 &&
      pwrite(file_.number(), text.data(), length, 0) == static_cast<ssize_t>(length);
  if (written) return {};
  const Error error = error_of(errno);
  release();
  return error;
}

// Removed while it is locked, so that nobody takes it over in between.
void PidFile::release() {
  if (!held()) return;
  const bool removed = still_there(name_) && unlinkat(directory_.number(), name_, 0) == 0;
  if (!removed) static_cast<void>(ftruncate(file_.number(), 0) == 0);
  file_.reset();
  directory_.reset();
}

}  // namespace bobbin
