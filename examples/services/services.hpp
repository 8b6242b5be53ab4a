// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <chrono>
#include <cstdint>

#include <bobbin/bobbin.hpp>

// A program of several parts, as it runs on hosts and on boards: an echo server, a heartbeat in the
// log, and a sensor that is read again and again, fails now and then, and is then started again by
// its supervisor.
//
//   the program ─┬─ echo
//                ├─ heartbeat
//                └─ supervisor ── sensor
namespace services {

using namespace std::chrono_literals;

struct Settings {
  bobbin::Address address;
  bobbin::Duration interval = 1s;  // of heartbeats and readings
  std::uint32_t readings = 20;     // after so many the sensor fails
  bobbin::Duration drain = 5s;     // how long clients have to end when the program does
};

struct Echo final : bobbin::Protocol {
  std::size_t data_received(bobbin::Bytes data) override { return transport().write(data); }
};

// Reads until it fails.
class Sensor {
 public:
  Sensor(bobbin::Clock& clock, const bobbin::Logger& log, const Settings& settings)
      : log_(log), settings_(settings), loop_(clock, [this] { read(); }) {}

  void run(bobbin::Deferred<void>& ended) {
    ended_ = &ended;
    ended.on_cancel([this] { loop_.stop(); });
    readings_ = 0;
    if (const bobbin::Error error = loop_.start(settings_.interval, {.now = false})) {
      ended.errback(error);
    }
  }

 private:
  void read() {
    log_.debug("reading {number}", ++readings_);
    if (readings_ < settings_.readings) return;
    loop_.stop();
    ended_->errback(bobbin::Errc::timed_out);
  }

  const bobbin::Logger& log_;
  const Settings& settings_;
  bobbin::LoopingCall loop_;
  bobbin::Deferred<void>* ended_ = nullptr;
  std::uint32_t readings_ = 0;
};

template <bobbin::TcpReactor R, bobbin::ConnectionSizes sizes>
class Program {
 public:
  // All three outlive it.
  Program(R& reactor, const bobbin::Logger& log, const Settings& settings)
      : log_(log),
        echo_("echo", reactor, settings.address, {.listen = {}, .drain = settings.drain}),
        heartbeat_("heartbeat", reactor, settings.interval, [this] { log_.info("alive"); }),
        supervisor_("supervisor", reactor, {.period = 5s, .delay = 10ms}),
        sensor_(reactor, log, settings),
        sensing_("sensor", [this](bobbin::Deferred<void>& ended) { sensor_.run(ended); }) {}

  bobbin::Error add_to(bobbin::MultiService& parent) {
    listening_.add_callbacks(
        [this] {
          const bobbin::Address host = echo_.host();
          log_.info("listening on {address}", host);
        },
        [](const bobbin::Failure&) {});
    echo_.when_running(listening_);
    for (bobbin::Service* part :
         {static_cast<bobbin::Service*>(&echo_), static_cast<bobbin::Service*>(&heartbeat_),
          static_cast<bobbin::Service*>(&supervisor_)}) {
      if (const bobbin::Error error = parent.add(*part)) return error;
    }
    return supervisor_.add(sensing_);
  }

 private:
  const bobbin::Logger& log_;
  bobbin::TcpServerService<R, bobbin::TcpServer<Echo, sizes>> echo_;
  bobbin::TimerService heartbeat_;
  bobbin::Supervisor<5> supervisor_;
  Sensor sensor_;
  bobbin::TaskService sensing_;
  bobbin::Deferred<void> listening_;
};

}  // namespace services
