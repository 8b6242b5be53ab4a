// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

// Branches of branches: where paths lead, what is allowed there, and whose failures are answered.

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <bobbin/http.hpp>
#include <bobbin/testing.hpp>
#include <bobbin/testing/http_agent.hpp>

namespace bobbin::http {
namespace {

using namespace std::chrono_literals;

std::optional<std::string_view> left_of(BranchPath branch, std::string_view path) {
  Parameters parameters;
  return path_below(branch, path, parameters);
}

TEST(PathBelow, is_what_a_branch_leaves_of_a_path) {
  EXPECT_EQ(left_of("/api", "/api/user"), "/user");
  EXPECT_EQ(left_of("/api", "/api/"), "/");
  EXPECT_EQ(left_of("/api", "/api"), "");
  EXPECT_EQ(left_of("/a b", "/%61%20b/%2F"), "/%2F");
  EXPECT_EQ(left_of("", "/user"), "/user");
  EXPECT_EQ(left_of("/a/b", "/a/b/c"), "/c");
  EXPECT_EQ(left_of("/a/b", "/a%2Fb/c"), std::nullopt) << "an encoded slash divides nothing";
  EXPECT_EQ(left_of("", "*"), std::nullopt);
  for (const std::string_view path :
       {"/apis", "/ap", "/", "", "*", "/API/", "/api%2Fuser", "/api%", "/%", "//api"}) {
    EXPECT_EQ(left_of("/api", path), std::nullopt) << path;
  }
}

TEST(PathBelow, has_parameters) {
  Parameters parameters;
  EXPECT_EQ(path_below("/user/<int:id>", "/user/x/mail", parameters), std::nullopt);
  EXPECT_EQ(path_below("/user/<int:id>", "/user/7/mail", parameters), "/mail");
  EXPECT_EQ(path_below("/<a>/none", "/x/other", parameters), std::nullopt) << "and adds nothing";
  EXPECT_TRUE(matches("/<kind>/<c>/<d>", "/mail/3/4", parameters));
  EXPECT_EQ(parameters.number("id"), 7);
  EXPECT_EQ(parameters.text("kind"), "mail");
  EXPECT_EQ(parameters.text("d"), "4");
}

// Fails as the last of its path says; each level answers one kind of failure, and all the same one.
struct Site final : RoutedResponder<Site> {
  using Request = RequestHead;

  Error say(std::string text) {
    text_ = std::move(text);
    return respond({.type = "text/plain"}, text_);
  }
  Error root(const Request&, const Parameters&) { return say("root"); }
  Error api(const Request& request, const Parameters&) {
    return say("api " + std::string(request.path));
  }
  Error users(const Request&, const Parameters&) { return say("users"); }
  Error user(const Request& request, const Parameters& parameters) {
    return say(std::string(request.method) + " user " + std::to_string(parameters.number("id")));
  }
  Error mail(const Request&, const Parameters& parameters) {
    return say("mail " + std::string(parameters.text("box")) + " of " +
               std::to_string(parameters.number("id")) + " in " +
               std::string(parameters.text("place")));
  }
  Error fail(const Request&, const Parameters& parameters) { return error_of(parameters); }
  Error fail_later(const Request&, const Parameters& parameters) {
    const Error error = error_of(parameters);
    const auto answer = [this, error] { answer_failure(error); };
    return transport().reactor().call_later(1s, answer).error();
  }
  void route_missing(const Request& request) override {
    if (request.path.ends_with("/missing")) return answer_failure(Errc::unreachable);
    RoutedResponder::route_missing(request);
  }

  static constexpr FailureAnswer<Site> of_route[] = {
      {failed_with<Errc::not_running>, Status::conflict}};
  static constexpr FailureAnswer<Site> of_mail[] = {
      {failed_with<Errc::timed_out, Errc::unreachable>, Status::gateway_timeout}};
  static constexpr FailureAnswer<Site> of_user[] = {
      {failed_with<Errc::unknown_host, Errc::unreachable>, Status::gone}};
  static constexpr FailureAnswer<Site> of_api[] = {
      {failed_with<Errc::connection_lost, Errc::unreachable>, Status::bad_gateway}};
  static constexpr FailureAnswer<Site> failures[] = {
      {failed_with<Errc::cancelled, Errc::unreachable>, Status::forbidden}};

