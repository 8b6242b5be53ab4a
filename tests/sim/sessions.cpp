// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "sessions.hpp"

#include <cstring>

namespace bobbin::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t callers_host = 0;
constexpr std::size_t relay_host = 1;
constexpr std::size_t servers_host = 2;

constexpr std::uint16_t echo_port = 7;
constexpr std::uint16_t sink_port = 9;
constexpr std::uint16_t source_port = 19;
constexpr std::uint16_t duplex_port = 20;

constexpr std::uint16_t ports[] = {echo_port, source_port, sink_port, duplex_port};

Request request_in(Bytes data) {
  Request request;
  static_assert(sizeof request == request_bytes);
  std::memcpy(&request, data.data(), request_bytes);
  return request;
}

}  // namespace

ConnectionSizes DrawnConnections::draw(memory::Random& random, std::size_t connections) {
  ConnectionSizes drawn{.connections = connections};
  do {
    const std::size_t control = random.one_in(2) ? 0 : 1 + random.below(8);
    drawn.receive = connection_buffer_min + random.below(100);
    drawn.send = connection_buffer_min + control + random.below(100);
    drawn.high_water = random.one_in(2) ? 0 : 2 + random.below(drawn.send);
    drawn.low_water = drawn.high_water == 0 ? 0 : 1 + random.below(drawn.high_water);
    drawn.control = control;
  } while (!valid(drawn));
  return drawn;
}

void Watched::connection_made() { sessions_.open.push_back(this); }

void Watched::connection_lost(Error) {
  sessions_.require(std::erase(sessions_.open, this) == 1, "a connection was lost twice");
}

bool Watched::within_limits() const {
  return transport().unsent() <= sizes_.send && transport().room() <= sizes_.send - sizes_.control;
}

Source::Source(Sessions& sessions, const ConnectionSizes& sizes)
    : Watched(sessions, sizes), writer_(sessions.simulation) {}

std::size_t Source::data_received(Bytes data) {
  if (data.size() < request_bytes) return 0;
  const Request request = request_in(data);
  sessions_.require(request.session <= sessions_.sessions, "a request was invented");
  Stream& stream = sessions_.stream(2 * request.session + 1);
  sessions_.require(stream.written == 0, "a request came twice");
  const auto how = static_cast<Writer::How>(sessions_.simulation.random().below(3));
  writer_.start({&transport(), &stream, request.length, how},
                [this] { transport().lose_connection(); });
  // A connection that is to end stays for its producer.
  if (how != Writer::How::clock && sessions_.simulation.random().one_in(2)) {
    transport().lose_connection();
  }
  return request_bytes;
}

void Source::connection_lost(Error reason) {
  writer_.stop();
  Watched::connection_lost(reason);
}

std::size_t Sink::data_received(Bytes data) {
  if (stream_ == nullptr) {
    if (data.size() < request_bytes) return 0;
    request_ = request_in(data);
    sessions_.require(request_.session <= sessions_.sessions, "a request was invented");
    stream_ = &sessions_.stream(2 * request_.session);
    return request_bytes;
  }
  const std::size_t used = 1 + sessions_.simulation.random().below(data.size());
  if (const char* wrong = stream_->use(data.first(used))) sessions_.simulation.fail(wrong);
  return used;
}

void Sink::read_connection_lost() {
  const bool all = stream_ != nullptr && stream_->used == request_.length;
  if (all) sessions_.require(transport().write_all(bytes_of("k")), "an empty ring has no room");
  transport().lose_connection();
}

Duplex::Duplex(Sessions& sessions, const ConnectionSizes& sizes)
    : Watched(sessions, sizes), writer_(sessions.simulation) {}

std::size_t Duplex::data_received(Bytes data) {
  if (stream_ == nullptr) {
    if (data.size() < request_bytes) return 0;
    request_ = request_in(data);
    sessions_.require(request_.session <= sessions_.sessions, "a request was invented");
    stream_ = &sessions_.stream(2 * request_.session);
    Stream& answer = sessions_.stream(2 * request_.session + 1);
    const auto how = static_cast<Writer::How>(sessions_.simulation.random().below(3));
    writer_.start({&transport(), &answer, request_.length, how},
                  [this] { transport().lose_write_connection(); });
    return request_bytes;
  }
  const std::size_t used = 1 + sessions_.simulation.random().below(data.size());
  if (const char* wrong = stream_->use(data.first(used))) sessions_.simulation.fail(wrong);
  return used;
}

