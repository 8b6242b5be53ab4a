// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/template_answer.hpp>

#include <algorithm>
#include <span>

#include <bobbin/http/url.hpp>

#include "../json_escape.hpp"
#include "digits.hpp"
#include "syntax.hpp"

namespace bobbin::http {

namespace {

// What stands for a character in HTML; empty for one that stands for itself.
constexpr std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

constexpr bool is_special(char c) { return !entity(c).empty(); }

bool is_later(const SlotContent& content) { return content.kind == SlotContent::Kind::later; }
bool is_later(Repetition repetition) { return repetition == Repetition::later; }

struct Tag {
  char kind;  // '#', '/', '&', or of a plain slot the first letter of its name
  std::string_view name;
  std::size_t behind;
};

Tag tag_at(std::string_view page, std::size_t at) {
  const std::string_view left = behind(page, at + 2);
  const std::string_view inside = before(left, left.find("}}"));
  const char kind = inside.front();
  const bool is_plain = kind != '#' && kind != '/' && kind != '&';
  return {kind, behind(inside, is_plain ? 0 : 1), at + 2 + inside.size() + 2};
}

// Behind "{{/name}}", which is there.
std::size_t end_of_section(std::string_view page, std::string_view name, std::size_t from) {
  for (;;) {
    const Tag tag = tag_at(page, page.find("{{", from));
    from = tag.behind;
    if (tag.kind == '/' && tag.name == name) return from;
  }
}

// A number as text.
class Digits {
 public:
  explicit Digits(const SlotContent& content) {
    begin_ -= write_decimal(content.magnitude, std::span<char, 20>(place_ + 1, 20));
    if (content.is_negative) place_[--begin_] = '-';
  }
  Digits(const Digits&) = delete;
  Digits& operator=(const Digits&) = delete;

  std::string_view text() const { return {place_ + begin_, sizeof place_ - begin_}; }

