// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <optional>

#include <bobbin/deferred.hpp>
#include <bobbin/http/client.hpp>

namespace bobbin::http {

// A response that has come to its end. The content lies in the Fetch, until it is started again.
struct Fetched {
  Status status = Status::ok;
  Bytes content;
};

// Fetch but for its size.
class AnyFetch : public Exchange {
 public:
  // Sends a request (`AnyClient::send`, whose errors it returns); `done` then gets the whole
  // response, or a failure: `BadResponse::content_too_large` if the content does not fit, and those
  // of `Exchange::request_failed`. Cancelling `done`, also by its time limit, cancels the exchange.
  // A status such as 404 is no failure: see `Fetched::status`.
  Error start(AnyClient& client, const Order& order, Deferred<Fetched>& done);

  // Of the response that began to come, also if the rest of it then failed; none: no response did.
  std::optional<Status> status() const { return status_; }

 protected:
  explicit AnyFetch(MutableBytes room) : room_(room) {}
  ~AnyFetch() = default;

 private:
  void response_received(const ResponseHead& response) override;
  std::size_t body_received(Bytes piece) override;
  void response_ended() override;
  void request_failed(const Failure& failure) override;

  MutableBytes room_;
  std::size_t size_ = 0;
  std::optional<Status> status_;
  Deferred<Fetched>* done_ = nullptr;
};

// An exchange whose response is kept whole, up to `content_max` bytes: treq's `content()`. It lasts
// at least as long as the Deferred it was started with waits.
template <std::size_t content_max>
class Fetch final : public AnyFetch {
 public:
  Fetch() : AnyFetch(content_) {}

 private:
  std::byte content_[content_max];
};

}  // namespace bobbin::http