void Duplex::connection_lost(Error reason) {
  writer_.stop();
  Watched::connection_lost(reason);
  if (!(reason == Errc::connection_done) || stream_ == nullptr) return;
  const bool all = stream_->used == request_.length;
  sessions_.require(all || sessions_.quit.contains(request_.session),
                    "bytes were lost before an end in order");
}

void RelayEnd::connection_made() {
  Watched::connection_made();
  open = true;
  this == &relay->front() ? relay->front_made() : relay->back_made();
}

void RelayEnd::read_connection_lost() {
  if (!other->open) return transport().lose_connection();
  other->transport().unregister_producer();
  other->transport().lose_write_connection();
}

void RelayEnd::connection_lost(Error reason) {
  Watched::connection_lost(reason);
  open = false;
  relay->lost(*this, reason);
}

Relay::Relay(Sessions& sessions, std::uint16_t port)
    : sessions_(sessions),
      port_(port),
      front_(sessions, sessions.front_connections.sizes()),
      back_(sessions, sessions.back_connections.sizes()),
      connector_(*this, sessions.back_connections.pool()) {
  front_.relay = back_.relay = this;
  front_.other = &back_;
  back_.other = &front_;
}

// What the front sends waits until there is somebody to pass it on to.
void Relay::front_made() {
  front_.transport().pause_producing();
  connect();
}

void Relay::connect() {
  MemoryReactorBase& reactor = sessions_.simulation.host(relay_host);
  const Address target = sessions_.simulation.address(servers_host, port_);
  if (!reactor.connect_tcp(target, connector_)) return;
  const auto call = sessions_.call_later(relay_host, 50ms, [this] { connect(); });
  if (call) {
    retry_ = *call;
  } else {
    sessions_.relays_give_up = true;
    front_.transport().abort_connection();
  }
}

void Relay::back_made() {
  const Error one = front_.transport().register_producer(back_.transport());
  const Error other = back_.transport().register_producer(front_.transport());
  sessions_.require(!other, "a new connection cannot be written to");
  // The front may have broken meanwhile; it hears of it yet.
  if (one) return back_.transport().abort_connection();
  front_.transport().resume_producing();
}

void Relay::client_connection_failed(Error reason) {
  if (!front_.open) return;
  if (reason == Errc::timed_out) return connect();
  front_.transport().abort_connection();
}

void Relay::lost(RelayEnd& end, Error reason) {
  retry_.cancel();
  if (&end == &front_) connector_.stop_connecting();
  if (!end.other->open) return;
  Transport& other = end.other->transport();
  reason == Errc::connection_done ? other.lose_connection() : other.abort_connection();
}

bool Relay::over() const {
  return front_done_ && connector_.state() == Connector::State::disconnected;
}

RelayService::RelayService(Sessions& sessions, std::uint16_t port)
    : sessions_(sessions),
      target_(port),
      places_(sessions.places()),
      port_(*this, sessions.front_connections.pool()) {}

std::size_t RelayService::taken() const {
  const auto taken =
      std::ranges::count_if(relays_, [](const Relay& relay) { return !relay.front_is_done(); });
  return static_cast<std::size_t>(taken);
}

bool RelayService::has_room() const { return places_.has_room(taken()); }

Protocol* RelayService::build_protocol(const Address&) {
  places_.take(taken());
  return &relays_.emplace_back(sessions_, target_).front();
}

void RelayService::forget_those_over() {
  relays_.remove_if([](const Relay& relay) { return relay.over(); });
}

Caller::Caller(Sessions& sessions, std::size_t calls)
    : Watched(sessions, sessions.callers_connections.sizes()),
      writer_(sessions.simulation),
      next_(sessions.simulation, sessions.simulation.host(callers_host),
            [this] { begin_or_connect(); }),
      calls_(calls),
      connector_(*this, sessions.callers_connections.pool()) {}