 private:
  char place_[21];
  std::size_t begin_ = sizeof place_;
};

// "json=" with some value, as Plating looks at it.
bool wants_json(std::string_view query) {
  return !query_value(query, "json").value_or(std::string_view()).empty();
}

}  // namespace

const TemplateAnswer::Format TemplateAnswer::html{.write_rest = &TemplateAnswer::write_html,
                                                  .step = &TemplateAnswer::html_step};
const TemplateAnswer::Format TemplateAnswer::json{.write_rest = &TemplateAnswer::write_json,
                                                  .step = &TemplateAnswer::json_step,
                                                  .opening = "{",
                                                  .is_json = true};

Error TemplateAnswer::begin(Template page, Slots& slots, const Response& response) {
  return begin(page, slots, response, html);
}

Error TemplateAnswer::begin_json(Template page, Slots& slots, const Response& response) {
  if (page.text().find("{{&") != std::string_view::npos) return Errc::not_supported;
  return begin(page, slots, response, json);
}

Error TemplateAnswer::begin(const RequestHead& request, Template page, Slots& slots) {
  return wants_json(request.query) ? begin_json(page, slots) : begin(page, slots);
}

Error TemplateAnswer::begin(Template page, Slots& slots, const Response& response,
                            const Format& format) {
  if (Error error = responder_.begin_response(response, BodyLength::chunked())) return error;
  if (!responder_.wants_content()) {
    responder_.finish_response();
    return {};
  }
  format_ = &format;
  page_ = page.text();
  slots_ = &slots;
  at_ = 0;
  rest_ = format.opening;
  escaping_ = Escaping::none;
  depth_ = 0;
  commas_ = 0;
  awaited_ = {};
  state_ = State::writing;
  return responder_.register_producer(static_cast<PullProducer&>(*this));
}

void TemplateAnswer::go_on() {
  if (state_ == State::asking) state_ = State::kicked;
  if (state_ != State::waiting) return;
  state_ = responder_.has_producer(*this) ? State::writing : State::idle;
  resume_producing();
}

void TemplateAnswer::resume_producing() {
  while (state_ == State::writing && (this->*format_->write_rest)()) {
    switch ((this->*format_->step)()) {
      case Step::on: break;
      case Step::wait: return;
      case Step::end: state_ = State::idle; return responder_.finish_response();
    }
  }
}

// All of them, or nothing.
bool TemplateAnswer::put(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (size == 0) return true;
  return responder_.write_whole_body(size, [pieces](auto send) {
    for (const std::string_view piece : pieces) send(piece);
  });
}

// As much of what is left as there is room for, as it is. Whether that is all of it.
bool TemplateAnswer::write_literal() {
  rest_.remove_prefix(responder_.write_body(bytes_of(rest_)));
  return rest_.empty();
}

// What is left up to the first character that does not stand for itself, in one piece; none is
// divided. `size_of_plain` says how many bytes the character at the front of a text has, 0 if it is
// such a one. False where there is no room for all of it.
template <class SizeOfPlain>
bool TemplateAnswer::write_plain(SizeOfPlain size_of_plain) {
  const std::size_t room = responder_.body_room();
  std::size_t plain = 0;
  std::size_t next = 0;
  while (plain < rest_.size() && (next = size_of_plain(behind(rest_, plain))) > 0) {
    if (plain + next > room) break;
    plain += next;
  }
  const bool fits = next == 0 || plain == rest_.size();
  rest_.remove_prefix(responder_.write_body(bytes_of(before(rest_, plain))));
  return fits;
}

// Asks the program; again at once, if what it waits for has come while it was asked.
template <class Ask>
auto TemplateAnswer::ask(Ask question) {
  for (;;) {
    state_ = State::asking;
    const auto answer = question();
    const State before = state_;
    if (!is_later(answer)) awaited_ = {};
    if (before != State::idle) state_ = State::writing;
    if (!is_later(answer) || before != State::kicked) return answer;
  }
}

TemplateAnswer::Step TemplateAnswer::wait() {
  if (state_ != State::idle) state_ = State::waiting;
  return Step::wait;
}

Slot TemplateAnswer::slot(std::string_view name) const {
  if (depth_ == 0) return {.name = name, .is_for_json = format_->is_json};
  const Section& here = sections_[depth_ - 1U];
  return {.name = name,
          .section = here.name,
          .round = here.round,
          .outer_round = depth_ > 1 ? sections_[depth_ - 2U].round : 0,
          .is_for_json = format_->is_json};
}

// Whether the innermost one comes once more.
Repetition TemplateAnswer::repeats(std::size_t round) {
  Slot section = slot(sections_[depth_ - 1U].name);
  section.section = depth_ > 1 ? sections_[depth_ - 2U].name : std::string_view();
  section.round = round;
  return ask([&] { return slots_->repeat(section); });
}

TemplateAnswer::Step TemplateAnswer::end_section(std::size_t behind_tag, std::string_view between,
                                                 std::string_view end) {
  Section& section = sections_[depth_ - 1U];
  const Repetition repetition = repeats(section.round + 1);
  if (is_later(repetition)) return wait();
  const bool again = repetition == Repetition::again;
  if (!put({again ? between : end})) return Step::wait;
  if (again) {
    ++section.round;
    commas_ &= static_cast<std::uint8_t>(~(1U << depth_));
  } else {
    --depth_;
  }
  at_ = again ? section.begin : behind_tag;
  return Step::on;
}

// As HTML.

// What stands for a character is not divided.
bool TemplateAnswer::write_html() {
  if (escaping_ == Escaping::none) return write_literal();
  while (!rest_.empty()) {
    const auto size_of_plain = [](std::string_view text) {
      return std::size_t{is_special(text.front()) ? 0U : 1U};
    };
    if (!write_plain(size_of_plain)) return false;
    if (rest_.empty()) break;
    if (!put({entity(rest_.front())})) return false;
    rest_.remove_prefix(1);
  }
  return true;
}

TemplateAnswer::Step TemplateAnswer::html_step() {
  const std::string_view left = behind(page_, at_);
  if (left.empty()) return Step::end;
  const std::size_t literal = std::min(left.find("{{"), left.size());
  if (literal == 0) return html_tag();
  rest_ = before(left, literal);
  escaping_ = Escaping::none;
  at_ += literal;
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::html_tag() {
  const Tag tag = tag_at(page_, at_);
  switch (tag.kind) {
    case '#': return begin_section(tag.name, tag.behind);
    case '/': return end_section(tag.behind, "", "");
    case '&': return fill_html(tag.name, Escaping::none, tag.behind);
    default: return fill_html(tag.name, Escaping::html, tag.behind);
  }
}

TemplateAnswer::Step TemplateAnswer::fill_html(std::string_view name, Escaping escaping,
                                               std::size_t behind_tag) {
  const SlotContent content = ask([&] { return slots_->fill(slot(name)); });
  if (is_later(content)) return wait();
  const bool is_number = content.kind == SlotContent::Kind::number;
  if (is_number && !put({Digits(content).text()})) return Step::wait;
  rest_ = content.text;
  escaping_ = escaping;
  at_ = behind_tag;
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::begin_section(std::string_view name, std::size_t behind_tag) {
  sections_[depth_++] = {.name = name, .begin = behind_tag};
  const Repetition repetition = repeats(0);
  if (repetition == Repetition::again) {
    at_ = behind_tag;
    return Step::on;
  }
  --depth_;
  if (is_later(repetition)) return wait();
  at_ = end_of_section(page_, name, behind_tag);
  return Step::on;
}

// As JSON.

bool TemplateAnswer::write_json() {
  if (escaping_ == Escaping::none) return write_literal();
  while (!rest_.empty()) {
    if (!write_plain(plain_json_size)) return false;
    if (rest_.empty()) break;
    const JsonEscape escape(rest_);
    if (!put({escape.text()})) return false;
    rest_.remove_prefix(escape.taken());
  }
  if (!put({"\""})) return false;
  escaping_ = Escaping::none;
  return true;
}

TemplateAnswer::Step TemplateAnswer::json_step() {
  at_ = page_.find("{{", at_);
  if (at_ == page_.npos) return put({"}"}) ? Step::end : Step::wait;
  const Tag tag = tag_at(page_, at_);
  if (tag.kind == '/') return end_section(tag.behind, "},{", "}]");
  const bool is_list = tag.kind == '#';
  if (!was_there(tag.name)) {
    return is_list ? begin_list(tag.name, tag.behind) : fill_json(tag.name, tag.behind);
  }
  at_ = is_list ? end_of_section(page_, tag.name, tag.behind) : tag.behind;
  return Step::on;
}

// Of the same object.
bool TemplateAnswer::was_there(std::string_view name) const {
  std::size_t at = depth_ > 0 ? sections_[depth_ - 1U].begin : 0;
  while ((at = page_.find("{{", at)) != at_) {
    const Tag tag = tag_at(page_, at);
    if (tag.name == name) return true;
    at = tag.kind == '#' ? end_of_section(page_, tag.name, tag.behind) : tag.behind;
  }
  return false;
}

// A name, and as much of its value as `value` is.
bool TemplateAnswer::put_member(std::string_view name, std::string_view value) {
  const auto bit = static_cast<std::uint8_t>(1U << depth_);
  if (!put({(commas_ & bit) != 0 ? ",\"" : "\"", name, "\":", value})) return false;
  commas_ |= bit;
  return true;
}

TemplateAnswer::Step TemplateAnswer::fill_json(std::string_view name, std::size_t behind_tag) {
  const SlotContent content = ask([&] { return slots_->fill(slot(name)); });
  switch (content.kind) {
    case SlotContent::Kind::later: return wait();
    case SlotContent::Kind::none: break;
    case SlotContent::Kind::number:
      if (!put_member(name, Digits(content).text())) return Step::wait;
      break;
    case SlotContent::Kind::boolean:
      if (!put_member(name, content.text)) return Step::wait;
      break;
    case SlotContent::Kind::text:
      if (!put_member(name, "\"")) return Step::wait;
      rest_ = content.text;
      escaping_ = Escaping::json;
      break;
  }
  at_ = behind_tag;
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::begin_list(std::string_view name, std::size_t behind_tag) {
  sections_[depth_++] = {.name = name, .begin = behind_tag};
  const Repetition repetition = repeats(0);
  --depth_;
  if (is_later(repetition)) return wait();
  const bool again = repetition == Repetition::again;
  const bool is_there = repetition != Repetition::none;
  if (is_there && !put_member(name, again ? "[{" : "[]")) return Step::wait;
  at_ = again ? behind_tag : end_of_section(page_, name, behind_tag);
  if (!again) return Step::on;
  ++depth_;
  commas_ &= static_cast<std::uint8_t>(~(1U << depth_));
  return Step::on;
}

}  // namespace bobbin::http
