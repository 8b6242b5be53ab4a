// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: cannot declare variable 'forgetful' to be of abstract type 'Forgetful'
// EXPECT: variable type 'Forgetful' is an abstract class

#include <bobbin/bobbin.hpp>

struct Forgetful final : bobbin::PushProducer {
  void resume_producing() override {}
  void stop_producing() override {}
#ifdef BOBBIN_CONTROL
  void pause_producing() override {}
#endif
};

Forgetful forgetful;
