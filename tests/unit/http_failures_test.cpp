// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Sites with branches, and how they answer when they fail.

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>
#include <bobbin/testing/http_agent.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

enum class Trouble : std::uint8_t { no_such_user, banned, bored };
std::string_view describe(Trouble trouble) {
  return trouble == Trouble::no_such_user ? "no such user" : "trouble";
}

// Fails as its path says, now or a second later.
struct Site final : RoutedResponder<Site> {
  Error now(const RequestHead& request, const Parameters& parameters) {
    if (parameters.text("why") == "route") return Errc::timed_out;
    if (parameters.text("why") == "branch") return Errc::unreachable;
    if (parameters.text("why") == "site") return Errc::unknown_host;
    if (parameters.text("why") == "full") return Errc::no_capacity;
    if (parameters.text("why") == "user") answer_failure(Trouble::no_such_user);
    if (parameters.text("why") == "bored") answer_failure(Trouble::bored);
    if (parameters.text("why") == "cancelled") answer_failure(Errc::cancelled);
    if (parameters.text("why") == "begun") return begin_and_fail();
    if (parameters.text("why") == "ended") return end_and_fail();
    if (parameters.text("why") == "nothing") return respond({}, request.path);
    return answering() ? Errc::invalid_argument : Errc::ok;
  }
  Error later(const RequestHead&, const Parameters& parameters) {
    later_.reset();
    later_.add_errback([this](const Failure& failure) { answer_failure(failure); });
    const bool banned = parameters.text("why") == "banned";
    const auto fail = [this, banned] {
      later_.errback(banned ? Failure(Trouble::banned) : Failure(Errc::unreachable));
    };
    return transport().reactor().call_later(1s, fail).error();
  }
  Error explain(const Failure& failure) {
    return respond({.status = Status::forbidden}, describe(failure));
  }
  Error explain_badly(const Failure&) { return Errc::no_capacity; }
  void request_failed(const RequestHead& request, Error error) override {
    unanswered = std::string(request.path) + ": " + std::string(describe(error));
    RoutedResponder::request_failed(request, error);
  }

  static constexpr FailureAnswer<Site> of_route[] = {
      {failed_with<Errc::timed_out, Errc::cancelled>, Status::gateway_timeout}};
  static constexpr FailureAnswer<Site> of_api[] = {
      {failed_with<Errc::timed_out, Errc::unreachable>, Status::bad_gateway},
      {failed_with<Trouble::no_such_user>, Status::not_found},
      {.suits = failed_with<Trouble::bored>, .answer = &Site::explain_badly},
      {.suits = failed_by<Trouble>, .answer = &Site::explain}};
  static constexpr FailureAnswer<Site> failures[] = {
      {failed_with<Errc::unreachable, Errc::unknown_host>, Status::conflict},
      {failed_with<Trouble::no_such_user>, Status::gone}};

  static constexpr Route<Site> api[] = {{"GET", "/now/<why>", &Site::now, of_route},
                                        {"GET", "/later/<why>", &Site::later},
                                        {"POST", "/", &Site::now}};
  static constexpr Route<Site> plain[] = {{"GET", "/now/<why>", &Site::now}};
  static constexpr Branch<Site> branches[] = {{"/api", api, of_api}, {"/plain", plain}};
  static constexpr Route<Site> routes[] = {{"GET", "/now/<why>", &Site::now},
                                           {"GET", "/api/now/<why>", &Site::later},
                                           {"GET", "/api", &Site::later}};
  inline static std::string unanswered;

 private:
  Error begin_and_fail() {
    EXPECT_FALSE(begin_response({}, BodyLength::of(3)));
    return Errc::unreachable;
  }
  Error end_and_fail() {
    EXPECT_FALSE(respond({}, "whole"));
    return Errc::unreachable;
  }

  Deferred<void> later_;
};

struct FailureAnswers : TestCase<> {
  // "404 content"
  std::string ask(std::string_view path) {
    Site::unanswered.clear();
    const TestAnswer answer = agent.get(path);
    return std::to_string(static_cast<int>(answer.status)) + " " + std::string(answer.content);
  }

  TestAgent<Site> agent{reactor};
};

