// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include <bobbin/memory.hpp>
#include <bobbin/net.hpp>
#include <bobbin/posix.hpp>

#include "trap.hpp"

// The heap is not used, shown by a program in which using it is deadly, from before the first
// `listen_tcp` until after the reactor has returned.

namespace {

using namespace bobbin;
using namespace std::chrono_literals;

constexpr std::size_t client_count = 4;
constexpr std::size_t message_size = 20'000;
constexpr ConnectionSizes server_sizes{.connections = 2, .receive = 256, .send = 512};
constexpr ConnectionSizes client_sizes{.connections = 1, .receive = 256, .send = 300};

struct Shared {
  Reactor& reactor;
  std::size_t whole = 0;
  std::size_t over = 0;
  std::size_t posted = 0;
  std::size_t beats = 0;
  std::size_t datagrams = 0;
  std::size_t talks = 0;
  std::size_t answers = 0;
};

// Echoes, and now and then does not read for a millisecond.
class Echo final : public Protocol {
 public:
  explicit Echo(Shared& shared) : shared_(shared) {}

  std::size_t data_received(Bytes data) override {
    const std::size_t used = transport().write(data);
    since_pause_ += used;
    if (since_pause_ < 4000) return used;
    since_pause_ = 0;
    transport().pause_producing();
    const auto call = shared_.reactor.call_later(1ms, [this] { transport().resume_producing(); });
    if (call) resume_ = *call;
    return used;
  }
  void read_connection_lost() override { transport().lose_write_connection(); }
  void connection_lost(Error) override { resume_.cancel(); }

 private:
  Shared& shared_;
  DelayedCall resume_;
  std::size_t since_pause_ = 0;
};

// Sends the message as a push producer and counts what comes back.
class Sender final : public Protocol, private PushProducer {
 public:
  explicit Sender(Shared& shared) : shared_(shared) {}

  void connection_made() override {
    if (transport().register_producer(*this)) return transport().abort_connection();
    resume_producing();
  }
  std::size_t data_received(Bytes data) override {
    received_ += data.size();
    // What another thread or an interrupt would do.
    const bool posted = shared_.reactor.call_from_thread([this] { ++shared_.posted; });
    return posted || received_ > 0 ? data.size() : 0;
  }
  void read_connection_lost() override {
    if (received_ == message_size) ++shared_.whole;
    transport().lose_connection();
  }

 private:
  void resume_producing() override {
    producing_ = true;
    while (producing_ && sent_ < message_size) {
      char piece[100];
      for (char& c : piece) c = 'x';
      const std::size_t size = std::min(sizeof piece, message_size - sent_);
      const std::size_t taken = transport().write(bytes_of({piece, size}));
      if (taken == 0) return;
      sent_ += taken;
    }
    if (sent_ < message_size) return;
    transport().unregister_producer();
    transport().lose_write_connection();
  }
  void pause_producing() override { producing_ = false; }
  void stop_producing() override { producing_ = false; }

  Shared& shared_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool producing_ = false;
};

// Receivers of net, each with an echo and one who asks it for so many answers.
constexpr std::size_t answer_count = 500;
constexpr std::size_t asking_kinds = 3;
constexpr ConnectionSizes framed_sizes{.connections = 1, .receive = 64, .send = 64};

class Lines : public LineReceiver<LineFormat{.length_max = 60}> {
 public:
  Taken line_received(Bytes line) final { return message_received(line); }
  virtual Taken message_received(Bytes message) = 0;
  bool send_message(Bytes message) { return send_line(message); }
};

template <class Base>
class Strings : public Base {
 public:
  Taken string_received(Bytes string) final { return message_received(string); }
  virtual Taken message_received(Bytes message) = 0;
  bool send_message(Bytes message) { return this->send_string(message); }
};

template <class Base>
class FramedEcho final : public Base {
 public:
  Taken message_received(Bytes message) override { return taken_if(this->send_message(message)); }
};

template <class Base>
class Asking final : public Base {
 public:
  explicit Asking(Shared& shared) : shared_(shared) {}
  void connection_made() override { ask(); }
  Taken message_received(Bytes) override {
    ++shared_.answers;
    if (++answers_ == answer_count) this->transport().lose_connection();
    ask();
    return Taken::yes;
  }

 private:
  void ask() {
    while (asked_ < answer_count && this->send_message(bytes_of("what is it?"))) ++asked_;
  }

  Shared& shared_;
  std::size_t asked_ = 0;
  std::size_t answers_ = 0;
};

template <class Protocol, ConnectionSizes sizes>
struct Client final : TcpClient<Protocol, sizes, Shared> {
  explicit Client(Shared& shared_in)
      : TcpClient<Protocol, sizes, Shared>(shared_in), shared(shared_in) {}
  ~Client() { this->shut_down(); }
  void client_connection_lost(Error) override { one_over(); }
  void client_connection_failed(Error) override { one_over(); }
  void one_over() {
    if (++shared.over == client_count + asking_kinds) static_cast<void>(shared.reactor.stop());
  }
  Shared& shared;
};

template <class Base>
struct Conversation {
  explicit Conversation(Shared& shared) : client(shared) {}

