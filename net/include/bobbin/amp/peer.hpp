// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include <bobbin/amp/box.hpp>
#include <bobbin/amp/command.hpp>
#include <bobbin/amp/question.hpp>
#include <bobbin/callback.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/net/framed_protocol.hpp>

namespace bobbin::amp {

// What one end of a connection has room for.
struct PeerLimits {
  // Bytes of the longest box that is received, or asked with. Range: 64 to 65535 * 16.
  std::size_t box = 510;
  // Bytes of the longest answer that is given; one with views in it that is longer is an error in
  // its place. Range: 128 to 65535.
  std::size_t answer = 128;
  // Questions that wait for their answer at once. Range: 0 to 255.
  std::size_t questions = 4;
  // Answers that are given later, under way at once. Range: 0 to 255. While all are, the peer's
  // next question of that kind waits, and what is behind it: where an answer depends on one that
  // the same peer has to give, there are more of these than the peer has questions.
  std::size_t answers = 2;
  // How long a box may take from its first byte to its last, so that half a box does not keep a
  // connection for ever. Range: 1 to 86400.
  std::uint32_t box_seconds = 30;

  // What must always be free in the send ring, so that every answer can be given.
  constexpr std::size_t reserve() const { return (answers + 1) * answer; }
};

// The peer's name for a question of its own.
class Tag {
 public:
  static constexpr std::size_t size_max = 16;

  Tag() = default;
  explicit Tag(Bytes bytes);

  // Empty when no answer is wanted.
  Bytes bytes() const { return Bytes(bytes_).first(size_); }
  bool empty() const { return size_ == 0; }

 private:
  std::array<std::byte, size_max> bytes_{};
  std::uint8_t size_ = 0;
};

// One line of a peer's table, which lies in flash. Made by `responder`.
struct Responder {
  std::string_view command;
  // Whether it takes a place for an answer that is given later.
  bool answers_later;
  void (*respond)(AnyPeer& peer, const Tag& tag, const Box& box);
};

// Peer but for its sizes and its table.
class AnyPeer : public FramedProtocol {
 public:
  // Asks the peer. Errors, and nothing has happened: no_capacity, when as many questions as there
  // are places wait; would_block, when the send ring has no room for it now; message_too_long, when
  // the limits have none; already_running, when `question` was asked and waits; invalid_argument,
  // when it was fired and not reset; connection_lost, when nobody is connected.
  template <class Command>
  Error ask(Question<Command>& question, const typename Command::Arguments& arguments) {
    return ask(question, Command::name,
               [&arguments](BoxSink& sink) { put_fields(sink, arguments); });
  }

  // Says something to which no answer is wanted (Twisted's `requiresAnswer = False`). How it goes
  // is not heard of. Errors as of `ask`.
  template <class Command>
  Error tell(const typename Command::Arguments& arguments) {
    return send_command(Tag(), Command::name,
                        [&arguments](BoxSink& sink) { put_fields(sink, arguments); });
  }

  // Questions that have a place.
  std::size_t outstanding() const;

  // The connection is gone. Before this all questions were failed with the same reason, and answers
  // that were to come later cancelled.
  virtual void peer_lost([[maybe_unused]] const Failure& reason) {}

  // The peer could not answer a question: what it says of that, for a log. Comes before the
  // question fails. Both are the peer's words, valid for this call only.
  virtual void error_received([[maybe_unused]] std::string_view code,
                              [[maybe_unused]] std::string_view description) {}

 protected:
  // One for each question that waits.
  struct AskedPlace {
    std::uint32_t serial = 0;         // 0: free
    AnyQuestion* question = nullptr;  // null: nobody wants the answer
  };

  // One for each answer that is given later. The Deferred in it is of a type of its own.
  struct OwedPlace {
    OwedPlace() = default;
    OwedPlace(const OwedPlace&) = delete;
    OwedPlace& operator=(const OwedPlace&) = delete;
    ~OwedPlace() { end(); }

    void end();

    Tag tag;
    AnyPeer* peer = nullptr;
    void (*destroy)(OwedPlace& owed) = nullptr;  // null: free
    alignas(Deferred<int>) std::byte deferred[sizeof(Deferred<int>)];
  };

  struct PeerParts {
    const PeerLimits& limits;
    std::span<const Responder> responders;
    std::span<AskedPlace> asked;
    std::span<OwedPlace> owed;
  };

  explicit AnyPeer(const PeerParts& parts) : parts_(parts), decoder_(parts.limits.box) {}
  ~AnyPeer();

 private:
  friend class AnyQuestion;
  template <class Command, auto function>
  friend struct Responding;

