// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/responder.hpp>

#include <algorithm>
#include <utility>

#include <bobbin/reactor.hpp>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void AnyResponder::connection_made() {
  if (!keep_timer()) return transport().abort_connection();
  watch(limits_.idle);
}

std::size_t AnyResponder::data_received(Bytes data) {
  Bytes rest = data;
  const auto ends = [this] { return phase_ == Phase::content && receiver_.is_whole(transport()); };
  while ((transport().reading() || ends()) && receive(rest)) {
  }
  return data.size() - rest.size();
}

bool AnyResponder::receive(Bytes& data) {
  switch (phase_) {
    case Phase::idle:
    case Phase::head: return receive_head(data);
    case Phase::content: return receive_content(data);
    case Phase::waiting:
      // The next request waits here, and then at the client. Until one does we keep listening, so
      // as to hear when the client is gone.
      if (!data.empty()) transport().pause_producing();
      return false;
    case Phase::closing: data = {}; return false;
  }
  return false;
}

bool AnyResponder::receive_head(Bytes& data) {
  if (data.empty() || transport().room() < limits_.response) return false;
  if (phase_ == Phase::idle) watch(limits_.head_time);
  phase_ = Phase::head;
  RequestHead request;
  const RequestDecoder::Found found = head_decoder_.find(data, request);
  switch (found.kind) {
    case RequestDecoder::Found::Kind::partial: return false;
    case RequestDecoder::Found::Kind::refused: refuse(found.status); return false;
    case RequestDecoder::Found::Kind::whole: break;
  }
  head_decoder_.take();
  data = data.subspan(found.size);
  give_request(request, !data.empty());
  return true;
}

void AnyResponder::give_request(const RequestHead& request, bool content_has_come) {
  phase_ = Phase::content;
  receiver_.begin(request.body, limits_.body);
  version_ = request.version;
  keeps_alive_ = request.keeps_alive;
  is_head_ = is_word(request.method, "HEAD");
  sender_.look();
  watch(limits_.stall);
  const bool in_chunks = request.body.kind == BodyLength::Kind::chunked;
  if (in_chunks && !limits_.chunks) return refuse(Status::length_required);
  if (request.body.bytes > limits_.body) return refuse(Status::content_too_large);
  answer_ = Answer::due;
  waits_for_continue_ = request.expects_continue && !content_has_come;
  request_received(request);
  const bool may_go_on = waits_for_continue_ && answer_ == Answer::due;
  if (may_go_on && transport().room() >= go_on.size()) sender_.send(go_on);
  waits_for_continue_ = false;
}

bool AnyResponder::receive_content(Bytes& data) {
  const BodyDecoder::Found found = receiver_.find(data);
  switch (found.kind) {
    case BodyDecoder::Found::Kind::partial: data = data.subspan(found.size); return found.size > 0;
    case BodyDecoder::Found::Kind::piece: return receive_piece(data, found.piece);
    case BodyDecoder::Found::Kind::end: end_request(); return true;
    case BodyDecoder::Found::Kind::too_long: refuse(Status::content_too_large); return false;
    case BodyDecoder::Found::Kind::malformed: refuse(Status::bad_request); return false;
  }
  return false;
}

bool AnyResponder::receive_piece(Bytes& data, Bytes piece) {
  const std::size_t used = answering() ? body_received(piece) : piece.size();
  return receiver_.take(data, piece, used);
}

void AnyResponder::end_request() {
  phase_ = Phase::waiting;
  transport().resume_producing();
  if (answer_ == Answer::finished) return next_request();
  request_ended();
}

void AnyResponder::next_request() {
  phase_ = Phase::idle;
  answer_ = Answer::none;
  watch(limits_.idle);
  transport().resume_producing();
}

// What is to be answered may be a request that the program knows of.
void AnyResponder::refuse(Status status) {
  if (answer_ == Answer::begun) return transport().abort_connection();
  if (answer_ == Answer::finished) return close();
  const bool given = answer_ == Answer::due;
  answer_ = Answer::due;
  keeps_alive_ = false;
  is_head_ = false;
  const bool said = !start({.status = status}, BodyLength::of(0), 0);
  answer_ = said ? Answer::finished : Answer::none;
  if (said) {
    close();
  } else {
    transport().abort_connection();
  }
  if (given) request_lost(Errc::connection_aborted);
  request_refused(status);
}

Error AnyResponder::last_until_end(Producer& producer) {
  if (answer_ != Answer::begun) return Errc::not_running;
  endless_ = &producer;
  return {};
}

void AnyResponder::stop_endless() {
  if (endless_ != nullptr) std::exchange(endless_, nullptr)->stop_producing();
}

// Who closes at once while bytes come resets the connection, and the client loses the answer.
void AnyResponder::close() {
  phase_ = Phase::closing;
  stop_endless();
  transport().dismiss_producer();
  transport().lose_write_connection();
  transport().resume_producing();
  sender_.forget();
  watch(limits_.linger);
}

