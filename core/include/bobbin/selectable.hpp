// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>

namespace bobbin {

// A place in a ReadyList.
class ReadyLink {
 protected:
  ReadyLink() = default;
  ~ReadyLink() = default;

 private:
  friend class ReadyList;

  ReadyLink* next_ = nullptr;  // null while it is in no list
  ReadyLink* previous_ = nullptr;
};

// What the reactor knows of the things it serves: that they can be told "you may read" and "you may
// write" (Twisted's IReadDescriptor and IWriteDescriptor). A transport is one, a listening port is
// another. It is pinned: the reactor links it into its lists.
class Selectable : private ReadyLink {
 public:
  Selectable() = default;
  Selectable(const Selectable&) = delete;
  Selectable& operator=(const Selectable&) = delete;

  // Called by the reactor only, from steps 4 and 5 of its turn, and never while the object is
  // inside another call of the reactor's. `do_write` may end the object's life.
  virtual void do_read() = 0;
  virtual void do_write() = 0;

 protected:
  ~Selectable() = default;

 private:
  friend class ReadyList;
  friend class Reactor;

  // What has been asked of the reactor for this object and not been done.
  enum Wanted : std::uint8_t { nothing = 0, reading = 1, writing = 2 };

  std::uint8_t wanted_ = nothing;
};

// A queue of selectables linked through themselves: append, take the first and remove any in
// constant time, without memory of its own.
class ReadyList {
 public:
  ReadyList() { sentinel_.next_ = sentinel_.previous_ = &sentinel_; }
  ReadyList(const ReadyList&) = delete;
  ReadyList& operator=(const ReadyList&) = delete;

  bool empty() const { return sentinel_.next_ == &sentinel_; }

  // `item` is in no list.
  void push_back(Selectable& item_in) {
    ReadyLink& item = item_in;
    item.previous_ = sentinel_.previous_;
    item.next_ = &sentinel_;
    sentinel_.previous_->next_ = &item;
    sentinel_.previous_ = &item;
  }

  // The list is not empty.
  Selectable& pop_front() {
    ReadyLink& first = *sentinel_.next_;
    sentinel_.next_ = first.next_;
    first.next_->previous_ = &sentinel_;
    first.next_ = nullptr;
    return static_cast<Selectable&>(first);
  }

  // Appends all of `other`, which is empty afterwards.
  void append(ReadyList& other) {
    if (other.empty()) return;
    ReadyLink& first = *other.sentinel_.next_;
    ReadyLink& last = *other.sentinel_.previous_;
    first.previous_ = sentinel_.previous_;
    sentinel_.previous_->next_ = &first;
    last.next_ = &sentinel_;
    sentinel_.previous_ = &last;
    other.sentinel_.next_ = other.sentinel_.previous_ = &other.sentinel_;
  }

  static void remove(Selectable& item_in) {
    ReadyLink& item = item_in;
    item.previous_->next_ = item.next_;
    item.next_->previous_ = item.previous_;
    item.next_ = nullptr;
  }

  static bool linked(const Selectable& item) { return item.next_ != nullptr; }

 private:
  struct Sentinel : ReadyLink {};

  Sentinel sentinel_;
};

}  // namespace bobbin