  // Puts pairs.
  using Pairs = InplaceFunction<void(BoxSink&)>;

  Decoded find(Bytes data) final;
  Taken give(Bytes message) final;
  void take() final { decoder_.take(); }
  void refuse(const Decoded& frame) final;
  void connection_lost(Error reason) final;

  Error ask(AnyQuestion& question, std::string_view command, Pairs arguments);
  Error send_command(const Tag& tag, std::string_view command, Pairs arguments);
  void forget(const AnyQuestion& question);
  void answer_received(Bytes tag, const Box& box);
  void failure_received(Bytes tag, const Box& box);
  AskedPlace* find_asked(Bytes tag);
  static AnyQuestion* take_question(AskedPlace& asked);
  Taken command_received(std::string_view command, const Box& box);
  const Responder* responder_for(std::string_view command) const;
  void break_off(const Failure& reason);
  void watch_box();
  void box_is_late();

  OwedPlace& owe(const Tag& tag);
  OwedPlace* free_place();
  std::size_t owed() const;
  void answer_given(OwedPlace& owed);
  void send_answer(const Tag& tag, Pairs response);
  void send_error(const Tag& tag, std::string_view code, std::string_view description);
  void write(Pairs box, std::size_t size);

  template <class Command>
  void settle(const Tag& tag, const Outcome<typename Command::Response>& outcome);
  template <class Command>
  void settle(const Tag& tag, const Failure& failure);

  PeerParts parts_;
  BoxDecoder decoder_;
  DelayedCall deadline_;  // of a box that is not whole
  std::uint32_t last_serial_ = 0;
  std::optional<Failure> broken_;  // why it was ended from here
  bool paused_ = false;            // a question waits for a place for its answer
};

// One end of a connection that speaks AMP, to derive from: Twisted's AMP. It may ask and answer at
// once. What it answers stands in a table; a command is answered now, by what is returned, or
// later, by a Deferred that is fired once:
//
//   class Calculator final : public amp::Peer<Calculator> {
//    public:
//     Outcome<Divide::Response> divide(const Divide::Arguments& arguments);
//     void measure(const Measure::Arguments& arguments, Deferred<Measure::Response>& answer);
//
//     static constexpr amp::Responder responders[] = {
//         amp::responder<Divide, &Calculator::divide>,
//         amp::responder<Measure, &Calculator::measure>};
//   };
//
// What is given is a value, a failure of the command's errors, or any other, which the peer gets as
// UNKNOWN. Arguments are valid for the call only. The Deferred is the Peer's and is cancelled when
// the connection goes; who fires it later says so with `on_cancel`, and does not use it after it
// was fired. To end the connection behind an answer, fire it and close then. A response that is
// larger than a Deferred's value is fired by a pointer to it, `Deferred<const
// Measure::Response*>&`, and copied by then.
//
// A question is given when there is room for its answer; until then it waits, and the peer with it.
// So nothing but questions and answers is to be written to the transport. Rings that hold all that
// both sides may have under way at once never wait for each other.
//
// What is no AMP, and a box longer than the limit, ends the connection; so does one that is not
// whole in time, with `timed_out`. While there is half a box it takes a timer, and without one the
// connection ends with `no_capacity`.
template <class Self, PeerLimits limits = PeerLimits{}>
class Peer : public AnyPeer {
  static_assert(limits.box >= 64 && limits.box <= value_max * 16,
                "bobbin: PeerLimits::box lies between 64 and 1048560");
  static_assert(limits.answer >= 128 && limits.answer <= value_max,
                "bobbin: PeerLimits::answer lies between 128 and 65535");
  static_assert(limits.questions <= 255 && limits.answers <= 255,
                "bobbin: PeerLimits has at most 255 questions and 255 answers");
  static_assert(limits.box_seconds >= 1 && limits.box_seconds <= 86400,
                "bobbin: PeerLimits::box_seconds lies between 1 and 86400");

 public:
  static constexpr std::size_t receive_min = limits.box;
  // A quarter of the ring may still wait when there has to be room for an answer.
  static constexpr std::size_t send_min =
      std::max(limits.reserve() + limits.reserve() / 2, limits.reserve() + limits.box);

  static constexpr PeerLimits peer_limits = limits;

  // One that only asks has no table.
  static constexpr std::span<const Responder> responders{};

 protected:
  Peer()
      : AnyPeer({.limits = peer_limits,
                 .responders = Self::responders,
                 .asked = std::span(asked_).first(limits.questions),
                 .owed = std::span(owed_).first(limits.answers)}) {}
  ~Peer() = default;