void AnyResponder::read_connection_lost() {
  if (phase_ == Phase::waiting && endless_ == nullptr) {
    if (!limits_.half_close) return transport().abort_connection();
    keeps_alive_ = false;
    return;
  }
  close();
  transport().lose_connection();
}

void AnyResponder::connection_lost(Error reason) {
  deadline_.cancel();
  phase_ = Phase::closing;
  const bool lost = answering();
  answer_ = Answer::none;
  stop_endless();
  if (lost) request_lost(reason);
}

Error AnyResponder::respond(const Response& response, Bytes content) {
  if (Error error = start(response, BodyLength::of(content.size()), content.size())) return error;
  [[maybe_unused]] const std::size_t taken = write_body(content);
  finish_response();
  return {};
}

Error AnyResponder::respond_lasting(const Response& response, Bytes content) {
  if (Error error = start(response, BodyLength::of(content.size()), 0)) return error;
  if (Error error = transport().register_producer(lasting_.emplace(*this, content))) {
    transport().abort_connection();
    return error;
  }
  lasting_->resume_producing();
  return {};
}

Error AnyResponder::begin_response(const Response& response, const BodyLength& length) {
  return start(response, length, 0);
}

Error AnyResponder::start(const Response& response, const BodyLength& length, std::size_t content) {
  if (answer_ == Answer::begun) return Errc::already_running;
  if (answer_ != Answer::due) return Errc::not_running;
  if (!is_valid(response)) return Errc::invalid_argument;
  const bool is_chunked = length.kind == BodyLength::Kind::chunked;
  Framing how = Framing::counted;
  if (is_chunked) how = version_ == Version::http_1_0 ? Framing::to_the_end : Framing::chunked;
  const bool says_length = !is_bodiless(response.status) && how != Framing::to_the_end;
  if (is_head_ || is_bodiless(response.status)) how = Framing::nothing;
  // The client may still send its content, or not: nobody knows where the next request begins.
  const bool stays = keeps_alive_ && !waits_for_continue_ && how != Framing::to_the_end;
  const ResponseFraming framing_said{.body = says_length ? length : BodyLength(),
                                     .keeps_alive = stays,
                                     .version = version_,
                                     .date = date()};
  const ResponsePieces head(response, framing_said);
  const std::size_t more = how == Framing::counted ? content : MessageSender::room_needed(how);
  if (transport().room() < head.size() + more) return Errc::no_capacity;
  answer_ = Answer::begun;
  keeps_alive_ = stays;
  sender_.begin(how, length.bytes);
  watch_sending();
  head.each_piece([this](std::string_view piece) { sender_.send(piece); });
  return {};
}

std::size_t AnyResponder::write_body(Bytes content) {
  if (answer_ != Answer::begun) return 0;
  if (wants_content() && !content.empty()) watch_sending();
  return sender_.write(content);
}

Error AnyResponder::register_producer(PushProducer& producer) {
  return answer_ == Answer::begun ? transport().register_producer(producer) : Errc::not_running;
}

Error AnyResponder::register_producer(PullProducer& producer) {
  return answer_ == Answer::begun ? transport().register_producer(producer) : Errc::not_running;
}

void AnyResponder::finish_response() {
  if (answer_ != Answer::begun) return;
  stop_endless();
  if (answer_ != Answer::begun) return;
  transport().unregister_producer();
  if (!sender_.finish()) return transport().abort_connection();
  answer_ = Answer::finished;
  if (!keeps_alive_) return close();
  if (phase_ == Phase::waiting) next_request();
}

// The timer is kept from now on, so that a connection cannot fail for want of one.
bool AnyResponder::keep_timer() {
  const Result<DelayedCall> call =
      transport().reactor().call_later(forever, [this] { deadline_passed(); });
  if (call) deadline_ = *call;
  return bool(call);
}

void AnyResponder::watch(Duration length) { deadline_.reset(length); }

// While nothing is on its way nobody wakes up.
void AnyResponder::watch_sending() {
  if (deadline_.time() != never) return;
  sender_.look();
  watch(limits_.stall);
}

void AnyResponder::deadline_passed() {
  if (!keep_timer()) return transport().abort_connection();
  switch (phase_) {
    case Phase::idle: return close();
    case Phase::head: return refuse(Status::request_timeout);
    case Phase::closing:
      if (transport().unsent() == 0) return transport().lose_connection();
      [[fallthrough]];
    case Phase::content:
    case Phase::waiting: return watch_progress();
  }
}

bool AnyResponder::comes_too_slowly() const {
  const MessageReceiver::Pace pace{.rate = limits_.body_rate, .span = limits_.stall};
  return phase_ == Phase::content && receiver_.comes_too_slowly(transport(), pace);
}

void AnyResponder::watch_progress() {
  if (sender_.stands_still()) return transport().abort_connection();
  if (comes_too_slowly()) return refuse(Status::request_timeout);
  sender_.look();
  receiver_.look();
  if (phase_ == Phase::content || transport().unsent() > 0) watch(limits_.stall);
}

}  // namespace bobbin::http
