// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <bobbin/bytes.hpp>
#include <bobbin/http/routes.hpp>

namespace bobbin::http {

// A RoutedResponder that keeps the content of requests whole, up to `content_max` bytes of it, for
// routes that are to understand it: a form, a document of JSON. A route is called when there is
// only the request's head, of which it keeps what it needs, and says who answers:
//
//   struct Site final : http::ContentResponder<Site, 256> {
//     Error put(const http::RequestHead& request, const http::Parameters& parameters) {
//       id_ = parameters.number("id");
//       return receive_content(request, &Site::set);
//     }
//     Error set(Bytes content) { ... }
//
// Content that no route receives is thrown away. `ServerLimits::body` bounds it too. After a 413
// the connection goes on: what is left of the content is thrown away. Who overrides a callback here
// calls this one too.
template <class Site, std::size_t content_max, const ServerLimits& limits = default_server_limits>
class ContentResponder : public RoutedResponder<Site, limits> {
 public:
  void request_received(const RequestHead& request) override;
  std::size_t body_received(Bytes piece) override;
  void request_ended() override;

 protected:
  using ContentAnswer = Error (Site::*)(Bytes content);

  ContentResponder() = default;
  ~ContentResponder() = default;

  // From a route: once the content has come `answer` is called with it, if only with nothing,
  // instead of the route, and answers now or later. The bytes stay until the request is answered.
  // If it returns an error and has not answered, that is answered as by `answer_failure`, as the
  // request's head is gone. An answer that is given before the content is whole is the last word.
  Error receive_content(const RequestHead& request, ContentAnswer answer);

  // Instead of that, where the content is longer than `content_max`. The default answers 413.
  virtual Error content_too_large() { return this->respond_with(Status::content_too_large); }

 private:
  ContentAnswer content_answer_ = nullptr;  // none: nobody receives it
  std::size_t content_size_ = 0;
  std::byte content_[content_max];
};

// What was to be received of another request may have been answered before it came.
template <class Site, std::size_t content_max, const ServerLimits& limits>
void ContentResponder<Site, content_max, limits>::request_received(const RequestHead& request) {
  content_answer_ = nullptr;
  RoutedResponder<Site, limits>::request_received(request);
}

template <class Site, std::size_t content_max, const ServerLimits& limits>
Error ContentResponder<Site, content_max, limits>::receive_content(const RequestHead& request,
                                                                   ContentAnswer answer) {
  content_size_ = 0;
  if (request.body.bytes > content_max) return content_too_large();
  content_answer_ = answer;
  return {};
}

template <class Site, std::size_t content_max, const ServerLimits& limits>
std::size_t ContentResponder<Site, content_max, limits>::body_received(Bytes piece) {
  if (content_answer_ == nullptr) return piece.size();
  if (piece.size() > content_max - content_size_) {
    content_answer_ = nullptr;
    if (const Error error = content_too_large()) this->refuse_for(error);
    return piece.size();
  }
  std::copy(piece.begin(), piece.end(), content_ + content_size_);
  content_size_ += piece.size();
  return piece.size();
}

template <class Site, std::size_t content_max, const ServerLimits& limits>
void ContentResponder<Site, content_max, limits>::request_ended() {
  const ContentAnswer answer = std::exchange(content_answer_, nullptr);
  if (answer == nullptr) return;
  const Bytes content(content_, content_size_);
  if (const Error error = (static_cast<Site&>(*this).*answer)(content)) {
    this->answer_failure(Failure(error, Origin()));
  }
}

}  // namespace bobbin::http
