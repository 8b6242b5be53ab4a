// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "figures.hpp"

#include <algorithm>

using bobbin::JsonWriter;

namespace {

template <class T>
void write(JsonWriter& json, std::string_view name, T value) {
  json.key(name);
  json.number(value);
}

}  // namespace

void Figures::write_about(JsonWriter& json) const {
  json.object();
  json.key("platform");
  json.string(platform_);
  json.key("firmware");
  json.boolean(firmware_);
  json.key("pools");
  json.array();
  for (const PoolFigures& pool : pools()) {
    json.object();
    json.key("name");
    json.string(pool.name);
    write(json, "bytes", pool.bytes);
    json.key("counts");
    json.boolean(pool.counts);
    json.object_end();
  }
  json.array_end();
  json.object_end();
}

void Figures::write_sample(JsonWriter& json, std::size_t streams, std::uint32_t missed) {
  const bobbin::Statistics& statistics = reactor_.statistics();
  json.object();
  write(json, "time", reactor_.look().time_since_epoch().count());
  write(json, "turns", statistics.turns);
  write(json, "wakeups", wakeups_ ? wakeups_() : statistics.sleeps);
  write(json, "waited", statistics.waited.count());
  write(json, "calls", statistics.calls);
  write(json, "received", statistics.bytes_received);
  write(json, "sent", statistics.bytes_sent);
  write(json, "pauses", statistics.pauses);
  write(json, "opened", statistics.connections_opened);
  write(json, "evicted", statistics.connections_evicted);
  write(json, "errors", statistics.errors);
  write(json, "streams", streams);
  write(json, "missed", missed);
  write(json, "stress", stress_.opened());
  write(json, "paused", stress_.paused());
  write(json, "paused_for", stress_.paused_for().count());
  write_pools(json);
  json.object_end();
}

// In the order of "about": in use, capacity, at most, refused.
void Figures::write_pools(JsonWriter& json) {
  json.key("pools");
  json.array();
  for (PoolFigures& pool : std::span(pool_places_.data(), pools_)) {
    const bobbin::PoolUse use = pool.use();
    pool.most = std::max({pool.most, use.in_use, use.high_water});
    json.array();
    json.number(use.in_use);
    json.number(use.capacity);
    json.number(pool.most);
    json.number(use.refused);
    json.array_end();
  }
  json.array_end();
}
