// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <chrono>

#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>

#include "figures.hpp"

// Tells all who look what the figures are, four times a second, and does nothing while nobody
// looks. Who reads too slowly misses some.
class Feed {
 public:
  Feed(bobbin::Clock& clock, Figures& figures)
      : figures_(figures),
        viewers_(clock, bobbin::Duration::zero()),
        samples_(clock, [this] { return send_sample(); }) {}

  bobbin::Error join(bobbin::http::EventStream& stream) {
    if (bobbin::Error error = stream.begin()) return error;
    if (!stream.open()) return {};
    bobbin::JsonWriter json(text_);
    figures_.write_about(json);
    if (bobbin::Error error = json.text().error()) return error;
    const bobbin::http::Event about{
        .event = "about", .data = *json.text(), .retry = std::chrono::seconds(1)};
    if (bobbin::Error error = stream.send(about)) return error;
    if (bobbin::Error error = viewers_.join(stream)) return error;
    return samples_.running() ? bobbin::Error() : samples_.start(interval);
  }

  static constexpr std::chrono::milliseconds interval{250};

  // Room for the longest event.
  static constexpr std::size_t event_max = 1280;

 private:
  bobbin::Error send_sample() {
    const std::size_t streams = viewers_.streams();
    if (streams == 0) {
      samples_.stop();
      return {};
    }
    bobbin::JsonWriter json(text_);
    figures_.write_sample(json, streams, viewers_.missed());
    const auto text = json.text();
    if (text) viewers_.send({.event = "sample", .data = *text});
    return text.error();
  }

  Figures& figures_;
  bobbin::http::EventBroadcaster viewers_;
  bobbin::LoopingCall samples_;
  std::array<char, event_max> text_{};
};