 private:
  AskedPlace asked_[std::max<std::size_t>(limits.questions, 1)];
  OwedPlace owed_[std::max<std::size_t>(limits.answers, 1)];
};

// What is around the pairs of an answer: its tag, and the empty key.
inline constexpr std::size_t answer_framing = 2 + 7 + 2 + Tag::size_max + 2;

namespace detail {

template <class F>
struct Form {
  static_assert(std::is_void_v<F>,
                "bobbin: a responder takes (const Arguments&) and returns an Outcome<Response>, or "
                "takes (const Arguments&, Deferred<Response>&) and returns nothing");
};
template <class S, class R, class A>
struct Form<Outcome<R> (S::*)(const A&)> {
  using Self = S;
  using Arguments = A;
  using Response = R;
  static constexpr bool later = false;
};
template <class S, class V, class A>
struct Form<void (S::*)(const A&, Deferred<V>&)> {
  using Self = S;
  using Arguments = A;
  using Given = V;
  using Response = std::remove_const_t<std::remove_pointer_t<V>>;
  static constexpr bool later = true;
};

}  // namespace detail

template <class Command, auto function>
struct Responding {
  using Form = detail::Form<decltype(function)>;
  using Arguments = typename Command::Arguments;
  using Response = typename Command::Response;
  static_assert(std::is_same_v<typename Form::Arguments, Arguments>,
                "bobbin: this responder does not take the command's arguments");
  static_assert(std::is_same_v<typename Form::Response, Response>,
                "bobbin: this responder does not give the command's response");

  static void respond(AnyPeer& peer, const Tag& tag, const Box& box) {
    using Self = typename Form::Self;
    static_assert(!owns_its_values<Response>() ||
                      pairs_size_max<Response>() + answer_framing <= Self::peer_limits.answer,
                  "bobbin: PeerLimits::answer is less than this command's longest answer");
    static_assert(!Form::later || Self::peer_limits.answers > 0,
                  "bobbin: to answer later takes a place of PeerLimits::answers");
    auto& self = static_cast<Self&>(peer);
    Arguments arguments{};
    const std::string_view bad = get_fields(box, arguments);
    if (!bad.empty()) return peer.send_error(tag, "UNKNOWN", bad);
    if constexpr (Form::later) {
      (self.*function)(arguments, promise(peer, tag));
    } else {
      const Outcome<Response> outcome = (self.*function)(arguments);
      peer.template settle<Command>(tag, outcome);
    }
  }

 private:
  static auto& promise(AnyPeer& peer, const Tag& tag) requires(Form::later) {
    using Given = typename Form::Given;
    static_assert(sizeof(Deferred<Given>) == sizeof(Deferred<int>));
    AnyPeer::OwedPlace& owed = peer.owe(tag);
    auto* const deferred = new (owed.deferred) Deferred<Given>();
    owed.destroy = [](AnyPeer::OwedPlace& ended) {
      std::destroy_at(std::launder(reinterpret_cast<Deferred<Given>*>(ended.deferred)));
    };
    deferred->add_callbacks([&owed](Given given) { settle(owed, given); },
                            [&owed](const Failure& failure) {
                              AnyPeer& peer_of = *owed.peer;
                              peer_of.settle<Command>(owed.tag, failure);
                              peer_of.answer_given(owed);
                            });
    return *deferred;
  }

  template <class Given>
  static void settle(AnyPeer::OwedPlace& owed, const Given& given) {
    AnyPeer& peer = *owed.peer;
    if constexpr (std::is_pointer_v<Given>) {
      peer.send_answer(owed.tag, [given](BoxSink& sink) { put_fields(sink, *given); });
    } else {
      peer.send_answer(owed.tag, [&given](BoxSink& sink) { put_fields(sink, given); });
    }
    peer.answer_given(owed);
  }
};

// A line of the table: the command, and the member function that answers it.
template <class Command, auto function>
inline constexpr Responder responder{Command::name, detail::Form<decltype(function)>::later,
                                     &Responding<Command, function>::respond};

template <class Command>
void AnyPeer::settle(const Tag& tag, const Outcome<typename Command::Response>& outcome) {
  if (!outcome) return settle<Command>(tag, outcome.failure());
  send_answer(tag, [&outcome](BoxSink& sink) { put_fields(sink, *outcome); });
}

template <class Command>
void AnyPeer::settle(const Tag& tag, const Failure& failure) {
  std::string_view code = "UNKNOWN";
  if constexpr (requires { Command::errors; }) {
    for (const auto& error : Command::errors) {
      if (failure == error.kind) code = error.code;
    }
  }
  send_error(tag, code, describe(failure));
}

}  // namespace bobbin::amp
