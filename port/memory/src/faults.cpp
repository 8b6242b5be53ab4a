// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/memory/faults.hpp>

#include <utility>

#include <bobbin/config.hpp>
#include <bobbin/memory/channel.hpp>
#include <bobbin/memory/network.hpp>

namespace bobbin::memory {

namespace {

// How long an end that hears nothing waits for a sign of life, as real ones do.
constexpr Duration keep_alive_idle = std::chrono::seconds(config::keepalive_idle_s);
constexpr Duration keep_alive_all =
    keep_alive_idle + std::chrono::seconds(config::keepalive_interval_s * config::keepalive_count);

const char* description(Fate fate) {
  switch (fate) {
    case Fate::none: return "";
    case Fate::reset: return "connection is reset by the network";
    case Fate::black_hole: return "connection falls into a black hole";
    case Fate::half_open: return "connection is half open";
    case Fate::stall: return "connection stalls";
  }
  return "";
}

}  // namespace

Behaviour draw_behaviour(Random& random) {
  const auto maybe = [&random](std::uint64_t most) {
    return random.one_in(2) ? 0 : 1 + random.below(most);
  };
  const auto odds = [&maybe](std::uint64_t least, std::uint64_t most) {
    const std::uint64_t drawn = maybe(most);
    return static_cast<std::uint32_t>(drawn == 0 ? 0 : least + drawn);
  };
  const auto size = [&random](std::uint64_t most) {
    return static_cast<std::size_t>(1 + random.below(most));
  };
  const bool faithful = random.one_in(2);
  Behaviour drawn{.latency = Duration(static_cast<std::int64_t>(maybe(200'000))),
                  .jitter = Duration(static_cast<std::int64_t>(maybe(100'000))),
                  .bandwidth = maybe(2) == 0 ? 0 : 500 + random.below(1'000'000),
                  .segment_max = random.one_in(2) ? 1460 : size(100),
                  .read_max = random.one_in(2) ? SIZE_MAX : size(100),
                  .lends = random.one_in(2),
                  .short_reads = odds(1, 7),
                  .short_writes = odds(1, 7),
                  .refused_writes = odds(1, 15),
                  .reorders = odds(1, 7),
                  .stalls = odds(0, 8),
                  .fate_within = size(random.one_in(2) ? 50 : 5000),
                  .stall_max = std::chrono::seconds(1 + random.below(100))};
  if (faithful) return drawn;
  drawn.resets = odds(100, 1000);
  drawn.refusals = odds(1, 15);
  drawn.unanswered = odds(1, 15);
  drawn.cuts = odds(0, 8);
  drawn.black_holes = odds(0, 8);
  drawn.half_opens = odds(0, 8);
  return drawn;
}

void Network::draw_fate(Link& link) {
  const Behaviour& path = *link.behaviour;
  if (random_.one_in(path.cuts)) link.fate = Fate::reset;
  if (random_.one_in(path.black_holes)) link.fate = Fate::black_hole;
  if (random_.one_in(path.half_opens)) link.fate = Fate::half_open;
  if (random_.one_in(path.stalls)) link.fate = Fate::stall;
  if (link.fate != Fate::none) {
    link.fate_at = static_cast<std::size_t>(random_.below(path.fate_within));
  }
}

void Network::befall(Link& link) {
  const Fate fate = std::exchange(link.fate, Fate::none);
  ++traffic_.met[static_cast<std::size_t>(fate)];
  tell(link, 0, description(fate), link.carried);
  switch (fate) {
    case Fate::none: return;
    case Fate::reset:
      send(link, 0, Pipe::Segment::Kind::reset);
      return send(link, 1, Pipe::Segment::Kind::reset);
    case Fate::black_hole: return silence(link);
    case Fate::half_open: return break_one_end(link);
    case Fate::stall: {
      const auto most = static_cast<std::uint64_t>(link.behaviour->stall_max.count());
      const Duration length(static_cast<std::int64_t>(1 + random_.below(most)));
      link.silent_until = after(now(), length);
      return;
    }
  }
}

// What is sent from now on stays on the way, and fills the window as it would a sender's buffer.
void Network::silence(Link& link) {
  link.silent_until = never;
  link.pending = *call_later(keep_alive_all, [this, &link] {
    for (int end = 0; end < 2; ++end) break_end(link, end, Errc::timed_out);
  });
}

// The other end's keep-alive is answered with a reset, should it come to that.
void Network::break_one_end(Link& link) {
  const int gone = static_cast<int>(random_.below(2));
  break_end(link, gone, Errc::connection_lost);
  link.pending = *call_later(
      keep_alive_idle, [this, &link, gone] { break_end(link, 1 - gone, Errc::connection_lost); });
}

void Network::break_end(Link& link, int end, Errc reason) {
  Link::End& broken = link.ends[end];
  if (broken.closed || broken.reset) return;
  tell(link, end, reason == Errc::timed_out ? "gives up" : "loses its connection");
  broken.reset = true;
  broken.reason = reason;
  if (broken.channel != nullptr) broken.channel->mark_broken();
}

void Network::report(Event event, const Address& host) {
  const bool ip4 = host.family() == Address::Family::ip4;
  event.when = now();
  event.host = ip4 ? host.ip4_bytes().back() : host.ip6_bytes().back();
  observer(event);
}

const char* Network::fault() const {
  for (std::uint32_t index = 0; index < slots_.capacity(); ++index) {
    if (!slots_.in_use(index)) continue;
    const Link& link = links_[index];
    if (link.ends[0].closed && link.ends[1].closed) return "a link leaks";
    for (const Link::End& end : link.ends) {
      if (!end.input.sound()) return "bytes were lost or invented on the way";
      if (end.closed && end.channel != nullptr) return "a channel outlives its end";
      const bool on_the_way = end.input.next_arrival() != never;
      if (on_the_way && !end.arrival.active()) return "what is on the way never arrives";
    }
  }
  return traffic_.bytes_arrived <= traffic_.bytes_sent ? nullptr : "more arrived than was sent";
}

}  // namespace bobbin::memory
