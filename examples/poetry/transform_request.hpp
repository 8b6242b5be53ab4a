// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "transform.hpp"

namespace poetry {

class TransformRequest;

// Asks, and waits for the answer.
class TransformAsker final : public bobbin::NetstringReceiver<poem_max> {
 public:
  static constexpr std::size_t send_min = bobbin::netstring_size(request_max);

  explicit TransformAsker(TransformRequest& request) : request_(request) {}

  void connection_made() override;
  bobbin::Taken string_received(Bytes answer) override;

 private:
  TransformRequest& request_;
};

inline constexpr bobbin::ConnectionSizes asking{
    .connections = 1, .receive = TransformAsker::receive_min, .send = TransformAsker::send_min};

// A poem on its way through somebody else's TransformService. It ends in one of three ways: with an
// answer; without a connection; with the end of the connection where an answer should be.
class TransformRequest final : public bobbin::TcpClient<TransformAsker, asking, TransformRequest> {
 public:
  using Text = Deferred<std::string_view>;

  TransformRequest() : TcpClient(*this) {}
  ~TransformRequest() { shut_down(); }

  // Fires `text` with the poem as it has become. `name`, of at most TransformService::name_max, and
  // `poem` must stay until then. Cancelling it ends the connection.
  void send(Reactor& reactor, const Address& server, std::string_view name, std::string_view poem,
            Text& text) {
    name_ = name;
    poem_ = poem;
    text_ = &text;
    text.on_cancel([this] {
      text_ = nullptr;
      disconnect();
    });
    if (Error error = reactor.connect_tcp(server, *this)) fail(error);
  }

 private:
  friend class TransformAsker;

  void client_connection_failed(Error reason) override { fail(reason); }
  void client_connection_lost(Error reason) override { fail(reason); }

  void ask(bobbin::Transport& transport) {
    const bobbin::NetstringHead head(name_.size() + 1 + poem_.size());
    const bool asked = transport.write_sequence({bobbin::bytes_of(head.text()),
                                                 bobbin::bytes_of(name_), bobbin::bytes_of("."),
                                                 bobbin::bytes_of(poem_), bobbin::bytes_of(",")});
    BOBBIN_ASSERT(asked);
  }
  void answered(std::string_view answer) {
    std::ranges::copy(answer, answer_.begin());
    if (Text* const text = std::exchange(text_, nullptr)) {
      text->callback({answer_.data(), answer.size()});
    }
  }
  void fail(Error reason) {
    if (Text* const text = std::exchange(text_, nullptr)) text->errback(reason);
  }

  std::string_view name_;
  std::string_view poem_;
  Text* text_ = nullptr;  // null: it has been told, or wants to know nothing
  std::array<char, poem_max> answer_;
};

inline void TransformAsker::connection_made() { request_.ask(transport()); }

inline bobbin::Taken TransformAsker::string_received(Bytes answer) {
  transport().lose_connection();
  request_.answered(bobbin::text_of(answer));
  return bobbin::Taken::yes;
}

}  // namespace poetry
