// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// What newlib's malloc and stdio, and a C++ library without exceptions, ask of the machine.

#include "heap.hpp"

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <new>
#include <stdexcept>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include <bobbin/mps2/board.hpp>
#include <bobbin/mps2/console.hpp>

namespace {

namespace mps2 = bobbin::mps2;

alignas(std::max_align_t) char arena[heap::size];
std::size_t taken = 0;

[[noreturn]] void fail(const char* why) {
  mps2::console::print("\n", why, "\n");
  mps2::exit(1);
}

}  // namespace

std::size_t heap::used_at_most() { return taken; }

void* operator new(std::size_t bytes) {
  if (void* const memory = std::malloc(bytes)) return memory;
  fail("the test's heap is used up");
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

// The library's own would bring exceptions with them.
namespace std {
void __throw_length_error(const char* why) { fail(why); }
void __throw_logic_error(const char* why) { fail(why); }
void __throw_out_of_range_fmt(const char* why, ...) { fail(why); }
void __throw_bad_function_call() { fail("an empty function was called"); }
void __throw_bad_alloc() { fail("the test's heap is used up"); }
void __throw_bad_array_new_length() { fail("an array of too many elements"); }
}  // namespace std

extern "C" {

// Memory only ever grows.
void* _sbrk(std::ptrdiff_t bytes) {
  if (bytes < 0 || static_cast<std::size_t>(bytes) > heap::size - taken) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
  }
  void* const memory = arena + taken;
  taken += static_cast<std::size_t>(bytes);
  return memory;
}

int _write(int, const char* text, int length) {
  mps2::console::write(std::string_view(text, static_cast<std::size_t>(length)));
  return length;
}

int _fstat(int, struct stat* status) {
  status->st_mode = S_IFCHR;
  return 0;
}

int _read(int, char*, int) { return 0; }
int _close(int) { return -1; }
int _lseek(int, int, int) { return 0; }
int _isatty(int) { return 1; }
int _getpid() { return 1; }
int _kill(int, int) { mps2::exit(1); }
void _exit(int status) { mps2::exit(status); }

}  // extern "C"