  static constexpr Route<Site> mail_routes[] = {{"GET", "/<box>", &Site::mail},
                                                {"GET", "/fail/<why>", &Site::fail, of_route},
                                                {"GET", "/later/<why>", &Site::fail_later}};
  static constexpr Route<Site> user_routes[] = {{"GET", "", &Site::user},
                                                {"PUT", "", &Site::user},
                                                {"DELETE", "", &Site::user},
                                                {"GET", "/fail/<why>", &Site::fail}};
  static constexpr Route<Site> users_routes[] = {
      {"GET", "", &Site::users}, {"GET", "/new", &Site::users}, {"POST", "/", &Site::users}};
  static constexpr Route<Site> api_routes[] = {{"GET", "", &Site::api},
                                               {"GET", "/", &Site::api},
                                               {"GET", "/status", &Site::api},
                                               {"GET", "/users/9", &Site::api},
                                               {"GET", "/fail/<why>", &Site::fail}};
  static constexpr Branch<Site> in_user[] = {{"/mail/<place>", mail_routes, of_mail}};
  static constexpr Branch<Site> in_users[] = {
      {.path = "/<int:id>", .routes = user_routes, .failures = of_user, .branches = in_user}};
  static constexpr Branch<Site> in_api[] = {
      {.path = "/users", .routes = users_routes, .branches = in_users}};
  static constexpr Branch<Site> branches[] = {{"/api/v1", api_routes, of_api, in_api},
                                              {"/plain", api_routes, {}, in_api}};
  static constexpr Route<Site> routes[] = {{"GET", "/", &Site::root},
                                           {"GET", "/api", &Site::root},
                                           {"GET", "/api/v1/users/old", &Site::root},
                                           {"GET", "/fail/<why>", &Site::fail}};

 private:
  static Error error_of(const Parameters& parameters) {
    const std::string_view why = parameters.text("why");
    if (why == "route") return Errc::not_running;
    if (why == "mail") return Errc::timed_out;
    if (why == "user") return Errc::unknown_host;
    if (why == "api") return Errc::connection_lost;
    if (why == "site") return Errc::cancelled;
    return why == "any" ? Errc::unreachable : Errc::invalid_argument;
  }

  std::string text_;
};

template <class Asked>
struct BranchesOf : TestCase<> {
  // "200 content"
  std::string get(std::string_view path) { return text_of_answer(agent.get(path)); }
  std::string ask(std::string_view method, std::string_view path) {
    return text_of_answer(agent.ask({.method = method, .target = path, .host = "a"}));
  }
  std::string allowed(std::string_view method, std::string_view path) {
    const TestAnswer answer = agent.ask({.method = method, .target = path, .host = "a"});
    return std::to_string(static_cast<int>(answer.status)) + " " +
           std::string(answer.field("Allow"));
  }
  static std::string text_of_answer(const TestAnswer& answer) {
    return std::to_string(static_cast<int>(answer.status)) + " " + std::string(answer.content);
  }

