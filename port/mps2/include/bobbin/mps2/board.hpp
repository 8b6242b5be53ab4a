// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

// Puts a static object where start-up leaves memory as it is, so that what it holds outlives a
// reset. The object has no initial value, and no constructor that does something.
#define BOBBIN_NOINIT [[gnu::section(".noinit")]]

// The program's, if it defines it: what it has to say when it ends by a fault or a failed
// assertion, after the board's own report. It runs in the fault, on a stack begun anew, and may use
// the console. A fault in it ends it.
extern "C" [[gnu::weak]] void bobbin_last_words();

// The Arm MPS2 board as QEMU emulates it: clock, sleep and the way out. One thread of control; only
// wake(), now_us() and stir_random() may also be called from interrupts.
namespace bobbin::mps2 {

// Prepares clock and console. Called once, by the startup code, before static constructors run.
void start();

// Microseconds since start(), never going back. Must be called at least once every 71 minutes,
// which sleep_until_us() does by itself.
[[nodiscard]] std::uint64_t now_us();

inline constexpr std::uint64_t no_deadline = UINT64_MAX;

// Sleeps until `deadline` (on the scale of now_us(); no_deadline: for ever) or until wake() is
// called, whichever is first. Returns at once if wake() was called since the last return, so work
// announced between looking for it and going to sleep is never missed. May return without a cause.
void sleep_until_us(std::uint64_t deadline);

// Ends the present or the next sleep_until_us(). The board's own interrupts (a received frame, a
// change of the link, console input) do this; so may any other.
void wake();

// Whether the caller was called from an interrupt, or another exception.
[[nodiscard]] bool in_interrupt();

// How often the core left its sleep so far. Counts also the looks at a deadline too far away for
// the timer (one every 0.67 s), from which sleep_until_us() does not return.
[[nodiscard]] std::uint32_t wakeups();

// Random numbers for protocol fields such as TCP's initial sequence numbers. The emulated board has
// no source of entropy: they come from the timing of what happened so far and from what was
// stirred in, and are UNFIT for keys or any other secret.
[[nodiscard]] std::uint32_t random();
void stir_random(std::uint32_t value);

// Ends QEMU with `status` (0 to 255) through semihosting. Without a debugger, stops for ever.
[[noreturn]] void exit(int status);

}  // namespace bobbin::mps2
