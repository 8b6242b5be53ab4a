// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/service.hpp>

// By itself, because GCC 12 takes a pointer for left behind that goes with the service it is in.
namespace bobbin {

Service::Watch::Watch(Service& service) : service_(service), outer_(service.gone_) {
  service.gone_ = &gone_;
}

Service::Watch::~Watch() {
  if (!gone_) {
    service_.gone_ = outer_;
  } else if (outer_ != nullptr) {
    *outer_ = true;
  }
}

}  // namespace bobbin