  TestAgent<Asked> agent{this->reactor};
};

using BranchesInBranches = BranchesOf<Site>;

TEST_F(BranchesInBranches, lead_by_the_parts_of_a_path) {
  EXPECT_EQ(get("/"), "200 root");
  EXPECT_EQ(get("/api"), "200 root") << "no branch begins there";
  EXPECT_EQ(get("/api/v1"), "200 api /api/v1");
  EXPECT_EQ(get("/api/v1/"), "200 api /api/v1/");
  EXPECT_EQ(get("/api/v1/status"), "200 api /api/v1/status");
  EXPECT_EQ(get("/api/v1/users"), "200 users");
  EXPECT_EQ(get("/api/v1/users/new"), "200 users") << "which is no number";
  EXPECT_EQ(get("/api/v1/users/7"), "200 GET user 7");
  EXPECT_EQ(get("/api/v1/users/7/mail/home/in"), "200 mail in of 7 in home");
  EXPECT_EQ(get("/%61pi/v1/users/7/ma%69l/a%2Fb/in"), "200 mail in of 7 in a%2Fb");
  EXPECT_EQ(get("/plain/users/7/mail/home/in"), "200 mail in of 7 in home");
}

TEST_F(BranchesInBranches, come_before_routes_and_are_not_left_again) {
  EXPECT_EQ(get("/api/v1/users/9"), "200 GET user 9");
  for (const std::string_view path :
       {"/api/v1/users/old", "/api/v1/nothing", "/api/v1/users/", "/api/v1/users/7/",
        "/api/v1/users/7/mail", "/api/v1/users/7/mail/home", "/api/v1/users/7/mail//in",
        "/api/v1/users/x/mail/home/in", "/api/v1/users/7/mail/home/in/more", "/api/v1x"}) {
    const std::string answer = get(path);
    EXPECT_TRUE(answer.starts_with(path == "/api/v1/users/" ? "405" : "404")) << path << answer;
  }
}

TEST_F(BranchesInBranches, say_what_is_allowed_at_each_level) {
  EXPECT_EQ(allowed("POST", "/"), "405 GET, HEAD, OPTIONS");
  EXPECT_EQ(allowed("DELETE", "/api/v1"), "405 GET, HEAD, OPTIONS");
  EXPECT_EQ(allowed("GET", "/api/v1/users/"), "405 POST, OPTIONS");
  EXPECT_EQ(allowed("POST", "/api/v1/users/7"), "405 GET, PUT, DELETE, HEAD, OPTIONS");
  EXPECT_EQ(allowed("OPTIONS", "/api/v1/users/7"), "204 GET, PUT, DELETE, HEAD, OPTIONS");
  EXPECT_EQ(allowed("OPTIONS", "/api/v1/users/7/mail/home/in"), "204 GET, HEAD, OPTIONS");
  EXPECT_EQ(allowed("OPTIONS", "/api/v1/users/7/mail"), "404 ");
  EXPECT_EQ(allowed("OPTIONS", "*"), "204 OPTIONS");
  EXPECT_EQ(ask("PUT", "/api/v1/users/7"), "200 PUT user 7");
  const TestAnswer head = agent.ask({.method = "HEAD", .target = "/api/v1/users/7", .host = "a"});
  EXPECT_EQ(head.status, Status::ok);
  EXPECT_EQ(head.content, "");
  EXPECT_EQ(head.field("Content-Length"), "11") << "HEAD user 7";
}

TEST_F(BranchesInBranches, answer_failures_from_the_innermost_outwards) {
  constexpr std::string_view mail = "/api/v1/users/7/mail/home/fail/";
  const auto status = [&](std::string_view path, std::string_view why) {
    return static_cast<int>(agent.get(std::string(path) + std::string(why)).status);
  };
  EXPECT_EQ(status(mail, "route"), 409);
  EXPECT_EQ(status(mail, "mail"), 504);
  EXPECT_EQ(status(mail, "user"), 410);
  EXPECT_EQ(status(mail, "api"), 502);
  EXPECT_EQ(status(mail, "site"), 403);
  EXPECT_EQ(status(mail, "none"), 500);
  EXPECT_EQ(status(mail, "any"), 504);
  EXPECT_EQ(status("/api/v1/users/7/fail/", "any"), 410);
  EXPECT_EQ(status("/api/v1/users/7/fail/", "mail"), 500);
  EXPECT_EQ(status("/api/v1/fail/", "any"), 502);
  EXPECT_EQ(status("/fail/", "any"), 403);
  EXPECT_EQ(status("/plain/users/7/mail/home/fail/", "api"), 500) << "the same tables elsewhere";
  EXPECT_EQ(status("/plain/users/7/mail/home/fail/", "user"), 410);
  EXPECT_EQ(status("/plain/fail/", "any"), 403);
}

TEST_F(BranchesInBranches, answer_what_fails_later_or_leads_nowhere) {
  EXPECT_EQ(get("/api/v1/users/7/mail/home/later/user"), "410 Gone");
  EXPECT_EQ(get("/api/v1/users/7/mail/home/later/api"), "502 Bad Gateway");
  EXPECT_EQ(get("/api/v1/users/7/missing"), "410 Gone");
  EXPECT_EQ(get("/api/v1/users/missing"), "502 Bad Gateway");
  EXPECT_EQ(get("/missing"), "403 Forbidden");
}

// As deep as branches are, below a host's, with one that begins where the one around it does.
struct Deep final : RoutedResponder<Deep> {
  Error here(const RequestHead&, const Parameters& parameters) {
    return respond({}, parameters.text("d"));
  }
  Error fails(const RequestHead&, const Parameters&) { return Errc::timed_out; }

  static constexpr FailureAnswer<Deep> late[] = {
      {failed_with<Errc::timed_out>, Status::gateway_timeout}};
  static constexpr Route<Deep> fourth_routes[] = {{"GET", "", &Deep::here},
                                                  {"GET", "/f", &Deep::fails}};
  static constexpr Branch<Deep> fourth[] = {{"/<d>", fourth_routes}};
  static constexpr Branch<Deep> third[] = {{"/<c>", {}, {}, fourth}};
  static constexpr Branch<Deep> second[] = {{"", {}, late, third}};
  static constexpr Branch<Deep> first[] = {{"/<a>/<b>", {}, {}, second}};
  static constexpr VirtualHost<Deep> hosts[] = {{"b", {}, {}}, {"a", {}, first}};
};

using DeepBranches = BranchesOf<Deep>;

TEST_F(DeepBranches, are_found_below_their_host) {
  EXPECT_EQ(get("/1/2/3/4"), "404 Not Found\n") << "of another host";
  EXPECT_EQ(ask("GET", "/1/2/3/4"), "200 4");
  EXPECT_EQ(ask("GET", "/1/2/3/4/f"), "504 Gateway Timeout");
  EXPECT_EQ(ask("GET", "/1/2/3"), "404 Not Found\n");
  EXPECT_EQ(ask("GET", "/1/2"), "404 Not Found\n");
  EXPECT_EQ(allowed("POST", "/1/2/3/4"), "405 GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace bobbin::http
