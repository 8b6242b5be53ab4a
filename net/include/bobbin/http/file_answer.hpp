// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/bytes.hpp>
#include <bobbin/error.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/responder.hpp>
#include <bobbin/producer.hpp>

namespace bobbin::http {

// What a FileAnswer asks of a file: OpenFile on Linux, a flash file system's elsewhere. `read`
// fills what it is given, as far as there is anything, and says how much that was.
template <class T>
concept ReadableFile = requires(T& file, std::uint64_t offset, MutableBytes place) {
  { file.size() } -> std::convertible_to<std::uint64_t>;
  { file.modified() } -> std::convertible_to<std::chrono::sys_time<std::chrono::nanoseconds>>;
  { file.read(offset, place) } -> std::same_as<Result<std::size_t>>;
  {file.close()};
};

struct FileOptions {
  std::string_view type{};              // of its content, see `media_type`
  std::string_view cache = "no-cache";  // Cache-Control
};

// The path of a file that the end of a request's path asks for: decoded, and "index.html" behind
// one that is empty or ends with '/'. It is written to `place`; none if it is not encoded as it
// should be, or has no room there. It may still lead anywhere: "..", zeros and all.
std::optional<std::string_view> file_path(std::string_view encoded, std::span<char> place);

// FileAnswer but for its file.
class AnyFileAnswer : private PullProducer {
 public:
  AnyFileAnswer(const AnyFileAnswer&) = delete;
  AnyFileAnswer& operator=(const AnyFileAnswer&) = delete;

 protected:
  struct State {
    std::uint64_t size = 0;
    std::chrono::sys_time<std::chrono::nanoseconds> modified{};
  };

  explicit AnyFileAnswer(AnyResponder& responder) : responder_(responder) {}
  ~AnyFileAnswer() = default;

  Error begin(const RequestHead& request, const State& state, const FileOptions& options);

 private:
  virtual Result<std::size_t> read(std::uint64_t offset, MutableBytes place) = 0;
  virtual void close() = 0;

  Error start(const RequestHead& request, const State& state, const FileOptions& options);
  void resume_producing() override;
  void stop_producing() override { close(); }

  AnyResponder& responder_;
  std::uint64_t at_ = 0;
  std::uint64_t left_ = 0;
};

// Answers requests with files, beside the Responder whose requests they are: by conditions and
// ranges, read while it is sent, no more than there is room for. A file that becomes shorter
// meanwhile, or cannot be read, ends the connection, so that nobody takes a part for the whole; of
// one that becomes longer as much is sent as was promised.
//
//   Error error = root.open_file(path, answer.file());
//   if (!error) error = answer.begin(request, {.type = http::media_type(path)});
template <ReadableFile File>
class FileAnswer final : public AnyFileAnswer {
 public:
  explicit FileAnswer(AnyResponder& responder) : AnyFileAnswer(responder) {}

  // To be opened before an answer begins. It is closed when that has ended, or could not begin.
  File& file() { return file_; }

  // The tag is made of the file's size and of when it was modified. Errors: those of
  // `Responder::begin_response`.
  Error begin(const RequestHead& request, const FileOptions& options) {
    return AnyFileAnswer::begin(request, {.size = file_.size(), .modified = file_.modified()},
                                options);
  }

 private:
  Result<std::size_t> read(std::uint64_t offset, MutableBytes place) override {
    return file_.read(offset, place);
  }
  void close() override { file_.close(); }

  File file_;
};

}  // namespace bobbin::http
