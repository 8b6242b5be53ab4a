// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <bobbin/bobbin.hpp>
#include <bobbin/net.hpp>

// How to get something from a server that comes and goes. Whoever asks cannot know whether a
// question that was not answered has arrived, so two things are needed: it is asked again over each
// new connection, and a question that is asked twice is answered as if it were asked once.
//
// The side that asks is a state machine in two columns: left without a connection, right with one.
// Progress leads down, a loss to the left, a new connection to the right, and there what is asked
// for is asked for, again if need be.
//
//             away                  here
//        idle  · ──── connected ───▶ ·
//              │ ◀────── lost ────── │
//     allocate │                     │ allocate: ask
//              ▼                     ▼
//      asking  · ── connected: ask ▶ ·
//                ◀────── lost ────── │
//                                    │ allocated: tell
//                                    ▼
//                                  done
class Allocator {
 public:
  enum class State : std::uint8_t { idle_away, idle_here, asking_away, asking_here, done };

  void allocate() { take(Event::allocate); }
  void connected() { take(Event::connected); }
  void lost() { take(Event::lost); }
  void allocated(int nameplate) {
    if (take(Event::allocated) == Action::tell) tell(nameplate);
  }

  State state() const { return state_; }

 protected:
  ~Allocator() = default;

 private:
  enum class Event : std::uint8_t { allocate, connected, lost, allocated };
  enum class Action : std::uint8_t { none, ask, tell };
  struct Step {
    State next;
    Action action = Action::none;
  };

  virtual void ask() = 0;
  virtual void tell(int nameplate) = 0;

  // A row for each state, in it what becomes of allocate, connected, lost and allocated.
  static const Step steps[5][4];

  // The state changes first: who is asked or told may bring the next event.
  Action take(Event event) {
    const Step step = steps[static_cast<int>(state_)][static_cast<int>(event)];
    state_ = step.next;
    if (step.action == Action::ask) ask();
    return step.action;
  }

  State state_ = State::idle_away;
};

inline constexpr Allocator::Step Allocator::steps[5][4] = {
    // idle_away
    {{State::asking_away}, {State::idle_here}, {State::idle_away}, {State::idle_away}},
    // idle_here
    {{State::asking_here, Action::ask}, {State::idle_here}, {State::idle_away}, {State::idle_here}},
    // asking_away
    {{State::asking_away},
     {State::asking_here, Action::ask},
     {State::asking_away},
     {State::asking_away}},
    // asking_here
    {{State::asking_here}, {State::asking_here}, {State::asking_away}, {State::done, Action::tell}},
    // done
    {{State::done}, {State::done}, {State::done}, {State::done}}};

inline constexpr bobbin::LineFormat nameplate_format{.length_max = 40};

// What there is to see.
class NameplateLog {
 public:
  virtual void asks() = 0;
  virtual void hangs_up() = 0;
  virtual void got(int nameplate) = 0;

 protected:
  ~NameplateLog() = default;
};

// The number behind a word: "allocate ada", "allocated 1".
inline bool after_word(std::string_view line, std::string_view word, std::string_view& rest) {
  if (!line.starts_with(word)) return false;
  rest = line.substr(word.size());
  return true;
}

// What the server's connections share: who has which nameplate.
struct Nameplates {
  static constexpr std::size_t names_max = 8;
  static constexpr std::size_t name_max = 16;

  struct Name {
    std::array<char, name_max> text{};
    std::size_t size = 0;
  };

  // Who asks again has it already. Zero: there are no more.
  int of(std::string_view name) {
    for (std::size_t i = 0; i < count; ++i) {
      if (std::string_view(names[i].text.data(), names[i].size) == name) {
        return static_cast<int>(i) + 1;
      }
    }
    if (count == names_max || name.size() > name_max) return 0;
    std::ranges::copy(name, names[count].text.begin());
    names[count].size = name.size();
    return static_cast<int>(++count);
  }

  NameplateLog& log;
  int hang_ups = 0;  // so often it goes away instead of answering
  std::array<Name, names_max> names{};
  std::size_t count = 0;
};

class NameplateServer final : public bobbin::LineReceiver<nameplate_format> {
 public:
  explicit NameplateServer(Nameplates& nameplates) : nameplates_(nameplates) {}

  bobbin::Taken line_received(bobbin::Bytes line) override {
    std::string_view name;
    if (!after_word(bobbin::text_of(line), "allocate ", name)) return bobbin::Taken::yes;
    const int nameplate = nameplates_.of(name);
    if (nameplates_.hang_ups > 0) {
      --nameplates_.hang_ups;
      nameplates_.log.hangs_up();
      transport().abort_connection();
      return bobbin::Taken::last;
    }
    std::array<char, 32> text{};
    char* const number = std::ranges::copy(std::string_view("allocated "), text.data()).out;
    const char* const end = std::to_chars(number, text.data() + text.size(), nameplate).ptr;
    const std::string_view answer(text.data(), static_cast<std::size_t>(end - text.data()));
    return send_line(answer) ? bobbin::Taken::yes : bobbin::Taken::not_now;
  }

 private:
  Nameplates& nameplates_;
};

class NameplateLine;

// The client: an allocator whose connection is whichever there is.
class NameplateClient final : public Allocator {
 public:
  NameplateClient(std::string_view name, NameplateLog& log) : name_(name), log_(log) {}

  void line_made(NameplateLine& line);
  void line_lost();

 private:
  void ask() override;
  void tell(int nameplate) override { log_.got(nameplate); }

  std::string_view name_;
  NameplateLog& log_;
  NameplateLine* line_ = nullptr;
};

class NameplateLine final : public bobbin::LineReceiver<nameplate_format> {
 public:
  explicit NameplateLine(NameplateClient& client) : client_(client) {}

  void connection_made() override { client_.line_made(*this); }

  bobbin::Taken line_received(bobbin::Bytes line) override {
    std::string_view number;
    if (!after_word(bobbin::text_of(line), "allocated ", number)) return bobbin::Taken::yes;
    int nameplate = 0;
    const auto [end, problem] =
        std::from_chars(number.data(), number.data() + number.size(), nameplate);
    if (problem == std::errc() && nameplate > 0) client_.allocated(nameplate);
    return bobbin::Taken::yes;
  }

  void connection_lost(bobbin::Error) override { client_.line_lost(); }

 private:
  NameplateClient& client_;
};

inline void NameplateClient::line_made(NameplateLine& line) {
  line_ = &line;
  connected();
}

inline void NameplateClient::line_lost() {
  line_ = nullptr;
  lost();
}

// A new connection has room for a question; if this one had none, the next will.
inline void NameplateClient::ask() {
  log_.asks();
  std::array<char, nameplate_format.length_max> text{};
  char* end = std::ranges::copy(std::string_view("allocate "), text.data()).out;
  end = std::ranges::copy(name_.substr(0, Nameplates::name_max), end).out;
  const std::string_view question(text.data(), static_cast<std::size_t>(end - text.data()));
  if (!line_->send_line(question)) line_->transport().abort_connection();
}
