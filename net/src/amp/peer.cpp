// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/amp/peer.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include <bobbin/assert.hpp>
#include <bobbin/reactor.hpp>
#include <bobbin/transport.hpp>

namespace bobbin::amp {

namespace {

constexpr std::string_view ask_key = "_ask";
constexpr std::string_view command_key = "_command";
constexpr std::string_view answer_key = "_answer";
constexpr std::string_view error_key = "_error";
constexpr std::string_view code_key = "_error_code";
constexpr std::string_view description_key = "_error_description";

class TransportSink final : public BoxSink {
 public:
  explicit TransportSink(Transport& transport) : transport_(transport) {}

  void put(Bytes bytes) override {
    const std::size_t taken = transport_.write(bytes);
    BOBBIN_ASSERT(taken == bytes.size());
  }

 private:
  Transport& transport_;
};

// As Twisted's: hexadecimal.
Tag tag_of(std::uint32_t serial) {
  std::array<char, 8> digits;
  const char* const end = std::to_chars(digits.begin(), digits.end(), serial, 16).ptr;
  return Tag(bytes_of({digits.begin(), static_cast<std::size_t>(end - digits.begin())}));
}

// 0 for what is no tag of ours.
std::uint32_t serial_of(Bytes tag) {
  const std::string_view text = text_of(tag);
  std::uint32_t serial = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, serial, 16);
  return result.ec == std::errc() && result.ptr == end ? serial : 0;
}

std::string_view beginning_of(std::string_view text, std::size_t size) {
  return {text.data(), std::min(text.size(), size)};
}

// The bytes of a box that `pairs` puts; none if no box can be that.
template <class Pairs>
std::optional<std::size_t> size_of(Pairs& pairs) {
  BoxLength length;
  pairs(length);
  if (length.refused()) return std::nullopt;
  return length.size();
}

}  // namespace

std::string_view describe(Fault fault) {
  switch (fault) {
    case Fault::unhandled_command: return "the peer does not know the command";
    case Fault::unknown_error: return "the peer failed";
    case Fault::bad_answer: return "the answer is not the command's";
    case Fault::bad_box: return "what came is no box";
  }
  return "";
}

Tag::Tag(Bytes bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
  BOBBIN_ASSERT(bytes.size() <= size_max);
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

void AnyQuestion::forget() {
  if (peer_ != nullptr) peer_->forget(*this);
}

void AnyPeer::OwedPlace::end() {
  if (destroy == nullptr) return;
  std::exchange(destroy, nullptr)(*this);
}

AnyPeer::~AnyPeer() { deadline_.cancel(); }

std::size_t AnyPeer::outstanding() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      parts_.asked, [](const AskedPlace& asked) { return asked.serial != 0; }));
}

std::size_t AnyPeer::owed() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      parts_.owed, [](const OwedPlace& owed) { return owed.destroy != nullptr; }));
}

Error AnyPeer::ask(AnyQuestion& question, std::string_view command, Pairs arguments) {
  const auto place = std::ranges::find(parts_.asked, 0U, &AskedPlace::serial);
  if (place == parts_.asked.end()) return Errc::no_capacity;
  if (Error error = question.ready()) return error;
  const std::uint32_t serial = last_serial_ + 1 == 0 ? 1 : last_serial_ + 1;
  if (Error error = send_command(tag_of(serial), command, arguments)) return error;
  last_serial_ = serial;
  *place = {serial, &question};
  question.peer_ = this;
  return {};
}

Error AnyPeer::send_command(const Tag& tag, std::string_view command, Pairs arguments) {
  struct Captures {
    const Tag& tag;
    std::string_view command;
    Pairs& arguments;
  } captures{tag, command, arguments};
  Pairs pairs = [&captures](BoxSink& sink) {
    if (!captures.tag.empty()) sink.put_pair(ask_key, captures.tag.bytes());
    sink.put_pair(command_key, captures.command);
    captures.arguments(sink);
    sink.put_end();
  };
  if (!transport().connected()) return Errc::connection_lost;
  const std::optional<std::size_t> size = size_of(pairs);
  if (!size || *size > parts_.limits.box) return Errc::message_too_long;
  // What was promised to the peer's questions stays free.
  if (*size + parts_.limits.reserve() > transport().room()) return Errc::would_block;
  write(pairs, *size);
  return {};
}

void AnyPeer::forget(const AnyQuestion& question) {
  const auto place = std::ranges::find(parts_.asked, &question, &AskedPlace::question);
  BOBBIN_ASSERT(place != parts_.asked.end());
  std::exchange(place->question, nullptr)->peer_ = nullptr;
}

// A box that is whole and waits for us has all the time it needs.
Decoded AnyPeer::find(Bytes data) {
  const Decoded frame = decoder_.find(data);
  if (frame.kind == Decoded::Kind::partial && !data.empty()) {
    watch_box();
  } else {
    deadline_.cancel();
  }
  return frame;
}

// What has time until then is the box, however often a byte of it comes.
void AnyPeer::watch_box() {
  if (deadline_.active()) return;
  const auto call = transport().reactor().call_later(
      std::chrono::seconds(parts_.limits.box_seconds), [this] { box_is_late(); });
  if (!call) return break_off(call.error());
  deadline_ = *call;
}

// It is not the peer's fault while nobody reads: what has come is offered anew when somebody does,
// and has its time again. Where all ends in order it does not matter.
void AnyPeer::box_is_late() {
  if (!transport().reading()) return;
  broken_ = Failure(Errc::timed_out);
  transport().abort_connection();
}