Duration Caller::a_while(std::uint64_t most_ms) {
  return Duration(static_cast<std::int64_t>(sessions_.simulation.random().below(1000 * most_ms)));
}

// One that has no room for a protocol is asked again, as all connects are that fail at once.
bool Caller::has_room() const {
  const bool room = !sessions_.simulation.random().one_in(10);
  if (!room) ++sessions_.protocols_refused;
  return room;
}

void Caller::begin_later() {
  if (calls_ == 0) return next_.give_back();
  begins_ = true;
  next_.set(a_while(500));
}

void Caller::begin_or_connect() { begins_ ? begin() : connect(); }

void Caller::begin() {
  --calls_;
  draw_call();
  connect();
}

void Caller::draw_call() {
  memory::Random& random = sessions_.simulation.random();
  const std::uint64_t most = random.one_in(6) ? 4000 : 300;
  call_ = Call{.request = {.session = ++sessions_.sessions,
                           .length = static_cast<std::uint32_t>(1 + random.below(most))},
               .kind = static_cast<Kind>(random.below(4)),
               .half_closes = random.one_in(2),
               .proxied = random.one_in(2),
               .quit = random.one_in(8) ? static_cast<Quit>(random.below(3)) : Quit::never};
  call_.said = &sessions_.stream(2 * call_.request.session);
  call_.heard = &sessions_.stream(2 * call_.request.session + 1);
  if (call_.kind == Kind::echo) call_.heard = call_.said;
}

void Caller::connect_later() {
  begins_ = false;
  next_.set(a_while(500));
}

void Caller::connect() {
  const std::size_t host = call_.proxied ? relay_host : servers_host;
  const std::uint16_t port = ports[static_cast<std::size_t>(call_.kind)];
  auto& reactor = sessions_.simulation.host(callers_host);
  const std::uint32_t held = sessions_.callers_connections.pool().use().in_use;
  const Error error = reactor.connect_tcp(sessions_.simulation.address(host, port), connector_);
  if (!error) return;
  const bool nothing_taken = connector_.state() == disconnected &&
                             sessions_.callers_connections.pool().use().in_use == held;
  sessions_.require(error == Errc::no_capacity && nothing_taken,
                    "a connect that failed left something");
  connect_later();
}

// A host that naps, or a clock that is set, may make an attempt time out that nothing hinders.
void Caller::client_connection_failed(Error reason) {
  const bool may_fail =
      !sessions_.faithful(callers_host, call_.proxied ? relay_host : servers_host);
  if (reason == Errc::timed_out && !may_fail) return connect_later();
  sessions_.require(may_fail, "a connect failed for no reason");
  begin_later();
}

void Caller::client_connection_lost(Error) { begin_later(); }

void Caller::connection_made() {
  Watched::connection_made();
  if (call_.quit != Quit::never) {
    // Who finds no timer stays.
    const auto call = sessions_.call_later(callers_host, a_while(2000), [this] { quit(); });
    if (call) quit_ = *call;
  }
  if (call_.kind != Kind::echo) make_request();
  if (call_.kind == Kind::download) return;
  const auto how = static_cast<Writer::How>(sessions_.simulation.random().below(3));
  writer_.start({&transport(), call_.said, call_.request.length, how}, [this] {
    if (call_.half_closes || call_.kind != Kind::echo) transport().lose_write_connection();
  });
}

void Caller::make_request() {
  const auto bytes = std::as_bytes(std::span(&call_.request, 1));
  sessions_.require(transport().write_all(bytes), "an empty ring has no room");
}

std::size_t Caller::data_received(Bytes data) {
  if (call_.kind == Kind::upload) return confirmation(data);
  memory::Random& random = sessions_.simulation.random();
  sessions_.post_calls();
  // Waits for its own ring to drain, which a server that always reads does not keep it from.
  const bool may_refuse = call_.kind == Kind::duplex && transport().unsent() > 0;
  if (may_refuse && random.one_in(2)) return 0;
  const bool rests = random.one_in(8) && rest_a_while();
  // Who rests may refuse: it is offered the same again afterwards.
  if (rests && random.one_in(2)) return 0;
  const std::size_t used = random.one_in(4) ? 1 + random.below(data.size()) : data.size();
  if (const char* wrong = call_.heard->use(data.first(used))) sessions_.simulation.fail(wrong);
  const bool ends = call_.kind == Kind::echo && !call_.half_closes;
  if (ends && complete()) transport().lose_connection();
  return used;
}

