// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <bobbin/deferred.hpp>
#include <bobbin/error.hpp>
#include <bobbin/http/responder.hpp>
#include <bobbin/producer.hpp>

namespace bobbin::http {

// A page with slots, which lies in flash. "{{name}}" is a slot whose text is escaped for HTML,
// between tags and in attributes that are quoted; "{{&name}}" one whose markup stands as it is;
// "{{#name}}...{{/name}}" is there as often as the program says, and may be in another one. What is
// no template does not compile.
//
// As JSON it is an object of its slots, and of lists, its sections, of such objects:
// "<h1>{{title}}</h1>{{#items}}<p>{{name}}</p>{{/items}}" is
// {"title":"...","items":[{"name":"..."},{"name":"..."}]}. What comes again has been there.
class Template {
 public:
  static constexpr std::size_t depth_max = 2;
  static constexpr std::size_t name_max = 32;  // letters of a name

  consteval Template(const char* text) : text_(text) { check(); }  // NOLINT: a literal is one

  constexpr std::string_view text() const { return text_; }

 private:
  consteval void check() const;

  // Not constexpr: calling it is what does not compile. The message shows the call.
  static void refuse(const char* why);

  std::string_view text_;
};

// A slot that is to be filled, or a section that may come once more.
struct Slot {
  std::string_view name;
  std::string_view section{};  // the innermost one here, or around the one that is asked for
  // How often the section has come before: the innermost one here, or the one that is asked for.
  std::size_t round = 0;
  std::size_t outer_round = 0;  // of the section around that
  bool is_for_json = false;
};

// What stands in a slot.
struct SlotContent {
  enum class Kind : std::uint8_t {
    text,
    number,
    boolean,
    none,   // no text; in JSON there is no such name
    later,  // nobody knows yet: it is asked for again after `TemplateAnswer::go_on`
  };

  constexpr SlotContent(std::string_view text_in) : text(text_in) {}
  constexpr SlotContent(const char* text_in) : text(text_in) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) constexpr SlotContent(T value)
      : kind(Kind::number),
        magnitude(value < 0 ? 0 - static_cast<std::uint64_t>(value)
                            : static_cast<std::uint64_t>(value)),
        is_negative(value < 0) {}
  template <std::same_as<bool> T>
  constexpr SlotContent(T value) : kind(Kind::boolean), text(value ? "true" : "false") {}
  static constexpr SlotContent none() { return SlotContent(Kind::none); }
  static constexpr SlotContent later() { return SlotContent(Kind::later); }

  Kind kind = Kind::text;
  // Stays as it is until the next slot or section is asked for, or the answer is over.
  std::string_view text{};
  // Of a number.
  std::uint64_t magnitude = 0;
  bool is_negative = false;

 private:
  constexpr explicit SlotContent(Kind kind_in) : kind(kind_in) {}
};

// Whether a section comes once more.
enum class Repetition : std::uint8_t {
  again,
  done,
  none,   // it does not come at all; in JSON there is no such name, where `done` is an empty list
  later,  // as SlotContent::later
};

// Who knows what stands in a page's slots. Asked in the page's order; where what is said finds no
// room yet, or is to come later, it is asked for again.
class Slots {
 public:
  virtual SlotContent fill(const Slot& slot) = 0;
  virtual Repetition repeat([[maybe_unused]] const Slot& section) { return Repetition::done; }

 protected:
  ~Slots() = default;
};

// An answer made of a template, beside the Responder whose request it answers (Twisted's
// template, Klein's Plating). What stands in front of a slot is sent while the slot waits, so that
// a page comes bit by bit; nothing of it is put together in memory.
//
//   static constexpr http::Template hello = "<!doctype html><p>Hello, {{name}}!</p>";
//   …
//   http::SlotContent fill(const http::Slot&) override { return name_; }
//   …
//   Error error = answer.begin(request, hello, *this);  // or {"name":"..."}, for "?json=1"
class TemplateAnswer final : private PullProducer {
 public:
  explicit TemplateAnswer(AnyResponder& responder) : responder_(responder) {}
  TemplateAnswer(const TemplateAnswer&) = delete;
  TemplateAnswer& operator=(const TemplateAnswer&) = delete;

  // Answers the request; `slots` stay until the answer is over, also by somebody else's
  // `finish_response` or `abort_connection`, which is how a page is given up. To HEAD nothing is
  // asked for.
  // Errors: those of `Responder::begin_response`.
  Error begin(Template page, Slots& slots,
              const Response& response = {.type = "text/html; charset=utf-8"});

  // The same as JSON. Programs without it have none of what it takes. Errors: not_supported too,
  // and nothing was sent, where a slot has markup, which JSON has not.
  Error begin_json(Template page, Slots& slots,
                   const Response& response = {.type = "application/json"});

