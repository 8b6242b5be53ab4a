// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <bobbin/bobbin.hpp>
#include <bobbin/net.hpp>

class Chatter;

// Who is there: a list that goes through the chatters themselves.
struct ChatRoom {
  Chatter* first = nullptr;
};

inline constexpr bobbin::LineFormat chat_format{.length_max = 200};

// One who chats: says a name, and from then on each line goes to all others.
class Chatter final : public bobbin::LineReceiver<chat_format> {
 public:
  static constexpr std::size_t name_max = 20;
  // "<NAME> LINE" is the longest that is sent.
  static constexpr std::size_t send_min = 1 + name_max + 2 + chat_format.size_max();

  explicit Chatter(ChatRoom& room) : room_(room) {}

  void connection_made() override { tell({"What is your name?"}); }

  bobbin::Taken line_received(bobbin::Bytes line) override {
    const std::string_view text = bobbin::text_of(line);
    if (named()) {
      tell_others({"<", name(), "> ", text});
    } else {
      enter(text);
    }
    return bobbin::Taken::yes;
  }

  // The rest of the line is passed over, and the chat goes on.
  void line_length_exceeded(bobbin::Bytes) override { tell({"* that was too long"}); }

  void connection_lost(bobbin::Error) override {
    if (!named()) return;
    Chatter** place = &room_.first;
    while (*place != this) place = &(*place)->next_;
    *place = next_;
    tell_others({"* ", name(), " has left"});
  }

 private:
  using Pieces = std::initializer_list<std::string_view>;

  bool named() const { return name_size_ > 0; }
  std::string_view name() const { return {name_.data(), name_size_}; }

  void enter(std::string_view wanted) {
    if (wanted.empty() || wanted.size() > name_max) return tell({"A name has 1 to 20 characters."});
    for (const Chatter* other = room_.first; other != nullptr; other = other->next_) {
      if (other->name() == wanted) return tell({"That name is taken, please choose another."});
    }
    std::ranges::copy(wanted, name_.begin());
    name_size_ = wanted.size();
    next_ = room_.first;
    room_.first = this;
    tell({"Welcome, ", name(), "!"});
    tell_others({"* ", name(), " has come"});
  }

  void tell_others(Pieces pieces) {
    for (Chatter* other = room_.first; other != nullptr; other = other->next_) {
      if (other != this) other->tell(pieces);
    }
  }

  // Nobody waits for one who does not read: what finds no room is missed, and that is said as soon
  // as there is room again.
  void tell(Pieces pieces) {
    if (missed_ > 0) {
      std::array<char, 10> digits{};
      const auto end = std::to_chars(digits.begin(), digits.end(), missed_).ptr;
      if (!send({"* you have missed ", std::string_view(digits.begin(), end), " lines"})) {
        ++missed_;
        return;
      }
      missed_ = 0;
    }
    if (!send(pieces)) ++missed_;
  }

  bool send(Pieces pieces) {
    std::array<char, send_min> line;
    char* end = line.data();
    for (const std::string_view piece : pieces) end = std::ranges::copy(piece, end).out;
    return send_line(std::string_view(line.data(), static_cast<std::size_t>(end - line.data())));
  }

  ChatRoom& room_;
  Chatter* next_ = nullptr;
  std::array<char, name_max> name_{};
  std::size_t name_size_ = 0;
  std::uint32_t missed_ = 0;
};
