// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/bobbin.hpp>

// Hears what a ping-pong does.
class PingPongLog {
 public:
  virtual void wrote_a_byte(std::string_view who) = 0;
  virtual void is_closing(std::string_view who) = 0;
  virtual void lost(std::string_view who, bobbin::Error reason) = 0;

 protected:
  ~PingPongLog() = default;
};

// What the connections of one end share.
struct PingPongEnd {
  std::string_view name;
  std::size_t maximum;
  PingPongLog& log;
};

// Writes one byte when connected and one for each byte received, until it has received `maximum`;
// then it closes.
class PingPong final : public bobbin::Protocol {
 public:
  explicit PingPong(PingPongEnd& end) : end_(end) {}

  void connection_made() override { write_one(); }

  std::size_t data_received(bobbin::Bytes data) override {
    std::size_t used = 0;
    while (used < data.size() && received_ < end_.maximum) {
      if (!write_one()) return used;
      ++used;
      ++received_;
    }
    if (received_ < end_.maximum) return used;
    end_.log.is_closing(end_.name);
    transport().lose_connection();
    return data.size();
  }

  void connection_lost(bobbin::Error reason) override { end_.log.lost(end_.name, reason); }

 private:
  bool write_one() {
    if (transport().write(bobbin::bytes_of("*")) == 0) return false;
    end_.log.wrote_a_byte(end_.name);
    return true;
  }

  PingPongEnd& end_;
  std::size_t received_ = 0;
};
