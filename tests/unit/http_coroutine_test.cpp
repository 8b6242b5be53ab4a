// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/bobbin.hpp>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>

// Routes that are coroutines, as the header of RoutedResponder shows them.
namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

struct Shared {
  Clock& clock;
  CoroutinePool& coroutines;
  Error (*outcome)() = [] { return Error(); };
  int ended = 0;
  Error last{};
};

class Site final : public RoutedResponder<Site> {
 public:
  explicit Site(Shared& shared) : shared_(shared) {}

  Error slow(const RequestHead&, const Parameters&) {
    const auto spawned = shared_.coroutines.spawn(answer_later(frame_, *this),
                                                  [this](Error error) { ended(error); });
    if (spawned) task_ = *spawned;
    return spawned.error();
  }
  void request_lost(Error) override { task_.cancel(); }

  static constexpr Route<Site> routes[] = {{"GET", "/slow", &Site::slow}};

 private:
  static Task<Error> answer_later(Frame<512>&, Site& site) {
    if (const Error error = co_await sleep(site.shared_.clock, 1s)) co_return error;
    if (const Error error = site.shared_.outcome()) co_return error;
    co_return site.respond({.type = "text/plain"}, "at last\n");
  }
  void ended(Error error) {
    ++shared_.ended;
    shared_.last = error;
    if (error && answering()) answer_failure(error);
  }

  Shared& shared_;
  Frame<512> frame_;
  Spawned task_;
};

constexpr std::string_view request = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

Task<Error> wait_long(Frame<512>&, Clock& clock) { co_return co_await sleep(clock, 1h); }

struct CoroutineRoutes : TestCase<> {
  void begin() { ASSERT_FALSE(transport.make_connection(site)); }

  Coroutines<1> coroutines;
  Shared shared{reactor, coroutines};
  Site site{shared};
  StringTransport<ConnectionSizes{.connections = 1, .receive = 2048, .send = 2048}> transport{
      reactor};
};

TEST_F(CoroutineRoutes, answer_requests_one_after_another) {
  begin();
  transport.receive(std::string(request) + std::string(request));
  reactor.run_for(1500ms);
  EXPECT_EQ(shared.ended, 1) << "the second waits for the first";
  reactor.run_for(1s);
  EXPECT_EQ(shared.ended, 2);
  const std::string_view sent = transport.value();
  EXPECT_NE(sent.find("\r\n\r\nat last\nHTTP/1.1 200 "), sent.npos) << sent;
  EXPECT_TRUE(sent.ends_with("\r\n\r\nat last\n")) << sent;
  transport.lose();
  EXPECT_FALSE(shared.last);
}

TEST_F(CoroutineRoutes, end_when_the_client_goes) {
  begin();
  transport.receive(request);
  reactor.run_for(500ms);
  transport.lose();
  EXPECT_EQ(shared.ended, 1);
  EXPECT_EQ(shared.last, Errc::cancelled);
}

TEST_F(CoroutineRoutes, answer_what_they_fail_with) {
  begin();
  shared.outcome = [] { return Error(Errc::no_capacity); };
  transport.receive(request);
  reactor.run_for(2s);
  EXPECT_TRUE(transport.value().starts_with("HTTP/1.1 503 ")) << transport.value();
  transport.lose();
}

TEST_F(CoroutineRoutes, have_no_place_while_as_many_run) {
  begin();
  Frame<512> frame;
  const auto other = coroutines.spawn(wait_long(frame, reactor));
  ASSERT_TRUE(other);
  transport.receive(request);
  transport.settle();
  EXPECT_TRUE(transport.value().starts_with("HTTP/1.1 503 ")) << transport.value();
  other->destroy();
  transport.lose();
}

}  // namespace
}  // namespace bobbin::http
