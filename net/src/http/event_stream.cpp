// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/event_stream.hpp>

#include <algorithm>
#include <charconv>

#include <bobbin/http/event_broadcaster.hpp>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

bool is_line(std::string_view text) { return text.find_first_of("\r\n") == text.npos; }

bool is_valid(const Event& event) {
  const std::string_view id = event.id.value_or(std::string_view());
  const bool may_wait = !event.retry || event.retry->count() >= 0;
  return is_line(event.event) && is_line(id) && id.find('\0') == id.npos && may_wait;
}

// Takes a line off the front of `text`, and its end; false where there is none behind it.
bool take_line(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find_first_of("\r\n");
  line = before(text, end);
  if (end == text.npos) return false;
  const bool two = before(behind(text, end), 2) == "\r\n";
  text.remove_prefix(end + (two ? 2 : 1));
  return true;
}

template <class Write>
void write_field(Write write, std::string_view name, std::string_view value) {
  write(name);
  write(value);
  write(std::string_view("\n"));
}

template <class Write>
void each_piece(const Event& event, Write write) {
  if (!event.event.empty()) write_field(write, "event: ", event.event);
  if (event.id) write_field(write, "id: ", *event.id);
  if (event.retry) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, event.retry->count()).ptr;
    write_field(write, "retry: ", {digits, static_cast<std::size_t>(end - digits)});
  }
  if (event.data) {
    std::string_view rest = *event.data;
    std::string_view line;
    while (take_line(rest, line)) write_field(write, "data: ", line);
    write_field(write, "data: ", line);
  }
  write(std::string_view("\n"));
}

std::size_t size_of(const Event& event) {
  std::size_t size = 0;
  each_piece(event, [&size](std::string_view piece) { size += piece.size(); });
  return size;
}

}  // namespace

Error EventStream::begin() {
  const Field fresh{"Cache-Control", "no-store"};
  const Response head{.type = "text/event-stream", .fields = {&fresh, 1}};
  if (Error error = responder_.begin_response(head, BodyLength::chunked())) return error;
  skipped_ = 0;
  if (!responder_.wants_content()) {
    responder_.finish_response();
    return {};
  }
  open_ = true;
  return responder_.last_until_end(*this);
}

Error EventStream::send(const Event& event) {
  if (!open_) return Errc::not_running;
  if (!is_valid(event)) return Errc::invalid_argument;
  const std::size_t size = size_of(event);
  const auto write = [&event](auto send) { each_piece(event, send); };
  if (!responder_.write_whole_body(size, write)) return refuse(size);
  quiet_ = false;
  return {};
}

Error EventStream::refuse(std::size_t size) {
  if (size > responder_.body_capacity()) return Errc::message_too_long;
  ++skipped_;
  if (when_slow_ == WhenSlow::close) {
    responder_.close_after_response();
    finish();
  }
  return Errc::no_capacity;
}

Error EventStream::comment(std::string_view text) {
  if (!open_) return Errc::not_running;
  if (!is_line(text)) return Errc::invalid_argument;
  const std::size_t size = text.size() + 3;
  const auto write = [text](auto send) {
    send(std::string_view(":"));
    send(text);
    send(std::string_view("\n\n"));
  };
  if (responder_.write_whole_body(size, write)) return {};
  return size > responder_.body_capacity() ? Errc::message_too_long : Errc::no_capacity;
}

void EventStream::finish() {
  if (!open_) return;
  leave();
  responder_.finish_response();
}

void EventStream::leave() {
  open_ = false;
  if (broadcaster_ != nullptr) broadcaster_->remove(*this);
}

}  // namespace bobbin::http
