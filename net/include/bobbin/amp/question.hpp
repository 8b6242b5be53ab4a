// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <string_view>

#include <bobbin/amp/box.hpp>
#include <bobbin/amp/command.hpp>
#include <bobbin/deferred.hpp>
#include <bobbin/failure.hpp>

namespace bobbin::amp {

class AnyPeer;

// Question but for its command.
class AnyQuestion {
 public:
  AnyQuestion(const AnyQuestion&) = delete;
  AnyQuestion& operator=(const AnyQuestion&) = delete;

  // Whether it was asked and the answer has not come.
  bool asked() const { return peer_ != nullptr; }

 protected:
  AnyQuestion() = default;
  ~AnyQuestion() = default;

  // Nobody wants the answer any more.
  void forget();

 private:
  friend class AnyPeer;

  // Why it cannot be asked now; `ok` if it can.
  virtual Error ready() = 0;
  // What came of it. Each may do anything, also destroy this.
  virtual void answered(const Box& box) = 0;
  virtual void failed(std::string_view code) = 0;
  virtual void lost(const Failure& reason) = 0;

  AnyPeer* peer_ = nullptr;
};

// A question that is asked with `AnyPeer::ask`, and a Deferred for its answer, which lies in it. It
// is the caller's, and after `reset` may be asked again. What it fails with: an error of the
// command's, a Fault, or why the connection ended.
//
//   amp::Question<Divide> half;
//   if (Error error = peer.ask(half, {.numerator = 1, .denominator = 2})) return error;
//   half.add_callbacks([](const Divide::Response* r) { ... }, [](const Failure& f) { ... });
//
// or `co_await half`, an `Outcome<const Divide::Response*>`. AMP has no way to say that an answer
// is not wanted any more: a question that is cancelled, reset or destroyed while it is asked keeps
// its place with the peer until the answer comes, which is then ignored.
template <class Command>
class Question final : public Deferred<const typename Command::Response*>, public AnyQuestion {
  using Response = typename Command::Response;
  static_assert(
      owns_its_values<Response>(),
      "bobbin: an answer outlives the bytes it came in: let its fields be Text and Octets "
      "in place of views");

 public:
  Question() = default;
  // Here, while what its canceller needs is there.
  ~Question() { this->reset(); }

 private:
  Error ready() override {
    if (asked()) return Errc::already_running;
    if (this->called()) return Errc::invalid_argument;
    this->on_cancel([this] { forget(); });
    return {};
  }

  void answered(const Box& box) override {
    response_ = Response{};
    if (!get_fields(box, response_).empty()) {
      this->errback(Failure(Fault::bad_answer, Origin()));
    } else {
      this->callback(&response_);
    }
  }

  void failed(std::string_view code) override { this->errback(failure_of(code)); }
  void lost(const Failure& reason) override { this->errback(reason); }

  static Failure failure_of(std::string_view code) {
    if constexpr (requires { Command::errors; }) {
      for (const auto& error : Command::errors) {
        if (error.code == code) return Failure(error.kind, Origin());
      }
    }
    const bool unhandled = code == "UNHANDLED";
    return Failure(unhandled ? Fault::unhandled_command : Fault::unknown_error, Origin());
  }

  Response response_{};
};

}  // namespace bobbin::amp