TEST_F(FailureAnswers, are_those_of_the_route_the_branch_or_the_site) {
  EXPECT_EQ(ask("/api/now/route"), "504 Gateway Timeout");
  EXPECT_EQ(ask("/api/now/branch"), "502 Bad Gateway");
  EXPECT_EQ(ask("/api/now/site"), "409 Conflict");
  EXPECT_EQ(ask("/plain/now/branch"), "409 Conflict");
  EXPECT_EQ(ask("/now/branch"), "409 Conflict");
  EXPECT_EQ(Site::unanswered, "");
  EXPECT_EQ(ask("/now/route"), "500 Internal Server Error");
  EXPECT_EQ(Site::unanswered, "/now/route: timed out");
  EXPECT_EQ(ask("/api/now/full"), "503 Service Unavailable");
  EXPECT_EQ(ask("/api/now/nothing"), "200 /api/now/nothing");
}

TEST_F(FailureAnswers, are_for_kinds_of_the_programs_own_too) {
  EXPECT_EQ(ask("/api/now/user"), "404 Not Found");
  EXPECT_EQ(ask("/plain/now/user"), "410 Gone");
  EXPECT_EQ(ask("/now/bored"), "500 Internal Server Error");
  EXPECT_EQ(ask("/api/now/cancelled"), "504 Gateway Timeout");
  EXPECT_EQ(ask("/api/now/bored"), "503 Service Unavailable") << "what cannot answer fails itself";
}

TEST_F(FailureAnswers, are_for_what_fails_later_too) {
  EXPECT_EQ(ask("/api/later/banned"), "403 trouble");
  EXPECT_EQ(ask("/api/later/unreachable"), "502 Bad Gateway");
}

TEST_F(FailureAnswers, are_none_where_an_answer_has_begun) {
  EXPECT_EQ(ask("/api/now/begun"), "0 ");
  EXPECT_EQ(ask("/api/now/ended"), "200 whole");
}

TEST_F(FailureAnswers, come_from_branches_which_are_no_other_routes) {
  EXPECT_EQ(ask("/api/nowhere"), "404 Not Found\n");
  EXPECT_EQ(ask("/plain/later/banned"), "404 Not Found\n");
  EXPECT_EQ(agent.get("/api/").field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(ask("/%61pi/now/nothing"), "200 /%61pi/now/nothing");
  EXPECT_EQ(agent.ask({.method = "OPTIONS", .target = "*", .host = "a"}).status,
            Status::no_content);
}

// A host with a branch, and a site of nothing but a branch.
struct Hosts final : RoutedResponder<Hosts> {
  Error here(const RequestHead&, const Parameters&) { return respond({}, "here"); }
  Error fails(const RequestHead&, const Parameters&) { return Errc::timed_out; }

  static constexpr FailureAnswer<Hosts> late[] = {
      {failed_with<Errc::timed_out>, Status::gateway_timeout}};
  static constexpr Route<Hosts> pages[] = {{"GET", "/", &Hosts::here},
                                           {"GET", "/f", &Hosts::fails}};
  static constexpr Branch<Hosts> parts[] = {{"/part", pages, late}};
  static constexpr VirtualHost<Hosts> hosts[] = {{"a", pages, parts}, {"b", pages}};
};

struct Leaf final : RoutedResponder<Leaf> {
  Error here(const RequestHead&, const Parameters&) { return respond({}, "leaf"); }

  static constexpr Route<Leaf> pages[] = {{"GET", "/", &Leaf::here}};
  static constexpr Branch<Leaf> branches[] = {{"/leaf", pages}};
};

struct Branches : TestCase<> {
  Status status(std::string_view host, std::string_view path) {
    return agent.ask({.target = path, .host = host}).status;
  }

  TestAgent<Hosts> agent{reactor};
  TestAgent<Leaf> leaf{reactor};
};

TEST_F(Branches, are_a_hosts_too) {
  EXPECT_EQ(status("a", "/"), Status::ok);
  EXPECT_EQ(status("a", "/part/"), Status::ok);
  EXPECT_EQ(status("b", "/part/"), Status::not_found);
  EXPECT_EQ(status("a", "/f"), Status::internal_server_error);
  EXPECT_EQ(status("a", "/part/f"), Status::gateway_timeout);
}

TEST_F(Branches, may_be_all_there_is) {
  EXPECT_EQ(leaf.get("/leaf/").content, "leaf");
  EXPECT_EQ(leaf.get("/leaf").status, Status::not_found);
  EXPECT_EQ(leaf.get("/").status, Status::not_found);
}

}  // namespace
}  // namespace bobbin::http