  template <class R>
  Error start(R& reactor) {
    if (Error error = reactor.listen_tcp(Address::loopback(0), server)) return error;
    return reactor.connect_tcp(server.host(), client);
  }

  TcpServer<FramedEcho<Base>, framed_sizes> server;
  Client<Asking<Base>, framed_sizes> client;
};

// Hears itself.
class Listener final : public DatagramProtocol {
 public:
  explicit Listener(Shared& shared) : shared_(shared) {}
  void datagram_received(Bytes, const Address&) override { ++shared_.datagrams; }

 private:
  Shared& shared_;
};

Task<Error> answer(Frame<256>&, Stream& stream) {
  while (true) {
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (!line) co_return line.error();
    if (Error error = co_await stream.write(*line)) co_return error;
  }
}

template <class R>
Task<Error> ask(Frame<768>&, R& reactor, CoroutineClient<client_sizes>& client,
                const Address& server, Shared& shared) {
  Stream stream;
  if (Error error = co_await client.open(reactor, server, stream)) co_return error;
  while (true) {
    if (Error error = co_await sleep(reactor, 1ms)) co_return error;
    if (Error error = co_await stream.write("anybody?\n")) co_return error;
    const Result<Bytes> line = co_await within(reactor, 10s, stream.read_until("\n"));
    if (!line) co_return line.error();
    ++shared.talks;
  }
}

// All of it is made before the trap is armed and goes after it was disarmed.
template <class R>
requires(TcpReactor<R>&& UdpReactor<R>) struct Scenario {
  explicit Scenario(R& reactor_in) : reactor(reactor_in) {}

  bool runs_without_the_heap(const char* name) {
    trap::arm();
    reactor.on_error([this](Error reported, CallSource) { error = reported; });
    publisher.add(verbose);
    publisher.add(text);
    publisher.add(json);
    if (!error) error = reactor.listen_tcp(Address::loopback(0), server);
    if (!error) error = reactor.listen_tcp(Address::loopback(0), answering);
    if (!error) error = reactor.listen_udp(Address::loopback(0), port);
    if (!error) error = reactor.call_when_running([this] { return start(); });
    if (!error) error = reactor.run();
    trap::disarm();
    const bool all = shared.whole == client_count && shared.posted > 0 && shared.beats > 0 &&
                     shared.datagrams > 0 && shared.talks > 0 && history.lost() > 0 && logged > 0 &&
                     shared.answers == asking_kinds * answer_count;
    if (!error && all) return true;
    std::printf(
        "%s: %zu of %zu messages came back, %zu posted calls, %zu beats, %zu datagrams, "
        "%zu talks, %zu answers\n",
        name, shared.whole, client_count, shared.posted, shared.beats, shared.datagrams,
        shared.talks, shared.answers);
    return false;
  }

  Error start() {
    for (auto& client : clients) {
      if (Error refused = reactor.connect_tcp(server.host(), client)) return refused;
    }
    const auto spawned =
        coroutines.spawn(ask(frame, reactor, asker, answering.host(), shared), [](Error) {});
    if (!spawned) return spawned.error();
    if (Error refused = lines.start(reactor)) return refused;
    if (Error refused = netstrings.start(reactor)) return refused;
    if (Error refused = strings.start(reactor)) return refused;
    return heart.start(1ms);
  }

  Error beat() {
    ++shared.beats;
    log.failure(Errc::cancelled, "beat {number:04} to {port}, {late}", shared.beats, port.host(),
                [] { return 1500us; });
    return port.write(bytes_of("beat"), port.host());
  }

  R& reactor;
  Shared shared{.reactor = reactor};
  TcpServer<Echo, server_sizes, Shared> server{shared};
  Frame<768> frame;
  Coroutines<3> coroutines;
  CoroutineServer<server_sizes, 256> answering{coroutines, answer};
  CoroutineClient<client_sizes> asker;
  using SenderClient = Client<Sender, client_sizes>;
  SenderClient clients[client_count]{SenderClient(shared), SenderClient(shared),
                                     SenderClient(shared), SenderClient(shared)};
  Conversation<Lines> lines{shared};
  Conversation<Strings<NetstringReceiver<50>>> netstrings{shared};
  Conversation<Strings<Int16StringReceiver<50>>> strings{shared};
  Listener listener{shared};
  UdpPort<64> port{listener};
  LoopingCall heart{reactor, [this] { return beat(); }};
  LogPublisher publisher{reactor};
  HistoryStorage<200> storage;
  LogHistory history{storage};
  TextLog<80> text{history.sink()};
  JsonLog<300> json{[this](std::string_view line) {
    logged += line.size();
    return line.size();
  }};
  LogFilter<1> verbose{failures, LogLevel::debug};
  LoggedErrors<4> failures;
  Logger log{publisher, "heart"};
  std::size_t logged = 0;
  Error error;
};

// Deferreds that are added to, fired, cancelled, timed out, gathered and queued for.
struct Deferreds {
  bool work_without_the_heap() {
    trap::arm();
    gather();
    time_out();
    queue();
    trap::disarm();
    if (gathered == 6 && timed_out && queued == 3 && cache_sum == 20) return true;
    std::printf("deferreds: %d gathered, %d timed out, %d queued, %d cached\n", gathered, timed_out,
                queued, cache_sum);
    return false;
  }