  // As JSON if the request's query says so, "?json=1" or whatever value, else as HTML.
  Error begin(const RequestHead& request, Template page, Slots& slots);

  // What was to come later may be there: it is asked for again. Does nothing if nothing waits.
  void go_on();

  // What a slot says that waits for a Deferred: goes on when that has a result, whatever it is,
  // which passes on. By then the program has taken what it needs of it, by a stage before this one
  // that returns the same type. Where it says the same once more after that, as it has nothing of a
  // failure, the slot is as `SlotContent::none`. A section waits by this and `Repetition::later`.
  // The Deferred must not outlive this.
  template <class T, std::size_t stages>
  SlotContent wait_for(Deferred<T, stages>& deferred) {
    if (awaited_.deferred == &deferred) {
      return awaited_.has_come ? SlotContent::none() : SlotContent::later();
    }
    awaited_ = {.deferred = &deferred};
    deferred.add_both([this, &deferred](Outcome<T> outcome) {
      if (awaited_.deferred == &deferred) awaited_.has_come = true;
      return pass_on(outcome);
    });
    return SlotContent::later();
  }

 private:
  enum class State : std::uint8_t {
    idle,
    writing,
    asking,  // the program is being asked
    kicked,  // and has said meanwhile that it may be asked again
    waiting,
  };
  // Whether there may be more to do now.
  enum class Step : std::uint8_t { on, wait, end };

  struct Section {
    std::string_view name;
    std::size_t begin = 0;
    std::size_t round = 0;
  };
  enum class Escaping : std::uint8_t { none, html, json };

  // What the slot that is asked for waits for.
  struct Awaited {
    const void* deferred = nullptr;
    bool has_come = false;
  };

  // How what was said is written, and what comes next. Only who names one links it.
  struct Format {
    bool (TemplateAnswer::*write_rest)();
    Step (TemplateAnswer::*step)();
    std::string_view opening{};
    bool is_json = false;
  };
  static const Format html;
  static const Format json;

  void resume_producing() override;
  void stop_producing() override { state_ = State::idle; }

  template <class T>
  Outcome<T> pass_on(const Outcome<T>& outcome) {
    go_on();
    return outcome;
  }

  Error begin(Template page, Slots& slots, const Response& response, const Format& format);
  bool put(std::initializer_list<std::string_view> pieces);
  bool write_literal();
  template <class SizeOfPlain>
  bool write_plain(SizeOfPlain size_of_plain);
  Step wait();
  template <class Ask>
  auto ask(Ask question);
  Slot slot(std::string_view name) const;
  Repetition repeats(std::size_t round);
  Step end_section(std::size_t behind_tag, std::string_view between, std::string_view end);

  bool write_html();
  Step html_step();
  Step html_tag();
  Step fill_html(std::string_view name, Escaping escaping, std::size_t behind_tag);
  Step begin_section(std::string_view name, std::size_t behind_tag);

  bool write_json();
  Step json_step();
  Step fill_json(std::string_view name, std::size_t behind_tag);
  Step begin_list(std::string_view name, std::size_t behind_tag);
  bool put_member(std::string_view name, std::string_view value);
  bool was_there(std::string_view name) const;

  AnyResponder& responder_;
  Slots* slots_ = nullptr;
  const Format* format_ = nullptr;
  std::string_view page_;
  std::size_t at_ = 0;
  std::string_view rest_;  // of what is being written
  std::array<Section, Template::depth_max> sections_{};
  std::uint8_t depth_ = 0;
  std::uint8_t commas_ = 0;  // a bit for each depth: is something there already?
  Escaping escaping_ = Escaping::none;
  State state_ = State::idle;
  Awaited awaited_;
};

// Compile time.

consteval void Template::check() const {
  std::array<std::string_view, depth_max> open{};
  std::size_t depth = 0;
  std::string_view rest = text_;
  for (std::size_t tag = rest.find("{{"); tag != rest.npos; tag = rest.find("{{")) {
    rest.remove_prefix(tag + 2);
    const std::size_t end = rest.find("}}");
    if (end == rest.npos) refuse("a slot has no end");
    std::string_view name = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const char kind = name.empty() ? '\0' : name.front();
    if (kind == '#' || kind == '/' || kind == '&') name.remove_prefix(1);
    if (name.empty() || name.size() > name_max || name.find_first_of(" {}#/&\"\\") != name.npos) {
      refuse("no slot's name");
    }
    if (kind == '#') {
      if (depth == depth_max) refuse("a section is too deep");
      for (std::size_t i = 0; i < depth; ++i) {
        if (open[i] == name) refuse("a section is in one of the same name");
      }
      open[depth++] = name;
    } else if (kind == '/') {
      if (depth == 0 || open[--depth] != name) refuse("a section ends that has not begun");
    }
  }
  if (depth > 0) refuse("a section has no end");
}

}  // namespace bobbin::http
