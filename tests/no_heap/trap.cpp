// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "trap.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace {

volatile bool armed = false;

void check(const char* function) {
  if (!armed) return;
  armed = false;
  static_cast<void>(!write(STDERR_FILENO, "the heap was used: ", 19));
  static_cast<void>(!write(STDERR_FILENO, function, std::strlen(function)));
  static_cast<void>(!write(STDERR_FILENO, "\n", 1));
  std::abort();
}

}  // namespace

void trap::arm() { armed = true; }
void trap::disarm() { armed = false; }

#if defined(__SANITIZE_ADDRESS__)
#define BOBBIN_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BOBBIN_SANITIZED
#endif
#endif

#ifdef BOBBIN_SANITIZED

// A sanitizer has an allocator of its own, and tells who wants to know.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                              void (*on_free)(const volatile void*));
}

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { check("malloc"); },
    [](const volatile void* memory) {
      if (memory != nullptr) check("free");
    });

}  // namespace

#else

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept {
  check("malloc");
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  check("calloc");
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  check("realloc");
  return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  check("memalign");
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  check("aligned_alloc");
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  check("posix_memalign");
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

void free(void* memory) noexcept {
  if (memory != nullptr) check("free");
  __libc_free(memory);
}

}  // extern "C"

#endif
