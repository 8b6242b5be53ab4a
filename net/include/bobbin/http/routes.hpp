// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/assert.hpp>
#include <bobbin/failure.hpp>
#include <bobbin/http/responder.hpp>

namespace bobbin::http {

// Where a route leads, as Klein and Werkzeug write it: "/user/<int:id>/name". A segment in angle
// brackets is a parameter: `<int:name>`, digits up to 2^63 - 1; `<name>` or `<string:name>`, one
// segment that is not empty; `<path:name>`, all that is left, which only the last one can be. What
// is no pattern does not compile.
class Pattern {
 public:
  static constexpr std::size_t parameters_max = 4;

  consteval Pattern(const char* text) : text_(text) { check(); }  // NOLINT: a literal is a pattern

  constexpr std::string_view text() const { return text_; }

 private:
  consteval void check() const;

  // Not constexpr: calling it is what does not compile. The message shows the call.
  static void refuse(const char* why);

  std::string_view text_;
};

// What stood in a path where its pattern has parameters. Texts are views of the path.
class Parameters {
 public:
  // Of `<int:name>`. That the pattern has it is asserted.
  std::int64_t number(std::string_view name) const { return find(name).number; }

  // As it stands in the path: not decoded, see `decode`.
  std::string_view text(std::string_view name) const { return find(name).text; }

 private:
  friend class PathMatch;

  struct Parameter {
    std::string_view name;
    std::string_view text;
    std::int64_t number = 0;
  };

  const Parameter& find(std::string_view name) const;

  std::array<Parameter, Pattern::parameters_max> all_{};
  std::size_t count_ = 0;
};

// Whether `path`, as it stands in a request, is of this pattern, and what its parameters are. What
// is percent-encoded is compared as what it stands for.
bool matches(Pattern pattern, std::string_view path, Parameters& parameters);

// What a percent-encoded text stands for, written to `place`; none if it is not encoded as it
// should be, or longer than `place`.
std::optional<std::string_view> decode(std::string_view text, std::span<char> place);

// How some failures are answered, as Klein's handle_errors: those that `suits` says yes to, such as
// `failed_with<Errc::timed_out>`.
template <class Site>
struct FailureAnswer {
  bool (*suits)(const Failure& failure);
  Status status = Status::internal_server_error;
  // Instead of the status, if there is one; answers now or later.
  Error (Site::*answer)(const Failure& failure) = nullptr;
};

// Whether it is one of these, or any of a kind of the program's own.
template <auto... codes>
bool failed_with(const Failure& failure) {
  return failure.check(codes...);
}
template <ErrorKind Kind>
bool failed_by(const Failure& failure) {
  return failure.is<Kind>();
}

// One line of a site's table, which lies in flash. `answer` answers the request, now or later. If
// it returns an error and has not, what suits of `failures` does, of those of its branch, of the
// site's `failures`, in this order, or `request_failed`.
template <class Site>
struct Route {
  std::string_view method;
  Pattern pattern;
  Error (Site::*answer)(const RequestHead& request, const Parameters& parameters);
  std::span<const FailureAnswer<Site>> failures{};
};

// A part of a site below a path, as a child in twisted.web's tree of resources: "/api" has
// "/api/user" and "/api/", but not "/api". Its routes' patterns begin behind that path.
template <class Site>
struct Branch {
  std::string_view path;
  std::span<const Route<Site>> routes;
  std::span<const FailureAnswer<Site>> failures{};
};

// A name that a site is known by, and the routes there. "example.org" is that host, "*.example.org"
// each host below it, "*" whichever.
template <class Site>
struct VirtualHost {
  std::string_view name;
  std::span<const Route<Site>> routes;
  std::span<const Branch<Site>> branches{};
};

// What is left of a request's path below that of a branch, which begins with '/'; none if it is not
// below it.
std::optional<std::string_view> path_below(std::string_view branch, std::string_view path);

// Whether the host that a request is for, with or without a port, is of this name, in whatever
// case. A request of HTTP/1.0 may be for none, which is "*" alone.
bool is_host(std::string_view name, std::string_view authority);

// The methods that are allowed where one that is not was asked for: "GET, HEAD, OPTIONS".
class Allowed {
 public:
  void add(std::string_view method);
  bool has(std::string_view method) const;
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 64> text_{};
  std::size_t size_ = 0;
};

// RoutedResponder but for its table.
class AnyRoutedResponder : public AnyResponder {
 protected:
  using AnyResponder::AnyResponder;
  ~AnyRoutedResponder() = default;

