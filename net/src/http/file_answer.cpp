// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/file_answer.hpp>

#include <algorithm>
#include <charconv>

#include <bobbin/assert.hpp>
#include <bobbin/http/file_response.hpp>
#include <bobbin/http/routes.hpp>

namespace bobbin::http {

namespace {

// Read at once, into the stack.
constexpr std::size_t piece_max = 1024;

// "16bf3c2a41d0e000-1f4", in its quotes.
class FileTag {
 public:
  FileTag(std::uint64_t modified, std::uint64_t size) {
    *end_++ = '"';
    end_ = std::to_chars(end_, text_ + sizeof text_, modified, 16).ptr;
    *end_++ = '-';
    end_ = std::to_chars(end_, text_ + sizeof text_, size, 16).ptr;
    *end_++ = '"';
  }
  FileTag(const FileTag&) = delete;
  FileTag& operator=(const FileTag&) = delete;
  std::string_view text() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
  char text_[40];
  char* end_ = text_;
};

}  // namespace

std::optional<std::string_view> file_path(std::string_view encoded, std::span<char> place) {
  constexpr std::string_view index = "index.html";
  const auto path = decode(encoded, place);
  if (!path || !(path->empty() || path->ends_with('/'))) return path;
  if (place.size() - path->size() < index.size()) return std::nullopt;
  std::copy(index.begin(), index.end(), place.data() + path->size());
  return std::string_view(place.data(), path->size() + index.size());
}

Error AnyFileAnswer::begin(const RequestHead& request, const State& state,
                           const FileOptions& options) {
  const Error error = start(request, state, options);
  if (error || left_ == 0) close();
  return error;
}

Error AnyFileAnswer::start(const RequestHead& request, const State& state,
                           const FileOptions& options) {
  const auto modified = static_cast<std::uint64_t>(state.modified.time_since_epoch().count());
  const FileTag tag(modified, state.size);
  const FileDescription description{
      .size = state.size,
      .type = options.type,
      .validators = {.etag = tag.text(),
                     .modified = std::chrono::floor<std::chrono::seconds>(state.modified)},
      .cache = options.cache};
  const FileResponse answer(request, description);
  left_ = 0;
  if (!answer.has_content()) return responder_.respond(answer.response());
  const BodyLength length = BodyLength::of(answer.count());
  if (Error error = responder_.begin_response(answer.response(), length)) return error;
  at_ = answer.first();
  left_ = responder_.wants_content() ? answer.count() : 0;
  Error error;
  if (left_ > 0) error = responder_.register_producer(static_cast<PullProducer&>(*this));
  // Of an answer that cannot go on this ends the connection.
  if (error || left_ == 0) responder_.finish_response();
  return error;
}

void AnyFileAnswer::resume_producing() {
  std::byte place[piece_max];
  while (left_ > 0) {
    const std::size_t room = std::min(responder_.body_room(), sizeof place);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
    if (size == 0) return;
    const Result<std::size_t> count = read(at_, MutableBytes(place, size));
    if (!count || *count == 0) break;
    BOBBIN_ASSERT(*count <= size);
    [[maybe_unused]] const std::size_t taken = responder_.write_body(Bytes(place, *count));
    at_ += *count;
    left_ -= *count;
  }
  close();
  responder_.finish_response();
}

}  // namespace bobbin::http
