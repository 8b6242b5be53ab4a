// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/resolver.hpp>

#include <algorithm>
#include <utility>

namespace bobbin {

void AnyLookup::give_up(Error reason) {
  if (!looking()) return;
  resolver_->forget(*this);
  answerer_ = nullptr;
  verdict_ = reason;
  due_.reset(Duration::zero());
}

void AnyLookup::begin(Resolver& resolver, DelayedCall due, std::uint16_t port) {
  resolver_ = &resolver;
  due_ = due;
  verdict_ = Errc::timed_out;
  count_ = 0;
  answerer_ = nullptr;
  port_ = port;
  on_cancel([this] { forget(); });
}

// Nothing of it is left with others.
void AnyLookup::end() {
  due_.cancel();
  resolver_ = nullptr;
}

void AnyLookup::forget() {
  Resolver* const resolver = resolver_;
  end();
  if (resolver != nullptr) resolver->forget(*this);
}

void AnyLookup::settle() {
  forget();
  if (verdict_) {
    errback(Failure(verdict_, Origin()));
  } else {
    callback(std::span<const Address>(places_.first(count_)));
  }
}

Error Resolver::resolve(AnyLookup& lookup, std::string_view host, const LookupOptions& options) {
  if (lookup.looking()) return Errc::already_running;
  if (lookup.called() || options.timeout <= Duration::zero()) return Errc::invalid_argument;
  const Result<Address> address = Address::parse(host, options.port);
  const Result<HostName> name = HostName::parse(host);
  if (!address && !name) return Errc::invalid_argument;
  const Result<DelayedCall> due =
      clock_.call_later(options.timeout, [&lookup] { lookup.settle(); });
  if (!due) return due.error();
  lookup.begin(*this, *due, options.port);
  if (address) {
    found(lookup, *address);
    end_later(lookup, Duration::zero());
    return {};
  }
  const Error error = begin(lookup, *name);
  if (error) lookup.end();
  return error;
}

void Resolver::found(AnyLookup& lookup, const Address& address) {
  if (lookup.count_ == lookup.places_.size()) return;
  lookup.places_[lookup.count_++] = address.with_port(lookup.port_);
}

void Resolver::end(AnyLookup& lookup, Error error) {
  lookup.verdict_ = error || lookup.count_ > 0 ? error : Error(Errc::unknown_host);
  lookup.end();
  lookup.settle();
}

void Resolver::end_later(AnyLookup& lookup, Duration delay, Error error) {
  if (lookup.due_.time() <= after(lookup.resolver_->clock_.present(), delay)) return;
  lookup.verdict_ = error || lookup.count_ > 0 ? error : Error(Errc::unknown_host);
  lookup.due_.reset(delay);
}

}  // namespace bobbin
