// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: no matching function for call to 'bobbin::Transport::register_producer(Plain&)'
// EXPECT: no matching member function for call to 'register_producer'

#include <bobbin/bobbin.hpp>

#ifdef BOBBIN_CONTROL
struct Plain : bobbin::PushProducer {
  void resume_producing() override {}
  void pause_producing() override {}
  void stop_producing() override {}
};
#else
struct Plain {
  void resume_producing() {}
  void pause_producing() {}
  void stop_producing() {}
};
#endif

bobbin::Error give(bobbin::Transport& transport, Plain& plain) {
  return transport.register_producer(plain);
}