std::size_t Caller::confirmation(Bytes data) {
  sessions_.require(!call_.confirmed && text_of(data) == "k", "a confirmation was invented");
  sessions_.require(call_.said->used == call_.request.length, "what was lost was confirmed");
  call_.confirmed = true;
  return data.size();
}

bool Caller::rest_a_while() {
  const auto call =
      sessions_.call_later(callers_host, a_while(1000), [this] { transport().resume_producing(); });
  if (!call) return false;
  transport().pause_producing();
  rest_ = *call;
  return true;
}

void Caller::quit() {
  call_.gone = true;
  sessions_.quit.insert(call_.request.session);
  writer_.stop();
  if (call_.quit == Quit::abort) return transport().abort_connection();
  transport().lose_connection();
  // What is still to be sent waits for a peer that may wait for us, who read no more.
  const auto call =
      sessions_.call_later(callers_host, 30s, [this] { transport().abort_connection(); });
  sessions_.require(bool(call), "a timer's place was lost");
  quit_ = *call;
}

void Caller::read_connection_lost() {
  call_.ended = true;
  if (call_.kind != Kind::duplex) transport().lose_connection();
}

bool Caller::complete() const {
  return call_.kind == Kind::upload ? call_.confirmed : call_.heard->used == call_.request.length;
}

bool Caller::faithful() const {
  if (!call_.proxied) return sessions_.faithful(callers_host, servers_host);
  return !sessions_.relays_give_up && sessions_.faithful(callers_host, relay_host) &&
         sessions_.faithful(relay_host, servers_host);
}

void Caller::connection_lost(Error reason) {
  rest_.cancel();
  quit_.cancel();
  writer_.stop();
  Watched::connection_lost(reason);
  if (complete()) ++sessions_.completed;
  if (call_.gone) return;
  if (call_.ended) sessions_.require(complete(), "bytes were lost before an end in order");
  if (!faithful()) return;
  sessions_.require(reason == Errc::connection_done, "a connection broke for no reason");
  sessions_.require(complete(), "a call ended before it was complete");
}

Sessions::Sessions(std::uint64_t seed)
    : simulation(seed),
      callers_connections(simulation.random(), 1 + simulation.random().below(4)),
      front_connections(simulation.random(), 1 + simulation.random().below(4)),
      back_connections(simulation.random(), 1 + simulation.random().below(4)),
      echo_(*this, simulation.random(), places()),
      source_(*this, simulation.random(), places()),
      sink_(*this, simulation.random(), places()),
      duplex_(*this, simulation.random(), places()) {
  for (const std::uint16_t port : ports) relays_.emplace_back(*this, port);
  draw_faults();
}

void Sessions::draw_faults() {
  memory::Random& random = simulation.random();
  simulation.draw_behaviours();
  if (random.one_in(4)) simulation.host_faults = {.naps = 50, .nap_max = 2s};
  if (random.one_in(4)) simulation.network().fail.fail_one_in(memory::PortCall::accept, 3);
  if (random.one_in(4)) simulation.network().fail.fail_one_in(memory::PortCall::connect, 3);
  clocks_step = random.one_in(8);
  posts_calls = random.one_in(4);
  for (std::size_t i = 0; i < simulation.hosts(); ++i) {
    posts_.emplace_back(simulation, i);
    if (random.one_in(4)) famines_.emplace_back(simulation, i);
  }
  for (std::size_t i = 0; i < simulation.hosts(); ++i) {
    if (!random.one_in(3)) continue;
    simulation.host(i).budget() = {
        .posted_calls = 1, .timers = 1, .events = 2, .write_rounds = 1, .bytes = 24};
  }
}

