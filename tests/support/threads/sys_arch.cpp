// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What lwIP with a thread of its own asks of a system, on the threads and the time of a test.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <thread>

#include <bobbin/lwip/host.hpp>

#include <lwip/sys.h>
#include <lwip/tcpip.h>

#include "lwip_thread.hpp"
#include "virtual_time.hpp"

using bobbin::test::semaphores_left;
using bobbin::test::VirtualTime;

struct bobbin_sem {
  std::uint32_t count;
};

// First come, first served. Else a thread that gives the lock up for a moment would have it again
// before those who wait for it have woken.
struct bobbin_mutex {
  std::uint64_t next_ticket = 0;
  std::uint64_t served = 0;
  std::thread::id owner;
};

struct bobbin_mbox {
  std::size_t capacity;
  std::deque<void*> messages;
};

namespace {

// lwIP's milliseconds wrap a minute after the start, so that every test program sees it.
constexpr std::uint64_t start_ms = 0x1'0000'0000 - 60'000;

VirtualTime& time() { return VirtualTime::only(); }

std::atomic<bool> thread_runs{false};

std::recursive_mutex& protection() {
  static std::recursive_mutex only;
  return only;
}

std::uint64_t deadline(VirtualTime::Lock& lock, std::uint32_t timeout_ms) {
  if (timeout_ms == 0) return VirtualTime::never;
  return time().now_us(lock) + std::uint64_t{timeout_ms} * 1000;
}

// In all of these `held` is the lock of `time()`, or it is held.
void acquire(VirtualTime::Lock& held, bobbin_mutex& mutex, std::uint64_t ticket) {
  time().wait_awake(held, [&] { return mutex.served == ticket; });
  mutex.owner = std::this_thread::get_id();
}

void release(bobbin_mutex& mutex) {
  mutex.owner = {};
  ++mutex.served;
  time().changed();
}

void* take(bobbin_mbox& mbox) {
  void* const message = mbox.messages.front();
  mbox.messages.pop_front();
  time().changed();
  return message;
}

bool put(bobbin_mbox& mbox, void* message) {
  if (mbox.messages.size() == mbox.capacity) return false;
  mbox.messages.push_back(message);
  time().changed();
  return true;
}

[[noreturn]] void fail(const char* message) {
  std::fprintf(stderr, "%s\n", message);
  std::abort();
}

}  // namespace

extern "C" {

void bobbin_lwip_assert(const char* message, int) { fail(message); }

std::uint32_t bobbin_lwip_random() {
  static std::mt19937 numbers{1};
  return static_cast<std::uint32_t>(numbers());
}

u32_t sys_now() { return static_cast<u32_t>(start_ms + time().now_us() / 1000); }

void sys_init() {}

// Before lwIP has its thread, whoever starts it is alone.
void sys_check_core_locking() {
  if (thread_runs && !bobbin::test::core_is_locked()) fail("lwIP's core is not locked");
}

err_t sys_mutex_new(sys_mutex_t* mutex) {
  *mutex = new bobbin_mutex;
  return ERR_OK;
}

void sys_mutex_lock(sys_mutex_t* mutex) {
  bobbin_mutex& lock = **mutex;
  VirtualTime::Lock held = time().lock();
  const std::uint64_t ticket = lock.next_ticket++;
  time().changed();
  acquire(held, lock, ticket);
}

void sys_mutex_unlock(sys_mutex_t* mutex) {
  const VirtualTime::Lock held = time().lock();
  release(**mutex);
}

err_t sys_sem_new(sys_sem_t* sem, u8_t count) {
  if (semaphores_left == 0) return ERR_MEM;
  --semaphores_left;
  *sem = new bobbin_sem{count};
  return ERR_OK;
}

void sys_sem_free(sys_sem_t* sem) {
  ++semaphores_left;
  delete *sem;
}

void sys_sem_signal(sys_sem_t* sem) {
  const VirtualTime::Lock held = time().lock();
  (*sem)->count = 1;  // binary, as those of FreeRTOS
  time().changed();
}

u32_t sys_arch_sem_wait(sys_sem_t* sem, u32_t timeout_ms) {
  bobbin_sem& semaphore = **sem;
  VirtualTime::Lock held = time().lock();
  const std::uint64_t until = deadline(held, timeout_ms);
  if (!time().wait(
          held, [&] { return semaphore.count > 0; }, until))
    return SYS_ARCH_TIMEOUT;
  --semaphore.count;
  return 0;
}

err_t sys_mbox_new(sys_mbox_t* mbox, int size) {
  *mbox = new bobbin_mbox{.capacity = static_cast<std::size_t>(size), .messages = {}};
  return ERR_OK;
}

int sys_mbox_valid(sys_mbox_t* mbox) { return *mbox != nullptr; }

void sys_mbox_post(sys_mbox_t* mbox, void* message) {
  bobbin_mbox& box = **mbox;
  VirtualTime::Lock held = time().lock();
  time().wait_awake(held, [&] { return put(box, message); });
}

err_t sys_mbox_trypost(sys_mbox_t* mbox, void* message) {
  const VirtualTime::Lock held = time().lock();
  return put(**mbox, message) ? ERR_OK : ERR_MEM;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t* mbox, void* message) {
  return sys_mbox_trypost(mbox, message);
}

u32_t sys_arch_mbox_fetch(sys_mbox_t* mbox, void** message, u32_t timeout_ms) {
  bobbin_mbox& box = **mbox;
  VirtualTime::Lock held = time().lock();
  const std::uint64_t until = deadline(held, timeout_ms);
  if (!time().wait(
          held, [&] { return !box.messages.empty(); }, until))
    return SYS_ARCH_TIMEOUT;
  *message = take(box);
  return 0;
}

// lwIP's lives for ever; others may return.
sys_thread_t sys_thread_new(const char*, lwip_thread_fn function, void* argument, int, int) {
  time().join();
  thread_runs = true;
  std::thread([function, argument] {
    function(argument);
    time().leave();
  }).detach();
  return 1;
}

sys_prot_t sys_arch_protect() {
  protection().lock();
  return 0;
}

void sys_arch_unprotect(sys_prot_t) { protection().unlock(); }

}  // extern "C"

namespace bobbin::test {

std::atomic<std::size_t> semaphores_left{100};

bool core_is_locked() {
  const VirtualTime::Lock held = time().lock();
  return lock_tcpip_core->owner == std::this_thread::get_id();
}

// The caller is next again when the other comes in.
void CoreLocked::let_another(Duration limit) {
  bobbin_mutex& core = *lock_tcpip_core;
  VirtualTime::Lock held = time().lock();
  const std::uint64_t until = time().now_us(held) + static_cast<std::uint64_t>(limit.count());
  time().wait(
      held, [&] { return core.next_ticket > core.served + 1; }, until);
  const std::uint64_t ticket = core.next_ticket++;
  release(core);
  acquire(held, core, ticket);
}

}  // namespace bobbin::test
