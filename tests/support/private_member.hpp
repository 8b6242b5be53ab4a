// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

namespace bobbin::test {

// Opens one private data member to a test: what would take 2^31 calls to reach can then be set.
// C++ ignores access in explicit instantiations, so this takes nothing from the class. Use:
//
//   struct NextSequence : test::Member<NextSequence, std::uint32_t TimerHeap::*> {};
//   template struct test::Open<NextSequence, &TimerHeap::next_sequence_>;
//   heap.*NextSequence::member = 0xffff'fff0;
template <class Tag, class Pointer>
struct Member {
  using type = Pointer;
  static inline Pointer member = nullptr;
};

template <class Tag, typename Tag::type pointer>
struct Open {
  static inline const bool opened = (Tag::member = pointer) != nullptr;
};

}  // namespace bobbin::test
