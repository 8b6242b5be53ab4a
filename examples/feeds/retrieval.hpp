// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>
#include <bobbin/log.hpp>

#include "rss.hpp"
#include "source.hpp"

namespace feeds {

// What retrievals have in common.
struct Network {
  bobbin::Clock& clock;
  bobbin::http::AnyClient& client;
  bobbin::Logger log;
};

// A response that is not what was asked for; its value is the status.
enum class NotOk : std::int32_t {};
inline std::string_view describe(NotOk status) {
  return reason_phrase(static_cast<bobbin::http::Status>(status));
}

// One feed on its way. It never fails: what comes is the feed, or, to be shown in its place, why
// there is none.
class Retrieval {
 public:
  static constexpr std::size_t document_max = 65536;
  static constexpr auto patience = std::chrono::seconds(30);

  // As if nothing had been retrieved; what is on its way is given up.
  void forget();

  // After `forget`. The Chain goes on when there is something to show, perhaps from inside.
  bobbin::Chain<void> start(Network& network, const Source& source);

  bool is_over() const { return state_ != State::pending; }
  bool failed() const { return state_ == State::failed; }

  // What is shown once it is over: the feed, or what is wrong with it.
  bobbin::http::SlotContent fill(const bobbin::http::Slot& slot);
  std::span<const Item> items() const { return feed_.items(); }

 private:
  enum class State : std::uint8_t { pending, loaded, failed };
  using Fetched = bobbin::http::Fetched;

  bobbin::http::SlotContent fill_failure(const bobbin::http::Slot& slot);

  bobbin::Outcome<Fetched> check(const Fetched& fetched) const;
  bobbin::Outcome<Fetched> check_failed(const bobbin::Failure& failure) const;
  bobbin::Outcome<void> parse(const Fetched& fetched);
  bobbin::Outcome<void> complain_of_status(const bobbin::Failure& failure);
  void complain(const bobbin::Failure& failure);
  void fail(std::string_view reason);

  Network* network_ = nullptr;
  const Source* source_ = nullptr;
  bobbin::http::Fetch<document_max> fetch_;
  bobbin::Deferred<Fetched, 8> done_;
  std::array<char, 512> redirect_room_;
  Feed feed_;
  Text reason_;
  Text failure_;
  State state_ = State::pending;
};

}  // namespace feeds
