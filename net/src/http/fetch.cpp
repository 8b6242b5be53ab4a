// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/fetch.hpp>

#include <algorithm>
#include <utility>

namespace bobbin::http {

Error AnyFetch::start(AnyClient& client, const Order& order, Deferred<Fetched>& done) {
  if (is_active()) return Errc::already_running;
  done_ = &done;
  size_ = 0;
  status_.reset();
  if (const Error error = client.send(*this, order)) return error;
  done.on_cancel([this] {
    done_ = nullptr;
    cancel();
  });
  return {};
}

void AnyFetch::response_received(const ResponseHead& response) {
  status_ = response.status;
  const bool fits =
      response.body.kind != BodyLength::Kind::known || response.body.bytes <= room_.size();
  if (!fits) fail(BadResponse::content_too_large);
}

std::size_t AnyFetch::body_received(Bytes piece) {
  if (piece.size() > room_.size() - size_) {
    fail(BadResponse::content_too_large);
    return 0;
  }
  std::copy(piece.begin(), piece.end(), room_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += piece.size();
  return piece.size();
}

void AnyFetch::response_ended() {
  std::exchange(done_, nullptr)->callback({.status = *status_, .content = room_.first(size_)});
}

void AnyFetch::request_failed(const Failure& failure) {
  if (done_ != nullptr) std::exchange(done_, nullptr)->errback(failure);
}

}  // namespace bobbin::http