Taken AnyPeer::give(Bytes message) {
  const Box box(message);
  if (const auto tag = box.find(answer_key)) {
    answer_received(*tag, box);
  } else if (const auto failed = box.find(error_key)) {
    failure_received(*failed, box);
  } else if (const auto command = box.find(command_key)) {
    return command_received(text_of(*command), box);
  } else {
    break_off(Fault::bad_box);
  }
  return Taken::yes;
}

void AnyPeer::answer_received(Bytes tag, const Box& box) {
  AskedPlace* const asked = find_asked(tag);
  if (asked == nullptr) return break_off(Fault::bad_box);
  AnyQuestion* const question = take_question(*asked);
  if (question != nullptr) question->answered(box);
}

void AnyPeer::failure_received(Bytes tag, const Box& box) {
  AskedPlace* const asked = find_asked(tag);
  const auto code = box.find(code_key);
  if (asked == nullptr || !code) return break_off(Fault::bad_box);
  // Who is told may give the question up.
  error_received(text_of(*code), text_of(box.find(description_key).value_or(Bytes())));
  AnyQuestion* const question = take_question(*asked);
  if (question != nullptr) question->failed(text_of(*code));
}

AnyPeer::AskedPlace* AnyPeer::find_asked(Bytes tag) {
  const std::uint32_t serial = serial_of(tag);
  const auto place = std::ranges::find(parts_.asked, serial, &AskedPlace::serial);
  return serial == 0 || place == parts_.asked.end() ? nullptr : &*place;
}

// Null if nobody waits for its answer.
AnyQuestion* AnyPeer::take_question(AskedPlace& asked) {
  AnyQuestion* const question = std::exchange(asked, {}).question;
  if (question != nullptr) question->peer_ = nullptr;
  return question;
}

Taken AnyPeer::command_received(std::string_view command, const Box& box) {
  const Bytes asked = box.find(ask_key).value_or(Bytes());
  if (asked.size() > Tag::size_max) return break_off(Fault::bad_box), Taken::yes;
  if (transport().room() < (owed() + 1) * parts_.limits.answer) return Taken::not_now;
  const Tag tag(asked);
  const Responder* const responder = responder_for(command);
  if (responder == nullptr) {
    send_error(tag, "UNHANDLED", "Unhandled Command");
    return Taken::yes;
  }
  if (responder->answers_later && free_place() == nullptr) {
    // A full buffer that nobody will drain would end the connection.
    paused_ = true;
    transport().pause_producing();
    return Taken::not_now;
  }
  responder->respond(*this, tag, box);
  return Taken::yes;
}

const Responder* AnyPeer::responder_for(std::string_view command) const {
  const auto found = std::ranges::find(parts_.responders, command, &Responder::command);
  return found == parts_.responders.end() ? nullptr : &*found;
}

void AnyPeer::refuse(const Decoded& frame) {
  const bool too_long = frame.kind == Decoded::Kind::too_long;
  break_off(too_long ? Failure(Errc::message_too_long) : Failure(Fault::bad_box));
}

void AnyPeer::break_off(const Failure& reason) {
  broken_ = reason;
  transport().lose_connection();
}

void AnyPeer::connection_lost(Error reason) {
  deadline_.cancel();
  const Failure failure = broken_.value_or(Failure(reason));
  for (OwedPlace& owed : parts_.owed) owed.end();
  for (AskedPlace& asked : parts_.asked) {
    AnyQuestion* const question = take_question(asked);
    if (question != nullptr) question->lost(failure);
  }
  peer_lost(failure);
}

AnyPeer::OwedPlace* AnyPeer::free_place() {
  const auto place = std::ranges::find(parts_.owed, nullptr, &OwedPlace::destroy);
  return place == parts_.owed.end() ? nullptr : &*place;
}

AnyPeer::OwedPlace& AnyPeer::owe(const Tag& tag) {
  OwedPlace* const place = free_place();
  BOBBIN_ASSERT(place != nullptr);
  place->tag = tag;
  place->peer = this;
  return *place;
}

// From inside of its Deferred, which goes.
void AnyPeer::answer_given(OwedPlace& owed) {
  owed.end();
  if (std::exchange(paused_, false)) transport().resume_producing();
}

void AnyPeer::send_answer(const Tag& tag, Pairs response) {
  if (tag.empty()) return;
  Pairs pairs = [&tag, &response](BoxSink& sink) {
    sink.put_pair(answer_key, tag.bytes());
    response(sink);
    sink.put_end();
  };
  const std::optional<std::size_t> size = size_of(pairs);
  if (!size || *size > parts_.limits.answer) {
    return send_error(tag, "UNKNOWN", "the answer is too long");
  }
  write(pairs, *size);
}

void AnyPeer::send_error(const Tag& tag, std::string_view code, std::string_view description) {
  if (tag.empty()) return;
  struct Captures {
    const Tag& tag;
    std::string_view code;
    std::string_view description;
  } captures{tag, beginning_of(code, error_code_max), description};
  Pairs pairs = [&captures](BoxSink& sink) {
    sink.put_pair(error_key, captures.tag.bytes());
    sink.put_pair(code_key, captures.code);
    sink.put_pair(description_key, captures.description);
    sink.put_end();
  };
  // The shortest limit has room for the rest, so what is too long is cut off the description.
  captures.description = {};
  const std::size_t rest = *size_of(pairs);
  captures.description = beginning_of(description, parts_.limits.answer - rest);
  write(pairs, *size_of(pairs));
}

// There is room, unless others write to the transport, or it is about to end.
void AnyPeer::write(Pairs box, std::size_t size) {
  if (transport().room() < size) {
    if (transport().connected()) transport().abort_connection();
    return;
  }
  TransportSink sink(transport());
  box(sink);
}

}  // namespace bobbin::amp