  void gather() {
    all.gather(numbers);
    all.add_callback([this](Gathered<int> got) {
      for (const Outcome<int>& outcome : got) gathered += *outcome;
    });
    for (Deferred<int>& number : numbers) number.add_callback([](int n) { return n; });
    for (int n = 1; n <= 3; ++n) numbers[n - 1].callback(n);
  }
  void time_out() {
    slow.add_timeout(clock, 1s).add_errback(
        [this](Failure failure) { timed_out = failure.check(Errc::timed_out); });
    clock.advance(1s);
  }
  void queue() {
    lock.acquire(turns[0]);
    lock.acquire(turns[1]);
    turns[1].cancel();
    turns[1].add_errback([](Failure) {});
    lock.release();
    values.get(value);
    value.add_callback([this](int got) { queued = got; });
    if (values.put(3)) return;
    for (Deferred<int>& wanted : cached) {
      cache.get(1, wanted);
      wanted.add_callback([this](int got) { cache_sum += got; });
    }
  }

  ManualClock<4> clock;
  Deferred<int> numbers[3];
  DeferredList<int, 3> all;
  Deferred<int> slow;
  DeferredLock lock;
  Deferred<void> turns[2];
  DeferredQueue<int, 1> values;
  Deferred<int> value;
  Deferred<int> cached[2];
  LruCache<int, int, 2> cache{[](int key, Deferred<int>& to) { to.callback(10 * key); }};
  int gathered = 0;
  int queued = 0;
  int cache_sum = 0;
  bool timed_out = false;
};

// What the trap is for: each must end the child that does it.
using Sin = void (*)();
volatile std::size_t some = 100;
void* volatile taken = nullptr;

constexpr Sin sins[] = {
    [] { taken = std::malloc(some); },
    [] { taken = std::calloc(some, 2); },
    [] { taken = std::realloc(taken, 2 * some); },
    [] { taken = std::aligned_alloc(64, 64 * some); },
    [] { taken = ::operator new(some); },
    [] { taken = new char[some]; },
    [] { std::free(taken); },
};

bool is_deadly(Sin sin, bool while_armed) {
  std::fflush(nullptr);
  taken = std::malloc(some);
  const pid_t child = fork();
  if (child == 0) {
    // A sanitizer's and the trap's last words are not of interest.
    static_cast<void>(!std::freopen("/dev/null", "w", stderr));
    std::signal(SIGABRT, SIG_DFL);
    if (while_armed) trap::arm();
    sin();
    trap::disarm();
    _exit(0);
  }
  std::free(taken);
  int status = 0;
  waitpid(child, &status, 0);
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

bool trap_works() {
  bool works = true;
  for (const Sin& sin : sins) {
    if (is_deadly(sin, true) && !is_deadly(sin, false)) continue;
    std::printf("the trap does not work for sin number %td\n", &sin - sins);
    works = false;
  }
  return works;
}

// TCP's calls, over Unix-domain sockets.
struct UnixReactor final : EpollReactor<ReactorSizes{.timers = 16, .posted_calls = 64}> {
  Error listen_tcp(const Address&, ListeningPort& port, const ListenOptions& options = {}) {
    return listen_unix(Address::unix_unnamed(), port, options);
  }
  Error connect_tcp(const Address& name, Connector& connector, const ConnectOptions& options = {}) {
    return connect_unix(name, connector, options);
  }
};

MemoryNetwork<memory::NetworkSizes{.links = 16, .window = 2048}> network;

}  // namespace

int main() {
  bool good = trap_works();
  good = Deferreds().work_without_the_heap() && good;
  for (const bool lends : {false, true}) {
    network.behaviour = {.latency = 1ms, .jitter = 1ms, .short_writes = 3};
    network.behaviour.lends = lends;
    MemoryReactor<ReactorSizes{.timers = 16, .posted_calls = 64}> reactor(network);
    good = Scenario(reactor).runs_without_the_heap("memory") && good;
  }
  EpollReactor<ReactorSizes{.timers = 16, .posted_calls = 64}> reactor;
  good = Scenario(reactor).runs_without_the_heap("posix") && good;
  UnixReactor unix_reactor;
  good = Scenario(unix_reactor).runs_without_the_heap("unix") && good;
  std::puts(good ? "the heap was not used" : "FAILED");
  return good ? 0 : 1;
}
