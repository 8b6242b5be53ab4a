// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/stream.hpp>

#include <algorithm>
#include <utility>

#include <bobbin/assert.hpp>

namespace bobbin {

namespace {

// As numbers: pointers into different arrays have no order.
bool lies_in(Bytes whole, Bytes part) {
  const auto place = [](const std::byte* byte) { return reinterpret_cast<std::uintptr_t>(byte); };
  return place(whole.data()) <= place(part.data()) &&
         place(part.data() + part.size()) <= place(whole.data() + whole.size());
}

}  // namespace

// Once it has ended the stream may be gone.
StreamRead::~StreamRead() {
  if (waiting()) give_up();
}

bool StreamRead::await_ready() {
  Error trouble = stream_.read_trouble();
  if (!makes_sense()) trouble = Errc::invalid_argument;
  if (trouble) {
    outcome_ = trouble;
    return true;
  }
  StreamProtocol& protocol = *stream_.protocol_;
  const std::size_t count = protocol.may_read() ? match(protocol.rest()) : 0;
  if (count > 0) outcome_ = protocol.take(count);
  return count > 0;
}

bool StreamRead::begin(Coroutine& coroutine) {
  stream_.read_ = this;
  stream_.transport().resume_producing();
  wait(coroutine);
  return true;
}

void StreamRead::cancel() {
  give_up();
  end(Errc::cancelled);
}

// What it had no use for is offered again to the next one.
void StreamRead::give_up() {
  stream_.read_ = nullptr;
  stream_.protocol_->offer_again();
}

void StreamRead::end(Result<Bytes> outcome) {
  stream_.read_ = nullptr;
  finish_with(outcome);
}

bool StreamRead::makes_sense() const {
  switch (wanted_) {
    case Wanted::some: return true;
    case Wanted::exactly: return count_ > 0;
    case Wanted::until: return !delimiter_.empty();
  }
  return false;
}

std::size_t StreamRead::match(Bytes data) {
  switch (wanted_) {
    case Wanted::some: return data.size();
    case Wanted::exactly: return data.size() >= count_ ? count_ : 0;
    case Wanted::until: return find_delimiter(data);
  }
  return 0;
}

// What was searched is not searched again when more has come.
std::size_t StreamRead::find_delimiter(Bytes data) {
  const auto begin = data.begin() + static_cast<std::ptrdiff_t>(std::min(searched_, data.size()));
  const auto found = std::search(begin, data.end(), delimiter_.begin(), delimiter_.end());
  const auto before = static_cast<std::size_t>(found - data.begin());
  if (found != data.end()) return before + delimiter_.size();
  const std::size_t overlap = delimiter_.size() - 1;
  searched_ = data.size() > overlap ? data.size() - overlap : 0;
  return 0;
}

StreamWrite::~StreamWrite() {
  if (!waiting()) return;
  stream_.write_ = nullptr;
  stream_.protocol_->give_up_writing();
}

bool StreamWrite::await_ready() {
  outcome_ = stream_.write_trouble();
  return outcome_ || (stream_.transport().room() >= left_.size() && take());
}

bool StreamWrite::take() {
  left_ = left_.subspan(stream_.transport().write(left_));
  return left_.empty();
}

// Not before: who limits the wait may have to give it up before it begins.
bool StreamWrite::begin(Coroutine& coroutine) {
  if (take()) return false;
  outcome_ = stream_.protocol_->wait_for_room(*this);
  if (outcome_) return false;
  stream_.write_ = this;
  wait(coroutine);
  return true;
}

void StreamWrite::cancel() {
  stream_.protocol_->give_up_writing();
  end(Errc::cancelled);
}

void StreamWrite::end(Error outcome) {
  stream_.write_ = nullptr;
  finish_with(outcome);
}

Stream::~Stream() { StreamSource::detach(*this); }

Transport& Stream::transport() const {
  BOBBIN_ASSERT(open());
  return protocol_->transport();
}

Error Stream::read_trouble() const {
  if (!open()) return reason_;
  if (read_ != nullptr) return Errc::already_running;
  return input_ended_ ? Errc::connection_done : Errc::ok;
}

Error Stream::write_trouble() const {
  if (!open()) return reason_;
  if (write_ != nullptr) return Errc::already_running;
  return output_ended_ ? Errc::connection_done : Errc::ok;
}

void Stream::end_writing() {
  if (!open()) return;
  output_ended_ = true;
  transport().lose_write_connection();
  if (write_ == nullptr) return;
  protocol_->give_up_writing();
  write_->end(Errc::connection_done);
}

void Stream::close() {
  if (!open()) return;
  output_ended_ = true;
  transport().lose_connection();
}

void Stream::abort() {
  if (!open()) return;
  output_ended_ = true;
  transport().abort_connection();
}

// Both are told, and only then goes on who may destroy the stream.
void Stream::end_all() {
  StreamRead* const read = std::exchange(read_, nullptr);
  StreamWrite* const write = std::exchange(write_, nullptr);
  const Error reason = reason_;
  if (read != nullptr && write != nullptr) {
    const ReadyCoroutines::Hold hold(write->ready());
    write->end(reason);
    return read->end(reason);
  }
  if (write != nullptr) write->end(reason);
  if (read != nullptr) read->end(reason);
}

void StreamSource::add(StreamProtocol& protocol) {
  StreamProtocol** link = &first_;
  while (*link != nullptr) link = &(*link)->next_;
  *link = &protocol;
}

void StreamSource::remove(StreamProtocol& protocol) {
  StreamProtocol** link = &first_;
  while (*link != nullptr && *link != &protocol) link = &(*link)->next_;
  if (*link == &protocol) *link = protocol.next_;
}

StreamProtocol* StreamSource::take() {
  StreamProtocol* const first = first_;
  if (first != nullptr) first_ = first->next_;
  return first;
}

void StreamSource::attach(StreamProtocol& protocol, Stream& stream) {
  BOBBIN_ASSERT(!stream.open());
  protocol.stream_ = &stream;
  stream.protocol_ = &protocol;
  stream.state_ = Stream::State::open;
  stream.input_ended_ = false;
  stream.output_ended_ = false;
}

void StreamSource::detach(Stream& stream) {
  if (stream.protocol_ == nullptr) return;
  stream.close();
  if (stream.open()) stream.reason_ = Errc::connection_done;
  if (stream.write_ != nullptr) stream.protocol_->give_up_writing();
  std::exchange(stream.protocol_, nullptr)->stream_ = nullptr;
  stream.state_ = Stream::State::unused;
  stream.end_all();
}

void StreamProtocol::connection_made() {
  transport().pause_producing();
  source_.add(*this);
  source_.arrived();
}

// The coroutine runs in here, and takes from what was offered as often as it reads. While it waits
// for something else the peer is held back.
std::size_t StreamProtocol::data_received(Bytes data) {
  offered_ = data;
  used_ = 0;
  skip();
  serve_write();
  serve_read();
  offered_ = {};
  if (!wants_input()) transport().pause_producing();
  return std::exchange(used_, 0);
}

bool StreamProtocol::wants_input() const {
  return !may_read() || (stream_ != nullptr && stream_->read_ != nullptr);
}

Bytes StreamProtocol::take(std::size_t count) {
  const Bytes taken = rest().first(count);
  used_ += count;
  return taken;
}

void StreamProtocol::skip() {
  const std::size_t count = std::min(skipped_, rest().size());
  skipped_ -= count;
  used_ += count;
}

void StreamProtocol::serve_write() {
  if (writing_ != Writing::from_input) return;
  const std::size_t written = transport().write(rest().first(std::min(unwritten_, rest().size())));
  used_ += written;
  unwritten_ -= written;
  if (unwritten_ > 0) return;
  give_up_writing();
  stream_->write_->end({});
}

void StreamProtocol::serve_read() {
  while (may_read() && stream_ != nullptr && stream_->read_ != nullptr) {
    const std::size_t count = stream_->read_->match(rest());
    if (count == 0) return;
    stream_->read_->end(take(count));
  }
}

// What was read in this very call and finds no room to be written need not be kept by anybody: the
// transport still has it, and will offer it again when there is room.
Error StreamProtocol::wait_for_room(StreamWrite& write) {
  if (lies_in(offered_.first(used_), write.left_)) {
    keep(write.left_);
    return {};
  }
  if (Error error = transport().register_producer(static_cast<PushProducer&>(*this))) return error;
  writing_ = Writing::from_caller;
  return {};
}

void StreamProtocol::keep(Bytes unwritten) {
  writing_ = Writing::from_input;
  const auto front = static_cast<std::size_t>(unwritten.data() - offered_.data());
  unwritten_ = unwritten.size();
  behind_ = used_ - front - unwritten_;
  used_ = front;
}

// What is left of it in the input was read already.
void StreamProtocol::give_up_writing() {
  switch (std::exchange(writing_, Writing::nothing)) {
    case Writing::nothing: return;
    case Writing::from_caller: return transport().unregister_producer();
    case Writing::from_input:
      skipped_ = std::exchange(unwritten_, 0) + std::exchange(behind_, 0);
      skip();
      return offer_again();
  }
}

// What was refused is offered again only to who resumes.
void StreamProtocol::offer_again() {
  if (!offered_.empty()) return;
  transport().pause_producing();
  if (wants_input()) transport().resume_producing();
}

void StreamProtocol::resume_producing() {
  StreamWrite& write = *stream_->write_;
  write.left_ = write.left_.subspan(transport().write(write.left_));
  if (!write.left_.empty()) return;
  give_up_writing();
  write.end({});
}

void StreamProtocol::read_connection_lost() {
  if (stream_ == nullptr) return transport().lose_connection();
  stream_->input_ended_ = true;
  if (stream_->read_ != nullptr) stream_->read_->end(Errc::connection_done);
}

// Whoever is told may destroy the stream.
void StreamProtocol::connection_lost(Error reason) {
  source_.remove(*this);
  writing_ = Writing::nothing;
  if (stream_ == nullptr) return;
  stream_->state_ = Stream::State::lost;
  stream_->reason_ = reason;
  stream_->protocol_ = nullptr;
  std::exchange(stream_, nullptr)->end_all();
}

}  // namespace bobbin
