// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <iterator>
#include <span>

#include <bobbin/amp/command.hpp>
#include <bobbin/amp/values.hpp>
#include <bobbin/callback.hpp>

namespace bobbin::amp {

// A list that is held nowhere, of as many values as a box has room for: ListOf, and AmpList if T is
// a struct with `fields`. As with other views, its values stay for as long as what they are read
// from:
//
//   for (const Row row : arguments.rows) use(row);  // each is read when it is wanted
//
//   Error error = peer.ask(question, {.rows = amp::ListView<Row>(rows)});  // an array, a span
//
//   error = peer.ask(question, {.rows = {count, [this](std::size_t i) { return row(i); }}});
//
// Who asks gets a response of values that are held, so there it is a List.
template <class T>
class ListView {
 public:
  class Iterator;

  ListView() = default;

  // What is to be sent: these.
  ListView(std::span<const T> values)
      : ListView(values.size(), [data = values.data()](std::size_t index) { return data[index]; }) {
  }

  // What is to be sent: what the function says that each is, from 0 on. It is called several times
  // for each, as a value stands behind its length, and says the same each time.
  ListView(std::size_t size, InplaceFunction<T(std::size_t)> value) : size_(size), value_(value) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return Iterator(*this, 0); }
  Iterator end() const { return Iterator(*this, size_); }

 private:
  friend struct Value<ListView>;

  std::size_t size_ = 0;
  Bytes received_;  // `size_` elements that were looked at
  mutable InplaceFunction<T(std::size_t)> value_;
};

// Reads one value after the other. Of the view's, which it must not outlive.
template <class T>
class ListView<T>::Iterator {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;

  T operator*() const {
    if (list_->value_) return list_->value_(index_);
    T value{};
    Bytes rest = rest_;
    Bytes element;
    const bool good =
        detail::Element<T>::take(rest, element) && detail::Element<T>::get(element, value);
    BOBBIN_ASSERT(good);
    return value;
  }
  Iterator& operator++() {
    Bytes element;
    if (!list_->value_) (void)detail::Element<T>::take(rest_, element);
    ++index_;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator& one, const Iterator& other) {
    return one.index_ == other.index_;
  }

 private:
  friend class ListView;
  Iterator(const ListView& list, std::size_t index)
      : list_(&list), rest_(list.received_), index_(index) {}

  const ListView* list_ = nullptr;
  Bytes rest_;
  std::size_t index_ = 0;
};

template <class T>
struct Value<ListView<T>> {
  static constexpr std::size_t size_max = value_max;
  static constexpr bool owns = false;

  static void put(BoxSink& sink, const ListView<T>& list) {
    for (const T value : list) detail::Element<T>::put(sink, value);
  }
  static bool get(Bytes bytes, ListView<T>& list) {
    list = {};
    list.received_ = bytes;
    for (; !bytes.empty(); ++list.size_) {
      Bytes element;
      T value{};
      if (!detail::Element<T>::take(bytes, element)) return false;
      if (!detail::Element<T>::get(element, value)) return false;
    }
    return true;
  }
};

}  // namespace bobbin::amp