const char* Sessions::run() {
  MemoryReactorBase& servers = simulation.host(servers_host);
  require(!servers.listen_tcp(Address::any(echo_port), echo_.port()), "cannot listen");
  require(!servers.listen_tcp(Address::any(source_port), source_.port()), "cannot listen");
  require(!servers.listen_tcp(Address::any(sink_port), sink_.port()), "cannot listen");
  require(!servers.listen_tcp(Address::any(duplex_port), duplex_.port()), "cannot listen");
  auto relay = relays_.begin();
  for (const std::uint16_t port : ports) {
    MemoryReactorBase& host = simulation.host(relay_host);
    require(!host.listen_tcp(Address::any(port), (relay++)->port()), "cannot listen");
  }
  const std::size_t callers = 1 + simulation.random().below(5);
  for (std::size_t i = 0; i < callers; ++i) {
    callers_.emplace_back(*this, 1 + simulation.random().below(4)).begin();
  }
  simulation.after_each_event([this] { return broken(); });
  simulation.after_each_turn([this] {
    between_turns();
    return static_cast<const char*>(nullptr);
  });
  const auto ending = simulation.run({.limit = 24h});
  if (ending == SimulationBase::Ending::limit) simulation.fail("it did not end within a day");
  if (simulation.failure() == nullptr) {
    if (const char* wrong = given_back()) simulation.fail(wrong);
  }
  return simulation.failure();
}

Result<DelayedCall> Sessions::call_later(std::size_t host, Duration delay, Callback call) {
  MemoryReactorBase& reactor = simulation.host(host);
  const auto made = reactor.call_later(delay, call);
  if (made) return made;
  ++timers_refused;
  const PoolUse& use = reactor.timer_use();
  require(made.error() == Errc::no_capacity && use.in_use == use.capacity,
          "a timer was refused though there is one");
  return made;
}

void Sessions::post_calls() {
  if (!posts_calls || !simulation.random().one_in(16)) return;
  posts_[simulation.random().below(posts_.size())].burst(1 + simulation.random().below(30));
}

std::uint64_t Sessions::calls_refused() const {
  std::uint64_t refused = 0;
  for (const Posts& posts : posts_) refused += posts.refusals();
  return refused;
}

void Sessions::between_turns() {
  if (clocks_step) step_a_clock();
  for (RelayService& relay : relays_) relay.forget_those_over();
}

const char* Sessions::broken() {
  const bool within =
      std::ranges::all_of(open, [](const Watched* each) { return each->within_limits(); });
  if (!within) return "a ring holds more than it may";
  std::size_t held = 0;
  for_each_pool([&](const ConnectionPool& pool) { held += pool.use().in_use; });
  return open.size() <= held ? nullptr : "a connection has lost its place";
}

void Sessions::step_a_clock() {
  memory::Random& random = simulation.random();
  if (!random.one_in(200)) return;
  const Duration most = random.one_in(4) ? Duration(1h) : Duration(2s);
  const Duration step(static_cast<std::int64_t>(random.below(most / 1us)));
  const std::size_t host = random.below(simulation.hosts());
  // Forward by as much as it may be, back by little: timers are late by as much.
  const bool back = most == 2s && random.one_in(2);
  simulation.note(host, back ? "sets its clock back" : "sets its clock forward");
  simulation.host(host).step_clock(back ? -step : step);
}

template <class Look>
void Sessions::for_each_pool(Look look) {
  for (const auto* port : {&echo_.port(), &source_.port(), &sink_.port(), &duplex_.port()}) {
    look(port->connections());
  }
  for (auto* own : {&callers_connections, &front_connections, &back_connections}) look(own->pool());
}

// When nothing can ever happen again.
const char* Sessions::given_back() {
  for (const Caller& caller : callers_) {
    if (!caller.finished()) return "somebody waits for what never comes";
  }
  if (!open.empty()) return "a connection was never lost";
  if (!std::ranges::all_of(posts_, &Posts::all_ran)) return "a posted call was never run";
  for (std::size_t i = 0; i < simulation.hosts(); ++i) {
    if (simulation.host(i).statistics().errors != 0) return "a callback returned an error";
  }
  std::size_t held = 0;
  for_each_pool([&](const ConnectionPool& pool) { held += pool.use().in_use; });
  if (held != 0) return "a connection was not given back";
  return simulation.left_over();
}

}  // namespace bobbin::sim
