// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/template_answer.hpp>

#include <algorithm>

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

// Behind "{{/name}}", which is there.
std::size_t end_of_section(std::string_view page, std::string_view name, std::size_t from) {
  for (;;) {
    from = page.find("{{/", from) + 3;
    const std::string_view tag = behind(page, from);
    if (tag.starts_with(name) && behind(tag, name.size()).starts_with("}}")) break;
  }
  return from + name.size() + 2;
}

}  // namespace

Error TemplateAnswer::begin(Template page, Slots& slots, const Response& response) {
  if (Error error = responder_.begin_response(response, BodyLength::chunked())) return error;
  if (!responder_.wants_content()) {
    responder_.finish_response();
    return {};
  }
  page_ = page.text();
  slots_ = &slots;
  at_ = 0;
  rest_ = {};
  depth_ = 0;
  state_ = State::writing;
  return responder_.register_producer(static_cast<PullProducer&>(*this));
}

void TemplateAnswer::go_on() {
  if (state_ == State::asking) state_ = State::kicked;
  if (state_ != State::waiting) return;
  state_ = State::writing;
  resume_producing();
}

void TemplateAnswer::resume_producing() {
  while (state_ == State::writing && write_rest()) {
    switch (step()) {
      case Step::on: break;
      case Step::wait: return;
      case Step::end: state_ = State::idle; return responder_.finish_response();
    }
  }
}

// False where there is no room for all of it: what stands for a character is not divided.
bool TemplateAnswer::write_rest() {
  while (!rest_.empty()) {
    const auto special =
        escaped_ ? std::find_if(rest_.begin(), rest_.end(), is_special) : rest_.end();
    const auto plain = static_cast<std::size_t>(special - rest_.begin());
    if (plain > 0) {
      const std::size_t taken = responder_.write_body(bytes_of(before(rest_, plain)));
      rest_.remove_prefix(taken);
      if (taken < plain) return false;
    } else {
      const std::string_view text = entity(rest_.front());
      const auto write = [text](auto send) { send(text); };
      if (!responder_.write_whole_body(text.size(), write)) return false;
      rest_.remove_prefix(1);
    }
  }
  return true;
}

TemplateAnswer::Step TemplateAnswer::step() {
  const std::string_view left = behind(page_, at_);
  if (left.empty()) return Step::end;
  const std::size_t literal = std::min(left.find("{{"), left.size());
  if (literal == 0) return take_tag();
  rest_ = before(left, literal);
  escaped_ = false;
  at_ += literal;
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::take_tag() {
  const std::string_view left = behind(page_, at_ + 2);
  const std::size_t end = left.find("}}");
  const std::string_view name = before(left, end);
  const std::size_t behind_tag = at_ + 2 + end + 2;
  switch (name.front()) {
    case '#': return begin_section(behind(name, 1), behind_tag);
    case '/': return end_section(behind(name, 1), behind_tag);
    case '&': return fill(behind(name, 1), false, behind_tag);
    default: return fill(name, true, behind_tag);
  }
}

// Asks the program; again at once, if what it waits for has come while it was asked.
template <class Ask>
auto TemplateAnswer::ask(Ask question) {
  for (;;) {
    state_ = State::asking;
    const auto answer = question();
    const State before = state_;
    if (before != State::idle) state_ = State::writing;
    if (!is_later(answer) || before != State::kicked) return answer;
  }
}

TemplateAnswer::Step TemplateAnswer::wait() {
  if (state_ != State::idle) state_ = State::waiting;
  return Step::wait;
}

Slot TemplateAnswer::slot(std::string_view name) const {
  return {.name = name,
          .round = depth_ > 0 ? sections_[depth_ - 1U].round : 0,
          .outer_round = depth_ > 1 ? sections_[depth_ - 2U].round : 0};
}

TemplateAnswer::Step TemplateAnswer::fill(std::string_view name, bool escaped,
                                          std::size_t behind_tag) {
  const SlotContent content = ask([&] { return slots_->fill(slot(name)); });
  if (is_later(content)) return wait();
  rest_ = content.text;
  escaped_ = escaped;
  at_ = behind_tag;
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::begin_section(std::string_view name, std::size_t behind_tag) {
  sections_[depth_++] = {.begin = behind_tag, .round = 0};
  const Repetition repetition = ask([&] { return slots_->repeat(slot(name)); });
  if (repetition == Repetition::again) {
    at_ = behind_tag;
    return Step::on;
  }
  --depth_;
  if (is_later(repetition)) return wait();
  at_ = end_of_section(page_, name, behind_tag);
  return Step::on;
}

TemplateAnswer::Step TemplateAnswer::end_section(std::string_view name, std::size_t behind_tag) {
  Section& section = sections_[depth_ - 1U];
  Slot next = slot(name);
  ++next.round;
  switch (ask([&] { return slots_->repeat(next); })) {
    case Repetition::again:
      ++section.round;
      at_ = section.begin;
      return Step::on;
    case Repetition::done:
      --depth_;
      at_ = behind_tag;
      return Step::on;
    case Repetition::later: break;
  }
  return wait();
}

}  // namespace bobbin::http
