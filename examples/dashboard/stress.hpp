// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "figures.hpp"

// An answer without an end, at whatever speed the client reads. It writes until the connection's
// ring pauses it, and goes on when the reactor says that there is room again.
class StressStream final : private bobbin::PushProducer {
 public:
  // `content` is sent again and again; it stays.
  StressStream(bobbin::http::AnyResponder& responder, StressFigures& figures, bobbin::Bytes content)
      : responder_(responder), figures_(figures), content_(content) {}
  StressStream(const StressStream&) = delete;
  StressStream& operator=(const StressStream&) = delete;
  ~StressStream() { leave(); }

  bobbin::Error begin() {
    using bobbin::http::BodyLength;
    const bobbin::http::Field uncached[] = {{"Cache-Control", "no-store"}};
    if (bobbin::Error error = responder_.begin_response(
            {.type = "application/octet-stream", .fields = uncached}, BodyLength::chunked())) {
      return error;
    }
    if (!responder_.wants_content()) {
      responder_.finish_response();
      return {};
    }
    figures_.open();
    state_ = State::flowing;
    rest_ = content_;
    bobbin::PushProducer& producer = *this;
    bobbin::Error error = responder_.last_until_end(producer);
    if (!error) error = responder_.register_producer(producer);
    if (error) leave();
    produce();
    return error;
  }

 private:
  enum class State : std::uint8_t { closed, flowing, paused };

  void resume_producing() override {
    if (state_ == State::paused) figures_.resume();
    state_ = State::flowing;
    produce();
  }
  void pause_producing() override {
    figures_.pause();
    state_ = State::paused;
  }
  void stop_producing() override { leave(); }

  void produce() {
    while (state_ == State::flowing) {
      const std::size_t taken = responder_.write_body(rest_);
      if (taken == 0) return;
      rest_ = taken == rest_.size() ? content_ : rest_.subspan(taken);
    }
  }
  void leave() {
    if (state_ == State::paused) figures_.resume();
    if (state_ != State::closed) figures_.close();
    state_ = State::closed;
  }

  bobbin::http::AnyResponder& responder_;
  StressFigures& figures_;
  bobbin::Bytes content_;
  bobbin::Bytes rest_;
  State state_ = State::closed;
};
