// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "retrieval.hpp"

#include <charconv>

namespace feeds {

void Retrieval::forget() {
  done_.reset();
  state_ = State::pending;
}

bobbin::Chain<void> Retrieval::start(Network& network, const Source& source) {
  network_ = &network;
  source_ = &source;
  network.log.info("Downloading feed {url}", source.url);
  auto order = bobbin::http::Order::get(source.url);
  order.redirect_room = redirect_room_;
  if (bobbin::Error error = fetch_.start(network.client, order, done_)) done_.errback(error);
  // What is known of a trouble is told first, then that of all others.
  return done_.add_timeout(network.clock, patience)
      .add_callbacks([this](const Fetched& fetched) { return check(fetched); },
                     [this](const bobbin::Failure& failure) { return check_failed(failure); })
      .add_callback([this](const Fetched& fetched) { return parse(fetched); })
      .add_errback([this](const bobbin::Failure& failure) { return complain_of_status(failure); })
      .add_errback([this](const bobbin::Failure& failure) { complain(failure); });
}

bobbin::Outcome<bobbin::http::Fetched> Retrieval::check(const Fetched& fetched) const {
  if (fetched.status != bobbin::http::Status::ok) return static_cast<NotOk>(fetched.status);
  return fetched;
}

// What says that there is no feed may be longer than any feed.
bobbin::Outcome<bobbin::http::Fetched> Retrieval::check_failed(
    const bobbin::Failure& failure) const {
  const bool too_long = failure == bobbin::http::BadResponse::content_too_large;
  const auto status = fetch_.status();
  if (!too_long || !status || *status == bobbin::http::Status::ok) return failure;
  return static_cast<NotOk>(*status);
}

bobbin::Outcome<void> Retrieval::parse(const Fetched& fetched) {
  const bobbin::Outcome<void> outcome = read_rss(fetched.text(), feed_);
  if (outcome) state_ = State::loaded;
  return outcome;
}

bobbin::Outcome<void> Retrieval::complain_of_status(const bobbin::Failure& failure) {
  if (!failure.is<NotOk>()) return failure;
  const auto status = static_cast<std::int32_t>(failure.as<NotOk>());
  network_->log.error("Could not download feed {url}: {status}", source_->url, status);
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), status).ptr;
  fail({digits.begin(), static_cast<std::size_t>(end - digits.begin())});
  return {};
}

void Retrieval::complain(const bobbin::Failure& failure) {
  const std::string_view reason = describe(failure);
  network_->log.critical("Unexpected failure downloading {url}: {reason}", source_->url, reason);
  fail(reason);
}

void Retrieval::fail(std::string_view reason) {
  state_ = State::failed;
  reason_.clear();
  reason_.append(reason);
}

bobbin::http::SlotContent Retrieval::fill(const bobbin::http::Slot& slot) {
  if (failed()) return fill_failure(slot);
  if (slot.name == "link") return feed_.link.view();
  return slot.name == "title" ? feed_.title.view() : bobbin::http::SlotContent::none();
}

// On the page it is a link to where the feed should be.
bobbin::http::SlotContent Retrieval::fill_failure(const bobbin::http::Slot& slot) {
  if (slot.name == "error") {
    const std::string_view what = slot.is_for_json ? source_->url : "feed";
    failure_.clear();
    failure_.append("Failed to load ").append(what).append(": ").append(reason_.view());
    return failure_.view();
  }
  const bool is_link = slot.name == "link" && !slot.is_for_json;
  return is_link ? bobbin::http::SlotContent(source_->url) : bobbin::http::SlotContent::none();
}

}  // namespace feeds
