// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <bobbin/bytes.hpp>
#include <bobbin/producer.hpp>

namespace bobbin::http {

// Sends content that stays where it is, as there is room, through the `write_body` of `Owner`,
// whose `finish` is called at its end. Beside its owner, as who derives from that may be a producer
// too.
template <class Owner, void (Owner::*finish)()>
class LastingContent final : public PullProducer {
 public:
  LastingContent(Owner& owner, Bytes content) : owner_(owner), rest_(content) {}

  void resume_producing() override {
    rest_ = rest_.subspan(owner_.write_body(rest_));
    if (rest_.empty()) (owner_.*finish)();
  }
  void stop_producing() override { rest_ = {}; }

 private:
  Owner& owner_;
  Bytes rest_;
};

}  // namespace bobbin::http
