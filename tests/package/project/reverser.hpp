// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include <bobbin/bobbin.hpp>
#include <bobbin/net/line_receiver.hpp>

// Answers each line with the same backwards; who says nothing for a minute is shown out.
class Reverser final : public bobbin::LineReceiver<> {
 public:
  static constexpr bobbin::Duration patience = std::chrono::minutes(1);

  void connection_made() override {
    const auto call = transport().reactor().call_later(patience, [this] {
      static_cast<void>(send_line("still there?"));
      transport().lose_connection();
    });
    if (call) idle_ = *call;
  }

  bobbin::Taken line_received(bobbin::Bytes line) override {
    idle_.reset(patience);
    std::string backwards(bobbin::text_of(line));
    std::reverse(backwards.begin(), backwards.end());
    return bobbin::taken_if(send_line(backwards));
  }

  void connection_lost(bobbin::Error) override { idle_.cancel(); }

 private:
  bobbin::DelayedCall idle_;
};

// Has one word reversed, and fires the Deferred with the length of the answer.
struct Question {
  std::string word;
  bobbin::Deferred<std::size_t> answered;
};

class Asker final : public bobbin::LineReceiver<> {
 public:
  explicit Asker(Question& question) : question_(question) {}

  void connection_made() override { static_cast<void>(send_line(question_.word)); }
  bobbin::Taken line_received(bobbin::Bytes line) override {
    question_.answered.callback(line.size());
    transport().lose_connection();
    return bobbin::Taken::last;
  }
  void connection_lost(bobbin::Error reason) override {
    if (!question_.answered.called()) question_.answered.errback(reason);
  }

 private:
  Question& question_;
};

inline constexpr bobbin::ConnectionSizes one{.connections = 1, .receive = 512, .send = 1024};

class AskingClient final : public bobbin::TcpClient<Asker, one, Question> {
 public:
  explicit AskingClient(Question& question) : TcpClient(question), question_(question) {}
  ~AskingClient() { shut_down(); }

  void client_connection_failed(bobbin::Error reason) override {
    question_.answered.errback(reason);
  }

 private:
  Question& question_;
};
