// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Runs every test there is, one after the other. A line for each, then the sum; the status is 1 if
// one failed.

#include <cstdlib>

#include <gtest/gtest.h>
#include <bobbin/mps2/console.hpp>

#include "heap.hpp"

namespace testing {

namespace {

namespace console = bobbin::mps2::console;

Entry* first = nullptr;
Entry** end = &first;
unsigned passed = 0;
unsigned failed = 0;
bool failing = false;

}  // namespace

Entry::Entry(const char* name) : name_(name) {
  *end = this;
  end = &next_;
}

void Entry::run_all() {
  for (Entry* entry = first; entry != nullptr; entry = entry->next_) entry->run();
}

void Entry::run(std::string_view name, std::unique_ptr<Test> (*make)()) {
  failing = false;
  {
    const std::unique_ptr<Test> test = make();
    test->TestBody();
  }
  ++(failing ? failed : passed);
  console::print(failing ? "FAILED " : "ok ", name, "\n");
}

void Failure::operator=(const Message& message) const {
  failing = true;
  console::print(file_, ":", line_, ": ", what_, " ", message.text(), "\n");
}

}  // namespace testing

int main() {
  testing::Entry::run_all();
  bobbin::mps2::console::print(testing::passed, " passed, ", testing::failed, " failed, ",
                               heap::used_at_most(), " of ", heap::size, " bytes of heap used\n");
  return testing::failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
