// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// Assertions are for mistakes of the programmer; what a peer sends or a full pool is never one.
// They are on unless the build defines BOBBIN_NO_ASSERTIONS. A failed one calls the product's hook
// with the place; core supplies a weak default that traps.
#ifdef BOBBIN_NO_ASSERTIONS
#define BOBBIN_ASSERT(condition) static_cast<void>(sizeof(!(condition)))  // it is used, not asked
#elif defined(__OPTIMIZE_SIZE__)
// Firmware: the line alone. The condition's text would cost more flash than the check.
#define BOBBIN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : bobbin_assertion_failed(nullptr, nullptr, __LINE__))
#else
#define BOBBIN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : bobbin_assertion_failed(#condition, __FILE__, __LINE__))
#endif

// That a call comes from where `clock` runs its calls, and not from another thread or an interrupt.
// Builds that define BOBBIN_CHECK_CONTEXT check each call that is not made for that; it costs two
// or three calls for each message. In others such a call is a data race, with any outcome: nothing
// could be made of it that is better than an assertion.
#ifdef BOBBIN_CHECK_CONTEXT
#define BOBBIN_ASSERT_CONTEXT(clock) BOBBIN_ASSERT((clock).in_own_context())
#else
#define BOBBIN_ASSERT_CONTEXT(clock) static_cast<void>(0)
#endif

// `condition` and `file` are null in builds for size.
extern "C" [[noreturn]] void bobbin_assertion_failed(const char* condition, const char* file,
                                                     int line);