  // No route leads there. The default answers 404.
  virtual void route_missing(const RequestHead& request);

  // The host is none of the site's. The default is that no route leads there.
  virtual void host_missing(const RequestHead& request) { route_missing(request); }

  // A route could not answer, and no FailureAnswer suits. The default answers 503 for what ran out
  // and 500 for all else.
  virtual void request_failed(const RequestHead& request, Error error);

  // What that does; and an answer that is but a status.
  void refuse_for(Error error);
  Error respond_with(Status status);

  // The path is known, but not with this method: 405, or to OPTIONS 204, with what is allowed.
  void answer_allowed(const RequestHead& request, const Allowed& allowed);
};

// A server that finds out by a table what is asked for, after Klein. `Site`, which derives from it,
// has the table:
//
//   struct Site final : http::RoutedResponder<Site> {
//     Error hello(const http::RequestHead&, const http::Parameters&) {
//       return respond({.type = "text/plain"}, "Hello, world\n");
//     }
//     static constexpr http::Route<Site> routes[] = {{"GET", "/", &Site::hello}};
//   };
//
// The first route that matches answers. HEAD goes to the one for GET, whose content is not sent.
//
// A site of several hosts has `hosts` instead of `routes`, of which the first that matches counts:
//
//   static constexpr http::VirtualHost<Site> hosts[] = {{"api.example.org", api}, {"*", pages}};
//
// Parts of a site may be `branches`, which come before its `routes`, if it has those too: the first
// below whose path a request is answers it, or no route leads there. How failures are answered that
// come from anywhere is the site's `failures`:
//
//   static constexpr http::Branch<Site> branches[] = {{"/api", api, api_failures}};
//   static constexpr http::FailureAnswer<Site> failures[] = {
//       {http::failed_with<Trouble::no_such_user>, http::Status::not_found}};
template <class Site, const ServerLimits& limits = default_server_limits>
class RoutedResponder : public AnyRoutedResponder {
 public:
  static constexpr std::size_t receive_min = limits.head.size;
  static constexpr std::size_t send_min = limits.response + limits.response / 2;

  void request_received(const RequestHead& request) final;

 protected:
  RoutedResponder() : AnyRoutedResponder(limits) {}
  ~RoutedResponder() = default;

  // Answers the request with what suits of the tables, as if its route had returned the failure:
  // for kinds of the program's own, and for what fails later.
  //
  //   user_.add_errback([this](const Failure& failure) { answer_failure(failure); });
  //
  // Where nothing suits it is 503 for what ran out and 500 for all else.
  void answer_failure(const Failure& failure) {
    if (!answers(failure)) refuse_for(failure.error());
  }

 private:
  using Failures = std::span<const FailureAnswer<Site>>;

  void find_route(std::span<const Branch<Site>> branches, std::span<const Route<Site>> routes,
                  const RequestHead& request);
  void route(std::span<const Route<Site>> routes, std::string_view path,
             const RequestHead& request);
  bool answers(const Failure& failure);
  bool answers(const Failure& failure, Failures failures);

  // Whether the site has any, so that programs without them are not larger for it.
  static constexpr bool has_failures(std::span<const Branch<Site>> branches,
                                     std::span<const Route<Site>> routes);
  static constexpr bool has_failures();

  static constexpr std::span<const Branch<Site>> own_branches();
  static constexpr std::span<const Route<Site>> own_routes();

