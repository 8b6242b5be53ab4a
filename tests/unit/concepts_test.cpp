// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/bobbin.hpp>
#include <bobbin/memory.hpp>
#include <bobbin/posix.hpp>

#include <gtest/gtest.h>

#include "fake_consumer.hpp"

// A fake may be trusted in a test because it is proved to offer what the real thing offers, and the
// proof means something because it can fail. All of it happens while this file compiles.

namespace bobbin {
namespace {

static_assert(Consumer<Transport>);
static_assert(Consumer<test::FakeConsumer>);

static_assert(ReactorTime<Clock>);
static_assert(ReactorTime<Reactor>);
static_assert(ReactorTime<ManualClock<>>);
static_assert(ReactorTime<MemoryReactor<>>);
static_assert(ReactorTime<EpollReactor<>>);
static_assert(ReactorTime<MemoryNetwork<>>);

static_assert(TcpReactor<MemoryReactor<>>);
static_assert(TcpReactor<EpollReactor<>>);
static_assert(TcpReactor<PollReactor<>>);

static_assert(std::derived_from<Transport, PushProducer>);
static_assert(std::derived_from<ListeningPort, ConnectionOwner>);
static_assert(std::derived_from<Connector, ConnectionOwner>);

struct WriteReturnsNothing {
  void write(Bytes);
  Error register_producer(PushProducer&);
  Error register_producer(PullProducer&);
  void unregister_producer();
};
static_assert(!Consumer<WriteReturnsNothing>);

struct TakesPushProducersOnly {
  std::size_t write(Bytes);
  Error register_producer(PushProducer&);
  void unregister_producer();
};
static_assert(!Consumer<TakesPushProducersOnly>);

struct NeverLetsGo {
  std::size_t write(Bytes);
  Error register_producer(PushProducer&);
  Error register_producer(PullProducer&);
};
static_assert(!Consumer<NeverLetsGo>);

struct RegistersWithoutAWord {
  std::size_t write(Bytes);
  void register_producer(PushProducer&);
  void register_producer(PullProducer&);
  void unregister_producer();
};
static_assert(!Consumer<RegistersWithoutAWord>);
static_assert(!Consumer<Ring>);

struct CannotBeRefused {
  Instant now();
  DelayedCall call_later(Duration, Callback);
  DelayedCall call_at(Instant, Callback);
};
static_assert(!ReactorTime<CannotBeRefused>);

struct WithoutAPresent {
  Result<DelayedCall> call_later(Duration, Callback);
  Result<DelayedCall> call_at(Instant, Callback);
};
static_assert(!ReactorTime<WithoutAPresent>);
static_assert(!ReactorTime<TimerHeap>);

static_assert(!TcpReactor<Reactor>);
static_assert(!TcpReactor<ManualClock<>>);

struct ListensOnly {
  Error listen_tcp(const Address&, ListeningPort&, const ListenOptions& = {});
};
static_assert(!TcpReactor<ListensOnly>);

// What is pinned where it lies.
static_assert(!std::copy_constructible<Transport>);
static_assert(!std::move_constructible<Transport>);
static_assert(!std::copy_constructible<ManualClock<>>);
static_assert(!std::copy_constructible<Protocol>);
static_assert(!std::move_constructible<LoopingCall>);

// What is a plain value.
static_assert(std::is_trivially_copyable_v<Error>);
static_assert(std::is_trivially_copyable_v<Handle>);
static_assert(std::is_trivially_copyable_v<DelayedCall>);
static_assert(std::is_trivially_copyable_v<Callback>);

TEST(Interfaces, were_proved_when_this_file_was_compiled) { SUCCEED(); }

}  // namespace
}  // namespace bobbin
