// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/fetch.hpp>

#include <algorithm>
#include <utility>

#include <bobbin/assert.hpp>

namespace bobbin::http {

bool KeptFields::wants(std::string_view name) const {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [name](std::string_view wanted) { return same_token(wanted, name); });
}

bool KeptFields::keep(const Fields& fields) {
  clear();
  for (const Field& field : fields) {
    if (!wants(field.name) || keep(field)) continue;
    clear();
    return false;
  }
  return true;
}

bool KeptFields::keep(const Field& field) {
  const std::string_view parts[] = {field.name, ": ", field.value, "\r\n"};
  for (const std::string_view part : parts) {
    if (part.size() > room_.size() - size_) return false;
    size_ += part.copy(room_.data() + size_, part.size());
  }
  return true;
}

std::string_view Fetched::field(std::string_view name) const {
  BOBBIN_ASSERT(fields != nullptr && fields->wants(name));
  return fields->all().find(name).value_or(std::string_view());
}

Error AnyFetch::start(AnyClient& client, const Order& order, Deferred<Fetched>& done) {
  if (is_active()) return Errc::already_running;
  done_ = &done;
  size_ = 0;
  status_.reset();
  if (fields_ != nullptr) fields_->clear();
  if (const Error error = client.send(*this, order)) return error;
  done.on_cancel([this] {
    done_ = nullptr;
    cancel();
  });
  return {};
}

void AnyFetch::response_received(const ResponseHead& response) {
  status_ = response.status;
  if (fields_ != nullptr && !fields_->keep(response.fields)) {
    return fail(BadResponse::head_too_large);
  }
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
  std::exchange(done_, nullptr)
      ->callback({.status = *status_, .content = room_.first(size_), .fields = fields_});
}

void AnyFetch::request_failed(const Failure& failure) {
  if (done_ != nullptr) std::exchange(done_, nullptr)->errback(failure);
}

}  // namespace bobbin::http
