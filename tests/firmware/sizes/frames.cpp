// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What coroutines' frames take on the machine this is compiled for, as the values of symbols, which
// toolchains/size reads. Nothing of it runs.

#include <cstddef>
#include <utility>

#include <bobbin/bobbin.hpp>
#include <bobbin/lwip.hpp>

extern "C" {
extern char frame_that_awaits_nothing;
extern char frame_that_awaits_a_task;
extern char frame_that_awaits_two_tasks;
extern char frame_that_awaits_a_task_within_a_time;
extern char frame_that_awaits_both_of_two_tasks;
extern char frame_that_awaits_the_first_of_two_tasks;
extern char frame_that_awaits_a_sleep;
extern char frame_that_awaits_two_sleeps;
extern char frame_that_awaits_a_sleep_before_an_instant;
extern char frame_that_awaits_a_signal;
extern char frame_that_awaits_a_Deferred;
extern char frame_that_awaits_a_lock;
extern char frame_that_awaits_a_semaphore;
extern char frame_that_awaits_a_value_of_a_queue;
extern char frame_that_awaits_room_in_a_queue;
extern char frame_that_awaits_a_connect;
extern char frame_that_awaits_an_accept;
extern char frame_that_awaits_a_read;
extern char frame_that_awaits_a_read_of_exactly_so_much;
extern char frame_that_awaits_a_write;
extern char frame_that_awaits_a_line_and_its_echo;
}

namespace frames {

using namespace std::chrono_literals;
using bobbin::Bytes, bobbin::Clock, bobbin::Error, bobbin::Result, bobbin::Stream, bobbin::Task;
using Queue = bobbin::Queue<int, 4>;

using Frame = bobbin::Frame<1024>;
using Client = bobbin::CoroutineClient<{.connections = 1, .receive = 64, .send = 64}>;

// A Task<T> that tells the assembler how large its frame is: a constant there, for the same reason
// that one which does not fit does not compile.
template <class T, char& symbol>
struct Measured : Task<T> {
  struct promise_type : Task<T>::promise_type {
    template <class... Arguments>
    [[gnu::always_inline]] static void* operator new(std::size_t size, Frame& frame,
                                                     Arguments&... arguments) noexcept {
      asm volatile(".globl %c0\n\t.set %c0, %c1" : : "i"(&symbol), "i"(size));
      return Task<T>::promise_type::operator new(size, frame, arguments...);
    }
  };
  Measured(Task<T> task) : Task<T>(std::move(task)) {}
};

Task<int> child(Frame&);

Measured<int, frame_that_awaits_nothing> nothing(Frame&) { co_return 1; }

Measured<int, frame_that_awaits_a_task> a_task(Frame&, Frame& frame) {
  co_return co_await child(frame);
}

Measured<int, frame_that_awaits_two_tasks> two_tasks(Frame&, Frame& frame) {
  if (const Result<int> first = co_await child(frame); !first) co_return first.error();
  co_return co_await child(frame);
}

Measured<int, frame_that_awaits_a_task_within_a_time> within(Frame&, Clock& clock, Frame& frame) {
  co_return co_await bobbin::within(clock, 1s, child(frame));
}

Measured<int, frame_that_awaits_both_of_two_tasks> both(Frame&, Frame& frame, Frame& other) {
  const auto [one, two] = co_await bobbin::when_all(child(frame), child(other));
  co_return one ? two : one;
}

Measured<std::size_t, frame_that_awaits_the_first_of_two_tasks> the_first(Frame&, Frame& frame,
                                                                          Frame& other) {
  const auto first = co_await bobbin::when_any(child(frame), child(other));
  co_return first.first;
}

Measured<Error, frame_that_awaits_a_sleep> a_sleep(Frame&, Clock& clock) {
  co_return co_await bobbin::sleep(clock, 1s);
}

Measured<Error, frame_that_awaits_two_sleeps> two_sleeps(Frame&, Clock& clock) {
  if (Error error = co_await bobbin::sleep(clock, 1s)) co_return error;
  co_return co_await bobbin::sleep(clock, 1s);
}

Measured<Error, frame_that_awaits_a_sleep_before_an_instant> before(Frame&, Clock& clock,
                                                                    bobbin::Instant end) {
  co_return co_await bobbin::before(clock, end, bobbin::sleep(clock, 1s));
}

Measured<Error, frame_that_awaits_a_signal> a_signal(Frame&, bobbin::Signal& signal) {
  co_return co_await signal.wait();
}

Measured<int, frame_that_awaits_a_Deferred> a_deferred(Frame&, bobbin::Deferred<int>& deferred) {
  const auto outcome = co_await deferred;
  co_return outcome ? Result<int>(*outcome) : outcome.failure().error();
}

Measured<Error, frame_that_awaits_a_lock> a_lock(Frame&, bobbin::Lock& lock) {
  bobbin::Lock::Place place;
  co_return co_await lock.acquire(place);
}

Measured<Error, frame_that_awaits_a_semaphore> a_semaphore(Frame&, bobbin::Semaphore& semaphore) {
  bobbin::Semaphore::Place place;
  co_return co_await semaphore.acquire(place);
}

Measured<int, frame_that_awaits_a_value_of_a_queue> a_value(Frame&, Queue& queue) {
  co_return co_await queue.get();
}

Measured<Error, frame_that_awaits_room_in_a_queue> room(Frame&, Queue& queue) {
  co_return co_await queue.give(1);
}

Measured<Error, frame_that_awaits_a_connect> a_connect(Frame&, Client& client,
                                                       bobbin::LwipReactor<>& reactor,
                                                       const bobbin::Address& server,
                                                       Stream& stream) {
  co_return co_await client.open(reactor, server, stream);
}

Measured<Error, frame_that_awaits_an_accept> an_accept(Frame&, bobbin::StreamListener& listener,
                                                       Stream& stream) {
  co_return co_await listener.accept(stream);
}

Measured<Error, frame_that_awaits_a_read> a_read(Frame&, Stream& stream) {
  co_return error_of(co_await stream.read());
}

Measured<Error, frame_that_awaits_a_read_of_exactly_so_much> exactly(Frame&, Stream& stream) {
  co_return error_of(co_await stream.read_exactly(16));
}

Measured<Error, frame_that_awaits_a_write> a_write(Frame&, Stream& stream, Bytes bytes) {
  co_return co_await stream.write(bytes);
}

Measured<Error, frame_that_awaits_a_line_and_its_echo> an_echo(Frame&, Stream& stream) {
  while (true) {
    const Result<Bytes> line = co_await stream.read_until("\n");
    if (!line) co_return line.error();
    if (Error error = co_await stream.write(*line)) co_return error;
  }
}

}  // namespace frames
