// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/stream_tcp.hpp>

#include <utility>

namespace bobbin {

StreamAccept::~StreamAccept() {
  if (waiting()) listener_.accept_ = nullptr;
}

bool StreamAccept::await_ready() {
  outcome_ = listener_.trouble();
  if (outcome_) return true;
  StreamProtocol* const protocol = listener_.take();
  if (protocol != nullptr) StreamListener::attach(*protocol, stream_);
  return protocol != nullptr;
}

bool StreamAccept::begin(Coroutine& coroutine) {
  listener_.accept_ = this;
  wait(coroutine);
  return true;
}

void StreamAccept::cancel() { end(Errc::cancelled); }

void StreamAccept::end(Error outcome) {
  listener_.accept_ = nullptr;
  finish_with(outcome);
}

Error StreamListener::trouble() const {
  if (closed_) return Errc::not_running;
  return accept_ != nullptr ? Errc::already_running : Errc::ok;
}

void StreamListener::close() {
  closed_ = true;
  if (accept_ != nullptr) accept_->end(Errc::not_running);
}

void StreamListener::arrived() {
  if (accept_ == nullptr) return;
  attach(*take(), accept_->stream_);
  accept_->end({});
}

void StreamSessions::destroy(Session& session) {
  session.spawned.destroy();
  detach(session);
}

void StreamSessions::serve() {
  while (has_waiting()) {
    Session* const session = free_session();
    if (session == nullptr) return;
    attach(*take(), *session);
    if (Error error = begin(*session)) {
      session->abort();
      detach(*session);
      coroutines_.report(error);
    }
  }
}

void StreamSessions::ended(Session& session, Error outcome) {
  detach(session);
  if (on_end_) {
    on_end_(outcome);
  } else if (outcome.code != Errc::connection_done) {
    coroutines_.report(outcome);
  }
  serve();
}

StreamConnect::~StreamConnect() {
  if (!waiting()) return;
  connector_.connect_ = nullptr;
  connector_.stop_connecting_now();
}

bool StreamConnect::wait_unless(Error error, Coroutine& coroutine) {
  outcome_ = error;
  if (error) return false;
  connector_.connect_ = this;
  wait(coroutine);
  return true;
}

// `client_connection_failed(cancelled)` follows.
void StreamConnect::cancel() { connector_.stop_connecting_now(); }

void StreamConnect::end(Error outcome) {
  connector_.connect_ = nullptr;
  finish_with(outcome);
}

// Who asked for the connection may be gone by now, and then nobody wants it.
void StreamConnector::arrived() {
  StreamProtocol& protocol = *take();
  if (connect_ == nullptr) return protocol.transport().abort_connection();
  attach(protocol, connect_->stream_);
  connect_->end({});
}

void StreamConnector::failed(Error reason) {
  if (connect_ != nullptr) connect_->end(reason);
}

}  // namespace bobbin
