// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <string>

#include "posix_support.hpp"

namespace bobbin::test {

// As Record, of a connection that stays when its input has ended.
struct StreamRecord : Record {
  int ended = 0;
};

class StreamProtocol final : public Recorder {
 public:
  explicit StreamProtocol(StreamRecord& record) : Recorder(record), record_(record) {}
  void read_connection_lost() override { ++record_.ended; }

 private:
  StreamRecord& record_;
};

using StreamEnd = StreamClient<StreamProtocol, single, StreamRecord>;

inline bool does_not_block(int descriptor) {
  return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0;
}

inline bool readable(int descriptor) {
  pollfd waited{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&waited, 1, 0) == 1;
}

// What can be read now, without waiting.
inline std::string read_available(int descriptor, bool& ended) {
  std::string all;
  char bytes[4096];
  while (readable(descriptor)) {
    const ssize_t count = ::read(descriptor, bytes, sizeof bytes);
    ended = count <= 0;
    if (ended) break;
    all.append(bytes, static_cast<std::size_t>(count));
  }
  return all;
}

// A pipe whose ends block.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) std::abort();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_read_end();
    close_write_end();
  }

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read_end() { close_end(ends_[0]); }
  void close_write_end() { close_end(ends_[1]); }

  void write(const std::string& text) {
    const ssize_t written = ::write(write_end(), text.data(), text.size());
    EXPECT_EQ(written, static_cast<ssize_t>(text.size()));
  }
  // What has come since the last time.
  std::string read() {
    const std::string piece = read_available(read_end(), ended_);
    all_read_ += piece;
    return piece;
  }
  const std::string& all_read() const { return all_read_; }
  bool at_end() const { return ended_; }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  int ends_[2];
  std::string all_read_;
  bool ended_ = false;
};

class File {
 public:
  File(const char* path, int flags) : descriptor_(open(path, flags | O_CLOEXEC)) {
    if (descriptor_ < 0) std::abort();
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// A file without a name, at its beginning.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string pattern = testing::TempDir() + "bobbin-XXXXXX";
    descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
    if (descriptor_ < 0 || unlink(pattern.c_str()) != 0) std::abort();
    const ssize_t length = static_cast<ssize_t>(content.size());
    if (pwrite(descriptor_, content.data(), content.size(), 0) != length) std::abort();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }
  std::string content() const {
    char bytes[4096];
    const ssize_t count = pread(descriptor_, bytes, sizeof bytes, 0);
    return {bytes, static_cast<std::size_t>(count > 0 ? count : 0)};
  }

 private:
  int descriptor_ = -1;
};

// A stream outlives the connection that it is, so what it is made of comes first here.
class StreamTest : public testing::Test {
 protected:
  DescriptorPair& stream(int input, int output) { return streams_.emplace_back(input, output); }

  // The other ends are the test's.
  Pipe in_;
  Pipe out_;
  TestedReactor<> reactor_;
  StreamRecord record_;
  std::deque<DescriptorPair> streams_;
  StreamEnd client_{record_};
};

}  // namespace bobbin::test
