// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/deferred.hpp>
#include <bobbin/http/client.hpp>

namespace bobbin::http {

// Of a response's head the fields of some names, copied.
class KeptFields {
 public:
  // What lies in both stays there. The names may be written in whatever case.
  KeptFields(std::span<const std::string_view> wanted, std::span<char> room)
      : wanted_(wanted), room_(room) {}

  // In the place of those that are kept. False if there is no room for all that are wanted; then
  // there are none. Each takes four bytes more than its name and its value.
  bool keep(const Fields& fields);
  void clear() { size_ = 0; }

  // In the order in which they came.
  Fields all() const { return Fields({room_.data(), size_}); }

  bool wants(std::string_view name) const;

 private:
  bool keep(const Field& field);

  std::span<const std::string_view> wanted_;
  std::span<char> room_;
  std::size_t size_ = 0;
};

// A response that has come to its end. The content and the fields lie in the Fetch, until it is
// started again.
struct Fetched {
  // The content as text.
  std::string_view text() const { return text_of(content); }

  // The first field of this name, empty if the response has none. That it is one of those that the
  // Fetch is to keep is asserted.
  std::string_view field(std::string_view name) const;

  Status status = Status::ok;
  Bytes content;
  const KeptFields* fields = nullptr;  // none: the Fetch keeps none
};

// Fetch but for its size.
class AnyFetch : public Exchange {
 public:
  // Sends a request (`AnyClient::send`, whose errors it returns); `done` then gets the whole
  // response, or a failure: `BadResponse::content_too_large` if the content does not fit,
  // `head_too_large` if the fields that are to be kept do not, and those of
  // `Exchange::request_failed`. Cancelling `done`, also by its time limit, cancels the exchange.
  // A status such as 404 is no failure: see `Fetched::status`.
  Error start(AnyClient& client, const Order& order, Deferred<Fetched>& done);

  // Of the response that began to come, also if the rest of it then failed; none: no response did.
  std::optional<Status> status() const { return status_; }

 protected:
  AnyFetch(MutableBytes room, KeptFields* fields) : room_(room), fields_(fields) {}
  ~AnyFetch() = default;

 private:
  void response_received(const ResponseHead& response) override;
  std::size_t body_received(Bytes piece) override;
  void response_ended() override;
  void request_failed(const Failure& failure) override;

  MutableBytes room_;
  KeptFields* fields_;
  std::size_t size_ = 0;
  std::optional<Status> status_;
  Deferred<Fetched>* done_ = nullptr;
};

// What a Fetch keeps fields in.
template <std::size_t size>
class FieldRoom {
 protected:
  explicit FieldRoom(std::span<const std::string_view> names) : fields_(names, room_) {}
  KeptFields* fields() { return &fields_; }

 private:
  char room_[size];
  KeptFields fields_;
};
template <>
class FieldRoom<0> {};

// An exchange whose response is kept whole, up to `content_max` bytes: treq's `content()`. It lasts
// at least as long as the Deferred it was started with waits. Of the head it keeps the status and,
// in `fields_max` bytes, the fields that are named beforehand, each of which takes its name, its
// value and four bytes, so that it is no matter what else a server says of itself:
//
//   static constexpr std::string_view wanted[] = {"ETag", "Last-Modified"};
//   http::Fetch<1024, 128> fetch{wanted};
//   done.add_callback([](const http::Fetched& fetched) { note(fetched.field("ETag")); });
//   Error error = fetch.start(client, http::Order::get("http://example.org/"), done);
template <std::size_t content_max, std::size_t fields_max = 0>
class Fetch final : private FieldRoom<fields_max>, public AnyFetch {
 public:
  Fetch() requires(fields_max == 0) : AnyFetch(content_, nullptr) {}

  // `names` last as long as this.
  explicit Fetch(std::span<const std::string_view> names) requires(fields_max > 0)
      : FieldRoom<fields_max>(names), AnyFetch(content_, this->fields()) {}

 private:
  std::byte content_[content_max];
};

}  // namespace bobbin::http