  // Of the request.
  const Branch<Site>* branch_ = nullptr;
  const Route<Site>* route_ = nullptr;
};

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::has_failures(std::span<const Branch<Site>> branches,
                                                           std::span<const Route<Site>> routes) {
  for (const Branch<Site>& branch : branches) {
    if (!branch.failures.empty() || has_failures({}, branch.routes)) return true;
  }
  for (const Route<Site>& route : routes) {
    if (!route.failures.empty()) return true;
  }
  return false;
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::has_failures() {
  if constexpr (requires { Site::failures; }) {
    return true;
  } else if constexpr (requires { Site::hosts; }) {
    for (const VirtualHost<Site>& host : Site::hosts) {
      if (has_failures(host.branches, host.routes)) return true;
    }
    return false;
  } else {
    return has_failures(own_branches(), own_routes());
  }
}

template <class Site, const ServerLimits& limits>
constexpr std::span<const Branch<Site>> RoutedResponder<Site, limits>::own_branches() {
  if constexpr (requires { Site::branches; }) return Site::branches;
  return {};
}

template <class Site, const ServerLimits& limits>
constexpr std::span<const Route<Site>> RoutedResponder<Site, limits>::own_routes() {
  constexpr bool has_routes = requires { Site::routes; };
  constexpr bool has_branches = requires { Site::branches; };
  if constexpr (has_routes || !has_branches) {
    return Site::routes;
  } else {
    return {};
  }
}

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::request_received(const RequestHead& request) {
  branch_ = nullptr;
  route_ = nullptr;
  if constexpr (requires { Site::hosts; }) {
    for (const VirtualHost<Site>& host : Site::hosts) {
      if (!is_host(host.name, request.authority)) continue;
      return find_route(host.branches, host.routes, request);
    }
    host_missing(request);
  } else {
    find_route(own_branches(), own_routes(), request);
  }
}

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::find_route(std::span<const Branch<Site>> branches,
                                               std::span<const Route<Site>> routes,
                                               const RequestHead& request) {
  for (const Branch<Site>& branch : branches) {
    const std::optional<std::string_view> path = path_below(branch.path, request.path);
    if (!path) continue;
    branch_ = &branch;
    return route(branch.routes, *path, request);
  }
  route(routes, request.path, request);
}

template <class Site, const ServerLimits& limits>
bool RoutedResponder<Site, limits>::answers(const Failure& failure) {
  if constexpr (has_failures()) {
    if (route_ != nullptr && answers(failure, route_->failures)) return true;
    if (branch_ != nullptr && answers(failure, branch_->failures)) return true;
    if constexpr (requires { Site::failures; }) return answers(failure, Site::failures);
  }
  return false;
}

template <class Site, const ServerLimits& limits>
bool RoutedResponder<Site, limits>::answers(const Failure& failure, Failures failures) {
  for (const FailureAnswer<Site>& own : failures) {
    if (!own.suits(failure)) continue;
    const Error error = own.answer != nullptr ? (static_cast<Site&>(*this).*own.answer)(failure)
                                              : respond_with(own.status);
    if (error) refuse_for(error);
    return true;
  }
  return false;
}

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::route(std::span<const Route<Site>> routes,
                                          std::string_view path, const RequestHead& request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  Allowed allowed;
  for (const Route<Site>& route : routes) {
    Parameters parameters;
    if (!matches(route.pattern, path, parameters)) continue;
    if (route.method == method) {
      route_ = &route;
      const Error error = (static_cast<Site&>(*this).*route.answer)(request, parameters);
      if (error && !answers(Failure(error, Origin()))) request_failed(request, error);
      return;
    }
    allowed.add(route.method);
  }
  if (allowed.text().empty() && request.path != "*") return route_missing(request);
  answer_allowed(request, allowed);
}

// Compile time.

consteval void Pattern::check() const {
  if (!text_.starts_with('/')) refuse("a pattern begins with '/'");
  std::size_t parameters = 0;
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::size_t end = rest.find('/', 1);
    const std::string_view segment = rest.substr(1, end == rest.npos ? end : end - 1);
    rest = end == rest.npos ? std::string_view() : rest.substr(end);
    if (segment.find_first_of("<>") == segment.npos) continue;
    if (!segment.starts_with('<') || !segment.ends_with('>')) refuse("a parameter is a segment");
    if (++parameters > parameters_max) refuse("a pattern has too many parameters");
    const std::string_view inside = segment.substr(1, segment.size() - 2);
    if (inside.empty() || inside.find_first_of("<>") != inside.npos) refuse("no parameter's name");
    const std::size_t colon = inside.find(':');
    const std::string_view kind = colon == inside.npos ? "string" : inside.substr(0, colon);
    if (kind == "path" && !rest.empty()) refuse("<path:...> is the last parameter");
    if (kind != "path" && kind != "int" && kind != "string") refuse("no kind of a parameter");
  }
}

}  // namespace bobbin::http
