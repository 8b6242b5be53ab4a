// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/requester.hpp>

#include <initializer_list>

#include <bobbin/reactor.hpp>

namespace bobbin::http {

namespace {

// RFC 9110 §8.6: of these a server expects content, and where there is none to be told so.
bool expects_content(std::string_view method) {
  for (const std::string_view name : {"POST", "PUT", "PATCH"}) {
    if (method == name) return true;
  }
  return false;
}

}  // namespace

void AnyRequester::connection_made() {
  if (!keep_timer()) return transport().abort_connection();
  head_decoder_.take();
  sender_.restart();
  sending_ = false;
  keeps_alive_ = true;
  phase_ = Phase::idle;
  watch(limits_.idle);
  requester_ready();
}

std::size_t AnyRequester::data_received(Bytes data) {
  Bytes rest = data;
  const auto ends = [this] { return phase_ == Phase::content && receiver_.is_whole(transport()); };
  while ((transport().reading() || ends()) && receive(rest)) {
  }
  return data.size() - rest.size();
}

bool AnyRequester::receive(Bytes& data) {
  switch (phase_) {
    case Phase::head: return receive_head(data);
    case Phase::content: return receive_content(data);
    case Phase::idle:
      // What nobody asked for: the next response would be taken for something else.
      if (!data.empty()) transport().abort_connection();
      return false;
    case Phase::unconnected:
    case Phase::closing: data = {}; return false;
  }
  return false;
}

bool AnyRequester::receive_head(Bytes& data) {
  if (data.empty()) return false;
  ResponseHead response;
  const ResponseDecoder::Found found = head_decoder_.find(data, is_head_, response);
  switch (found.kind) {
    case ResponseDecoder::Found::Kind::partial: return false;
    case ResponseDecoder::Found::Kind::refused: fail(found.trouble); return false;
    case ResponseDecoder::Found::Kind::whole: break;
  }
  head_decoder_.take();
  data = data.subspan(found.size);
  if (response.is_interim()) return pass_over(response);
  give_response(response);
  return true;
}

// We never ask to speak something else, and content is not held back for a word.
bool AnyRequester::pass_over(const ResponseHead& interim) {
  constexpr auto switching_protocols = static_cast<Status>(101);
  if (interim.status == switching_protocols) fail(BadResponse::unsupported);
  return phase_ == Phase::head;
}

void AnyRequester::give_response(const ResponseHead& response) {
  phase_ = Phase::content;
  keeps_alive_ = keeps_alive_ && response.keeps_alive && !sending_;
  to_the_end_ = response.body.kind == BodyLength::Kind::closing;
  receiver_.begin(response.body, limits_.body);
  sender_.look();
  watch(limits_.stall);
  response_received(response);
}

bool AnyRequester::receive_content(Bytes& data) {
  const BodyDecoder::Found found = receiver_.find(data);
  switch (found.kind) {
    case BodyDecoder::Found::Kind::partial: data = data.subspan(found.size); return found.size > 0;
    case BodyDecoder::Found::Kind::piece: return receive_piece(data, found.piece);
    case BodyDecoder::Found::Kind::end: end_response(); return true;
    case BodyDecoder::Found::Kind::too_long: fail(BadResponse::content_too_large); return false;
    case BodyDecoder::Found::Kind::malformed: fail(BadResponse::malformed); return false;
  }
  return false;
}

bool AnyRequester::receive_piece(Bytes& data, Bytes piece) {
  const std::size_t used = body_received(piece);
  if (phase_ != Phase::content) return false;  // it was cancelled from there
  return receiver_.take(data, piece, used);
}

void AnyRequester::end_response() {
  stop_sending();
  transport().resume_producing();
  if (keeps_alive_) {
    phase_ = Phase::idle;
    watch(limits_.idle);
  } else {
    close();
  }
  response_ended();
  if (phase_ == Phase::idle) requester_ready();
}

// The program is told first that its producer is of no more use.
void AnyRequester::stop_sending() {
  if (!sending_) return;
  sending_ = false;
  keeps_alive_ = false;
  transport().dismiss_producer();
}

void AnyRequester::fail(const Failure& failure) {
  stop_sending();
  phase_ = Phase::closing;
  transport().abort_connection();
  request_failed(failure);
}

void AnyRequester::cancel_request() {
  if (requesting()) fail(Errc::cancelled);
}

void AnyRequester::close_after_response() {
  keeps_alive_ = false;
  if (phase_ == Phase::idle) close();
}

void AnyRequester::close() {
  phase_ = Phase::closing;
  transport().lose_connection();
}

void AnyRequester::read_connection_lost() {
  if (phase_ == Phase::content && to_the_end_ && !receiver_.held_back()) return end_response();
  if (phase_ == Phase::content || phase_ == Phase::head) {
    return fail(phase_ == Phase::head ? Failure(Errc::connection_done)
                                      : Failure(BadResponse::incomplete));
  }
  close();
}

void AnyRequester::connection_lost(Error reason) {
  deadline_.cancel();
  const bool lost = requesting();
  phase_ = Phase::unconnected;
  sending_ = false;
  if (lost) request_failed(reason);
}

Error AnyRequester::request(const Request& request, Bytes content) {
  const bool says_length = !content.empty() || expects_content(request.method);
  const BodyLength length = says_length ? BodyLength::of(content.size()) : BodyLength();
  if (Error error = start(request, length, content.size())) return error;
  [[maybe_unused]] const std::size_t taken = write_body(content);
  finish_request();
  return {};
}

Error AnyRequester::request_lasting(const Request& request, Bytes content) {
  if (Error error = start(request, BodyLength::of(content.size()), 0)) return error;
  if (Error error = transport().register_producer(lasting_.emplace(*this, content))) {
    fail(error);
    return {};
  }
  lasting_->resume_producing();
  return {};
}

Error AnyRequester::begin_request(const Request& request, const BodyLength& length) {
  if (length.kind == BodyLength::Kind::closing) return Errc::invalid_argument;
  return start(request, length, 0);
}

Error AnyRequester::start(const Request& request, const BodyLength& length, std::size_t content) {
  if (phase_ != Phase::idle) return Errc::not_running;
  if (!is_valid(request)) return Errc::invalid_argument;
  const bool chunked = length.kind == BodyLength::Kind::chunked;
  const Framing framing = chunked ? Framing::chunked : Framing::counted;
  const RequestPieces head(request, length);
  const std::size_t more = content + MessageSender::room_needed(framing);
  if (transport().room() < head.size() + more) return Errc::no_capacity;
  phase_ = Phase::head;
  sending_ = true;
  is_head_ = request.method == "HEAD";
  sender_.begin(framing, length.bytes);
  sender_.look();
  watch(limits_.head_time);
  head.each_piece([this](std::string_view piece) { sender_.send(piece); });
  return {};
}

std::size_t AnyRequester::write_body(Bytes content) {
  return sending_ ? sender_.write(content) : 0;
}

Error AnyRequester::register_producer(PushProducer& producer) {
  return sending_ ? transport().register_producer(producer) : Errc::not_running;
}
Error AnyRequester::register_producer(PullProducer& producer) {
  return sending_ ? transport().register_producer(producer) : Errc::not_running;
}

void AnyRequester::finish_request() {
  if (!sending_) return;
  transport().unregister_producer();
  sending_ = false;
  if (!sender_.finish()) return fail(Errc::connection_aborted);
  if (phase_ == Phase::head) watch(limits_.head_time);
}

// The timer is kept from now on, so that a connection cannot fail for want of one.
bool AnyRequester::keep_timer() {
  const Result<DelayedCall> call =
      transport().reactor().call_later(forever, [this] { deadline_passed(); });
  if (call) deadline_ = *call;
  return bool(call);
}

void AnyRequester::deadline_passed() {
  if (!keep_timer()) return fail(Errc::no_capacity);
  switch (phase_) {
    case Phase::unconnected:
    case Phase::closing: return;
    case Phase::idle: return close();
    case Phase::head: return watch_sending();
    case Phase::content: return watch_content();
  }
}

// A request that is still being sent may take longer, as long as it is taken. If nothing waits it
// is the program that is slow.
void AnyRequester::watch_sending() {
  const bool waits_for_server = !sending_ && transport().unsent() == 0;
  if (waits_for_server || sender_.stands_still()) return fail(Errc::timed_out);
  sender_.look();
  watch(limits_.head_time);
}

void AnyRequester::watch_content() {
  const MessageReceiver::Pace pace{.rate = limits_.body_rate, .span = limits_.stall};
  if (receiver_.comes_too_slowly(transport(), pace)) return fail(Errc::timed_out);
  receiver_.look();
  watch(limits_.stall);
}

}  // namespace bobbin::http
