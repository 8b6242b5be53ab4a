// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string>

#include <bobbin/multi_service.hpp>

#include "service_support.hpp"

namespace bobbin::test {

using State = Service::State;

struct Owned final : MultiService {
  using MultiService::fail;
};

struct MultiServiceTest : DeferredTest {
  MultiService all{"all"};
  Part a{"a"}, b{"b"}, c{"c"};
  Deferred<void> started, stopped;

  MultiServiceTest() { add_to(all); }
  void add_to(MultiService& parent) {
    for (Part* part : {&a, &b, &c}) EXPECT_FALSE(parent.add(*part));
  }

  void run() {
    all.start(started);
    EXPECT_EQ(result_of(started), "done");
    said();
  }
  std::string states() const {
    std::string text;
    for (const Service* child = all.first_child(); child; child = MultiService::child_after(*child))
      text += std::string(text.empty() ? "" : ", ") + std::string(describe(child->state()));
    return text;
  }
};

}  // namespace bobbin::test
