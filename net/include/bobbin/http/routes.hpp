// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/failure.hpp>
#include <bobbin/http/pattern.hpp>
#include <bobbin/http/responder.hpp>

namespace bobbin::http {

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

template <class Site>
struct Branch;

// A table of branches, which is not copied.
template <class Site>
class Branches {
 public:
  constexpr Branches() = default;
  template <std::size_t count>
  constexpr Branches(const Branch<Site> (&table)[count]) : first_(table), size_(count) {}

  constexpr std::size_t size() const { return size_; }
  constexpr const Branch<Site>& operator[](std::size_t index) const { return first_[index]; }
  constexpr const Branch<Site>* begin() const { return first_; }
  constexpr const Branch<Site>* end() const { return first_ + size_; }

 private:
  const Branch<Site>* first_ = nullptr;
  std::size_t size_ = 0;
};

// A part of a site, from a path on, as a child in twisted.web's tree of resources and Klein's
// subroute: "/api" has "/api", "/api/" and "/api/user", for which the patterns of its routes are
// "", "/" and "/user". It may have branches itself, up to `depth_max` in each other; they come
// before its routes, and whoever answers has the parameters of their paths too. The same tables may
// be in several places.
template <class Site>
struct Branch {
  static constexpr std::size_t depth_max = 4;

  BranchPath path;
  std::span<const Route<Site>> routes;
  std::span<const FailureAnswer<Site>> failures{};
  Branches<Site> branches{};
};

// A name that a site is known by, and the routes there. "example.org" is that host, "*.example.org"
// each host below it, "*" whichever.
template <class Site>
struct VirtualHost {
  std::string_view name;
  std::span<const Route<Site>> routes;
  Branches<Site> branches{};
};

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

  // A route could not answer, and no FailureAnswer suits. The default answers 503 for
  // Errc::no_capacity and 500 for all else.
  virtual void request_failed(const RequestHead& request, Error error);

  // What that does; and an answer that is but a status.
  void refuse_for(Error error);
  Error respond_with(Status status);

  // The path is known, but not with this method: 405, or to OPTIONS 204, with what is allowed.
  void answer_allowed(const RequestHead& request, const Allowed& allowed);

  // The names of parameters on the way to a route, while a site is compiled.
  class Names {
   public:
    // Those of a pattern too. False if one is there already, or they are too many.
    constexpr bool add(std::string_view pattern);

   private:
    std::array<std::string_view, Pattern::parameters_max> all_{};
    std::size_t count_ = 0;
  };
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
// The first route that matches answers. HEAD goes to the one for GET, whose content is not sent;
// one for HEAD does not compile.
//
// A route may be a coroutine, with a frame in the site and a place among coroutines that all share:
//
//   Error slow(const http::RequestHead&, const http::Parameters&) {
//     const auto spawned = coroutines_.spawn(answer_later(frame_, *this), [this](Error error) {
//       if (error && answering()) answer_failure(error);
//     });
//     if (spawned) task_ = *spawned;
//     return spawned.error();
//   }
//   void request_lost(Error) override { task_.cancel(); }  // the client has gone
//   static Task<Error> answer_later(Frame<512>&, Site& site) {
//     if (const Error error = co_await sleep(site.clock_, 1s)) co_return error;
//     co_return site.respond({.type = "text/plain"}, "at last\n");
//   }
//
// A site of several hosts has `hosts` instead of `routes`, of which the first that matches counts:
//
//   static constexpr http::VirtualHost<Site> hosts[] = {{"api.example.org", api}, {"*", pages}};
//
// Parts of a site may be `branches`, which come before its `routes`, if it has those too: the first
// that a request's path begins with answers it, or no route leads there; likewise the branches of a
// branch. A failure is answered by what suits of the innermost branch, then of the one around it.
// How failures are answered that come from anywhere is the site's `failures`:
//
//   static constexpr http::Branch<Site> v1[] = {{"/user/<int:id>", user}, {"/group", group}};
//   static constexpr http::Branch<Site> branches[] = {
//       {.path = "/api/v1", .routes = api, .failures = api_failures, .branches = v1}};
//   static constexpr http::FailureAnswer<Site> failures[] = {
//       {http::failed_with<Trouble::no_such_user>, http::Status::not_found}};
template <class Site, const ServerLimits& limits = default_server_limits>
class RoutedResponder : public AnyRoutedResponder {
 public:
  static constexpr std::size_t receive_min = limits.head.size;
  static constexpr std::size_t send_min = limits.response + limits.response / 2;

  void request_received(const RequestHead& request) override;

 protected:
  RoutedResponder() : AnyRoutedResponder(limits) {}
  ~RoutedResponder() = default;

  // Answers the request with what suits of the tables, as if its route had returned the failure:
  // for kinds of the program's own, and for what fails later.
  //
  //   user_.add_errback([this](const Failure& failure) { answer_failure(failure); });
  //
  // Where nothing suits it is 503 for Errc::no_capacity and 500 for all else.
  void answer_failure(const Failure& failure) {
    if (!answers(failure)) refuse_for(failure.error());
  }

  // The same for a route that fails now: `return fail_with(Trouble::no_such_user);`.
  Error fail_with(const Failure& failure) {
    answer_failure(failure);
    return {};
  }

 private:
  using Failures = std::span<const FailureAnswer<Site>>;
  using Routes = std::span<const Route<Site>>;

  // The way to where a request led: places in tables, as what lies there may be in several.
  struct Way {
    std::uint8_t host = 0;
    std::uint8_t depth = 0;  // how many branches
    std::array<std::uint8_t, Branch<Site>::depth_max> branches{};
  };
  static constexpr std::size_t table_max = UINT8_MAX;

  void find_route(Branches<Site> branches, Routes routes, const RequestHead& request);
  const Branch<Site>* next_branch(Branches<Site> branches, std::string_view& path,
                                  Parameters& parameters);
  void route(Routes routes, std::string_view path, const Parameters& outer,
             const RequestHead& request);
  bool answers(const Failure& failure);
  bool answers(const Failure& failure, Failures failures);
  bool branches_answer(const Failure& failure);
  const Branch<Site>& branch_on_the_way(std::size_t depth) const;

  // Whether the site has any, so that programs without them are not larger for it.
  static constexpr bool has_failures();
  static constexpr bool has_branches();

  static constexpr bool has_failures(Branches<Site> branches, Routes routes);
  static constexpr bool are_within(Branches<Site> branches, std::size_t levels);
  static constexpr bool parameters_fit(Branches<Site> branches, Routes routes, Names outer);
  static constexpr bool have_paths(Routes routes);
  static constexpr bool are_reached(Branches<Site> branches, Routes routes);
  static constexpr void check_tables();

  // Whether there is a host, or else the site itself, that `is(branches, routes)` says yes to.
  template <class Is>
  static constexpr bool has_host(Is is);

  static constexpr Branches<Site> own_branches();
  static constexpr Routes own_routes();

  // Of the request.
  Way way_;
  const Route<Site>* route_ = nullptr;
};

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::request_received(const RequestHead& request) {
  check_tables();
  way_ = {};
  route_ = nullptr;
  if constexpr (requires { Site::hosts; }) {
    for (const VirtualHost<Site>& host : Site::hosts) {
      if (is_host(host.name, request.authority)) {
        return find_route(host.branches, host.routes, request);
      }
      ++way_.host;
    }
    host_missing(request);
  } else {
    find_route(own_branches(), own_routes(), request);
  }
}

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::find_route(Branches<Site> branches, Routes routes,
                                               const RequestHead& request) {
  std::string_view path = request.path;
  Parameters parameters;
  if constexpr (has_branches()) {
    while (const Branch<Site>* const branch = next_branch(branches, path, parameters)) {
      branches = branch->branches;
      routes = branch->routes;
    }
  }
  route(routes, path, parameters, request);
}

// The branch's path is taken off the front of `path`.
template <class Site, const ServerLimits& limits>
const Branch<Site>* RoutedResponder<Site, limits>::next_branch(Branches<Site> branches,
                                                               std::string_view& path,
                                                               Parameters& parameters) {
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const std::optional<std::string_view> left = path_below(branches[i].path, path, parameters);
    if (!left) continue;
    path = *left;
    way_.branches[way_.depth++] = static_cast<std::uint8_t>(i);
    return &branches[i];
  }
  return nullptr;
}

template <class Site, const ServerLimits& limits>
void RoutedResponder<Site, limits>::route(Routes routes, std::string_view path,
                                          const Parameters& outer, const RequestHead& request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  Allowed allowed;
  for (const Route<Site>& route : routes) {
    Parameters parameters = outer;
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

template <class Site, const ServerLimits& limits>
bool RoutedResponder<Site, limits>::answers(const Failure& failure) {
  if constexpr (has_failures()) {
    if (route_ != nullptr && answers(failure, route_->failures)) return true;
    if constexpr (has_branches()) {
      if (branches_answer(failure)) return true;
    }
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
bool RoutedResponder<Site, limits>::branches_answer(const Failure& failure) {
  for (std::size_t depth = way_.depth; depth > 0; --depth) {
    if (answers(failure, branch_on_the_way(depth).failures)) return true;
  }
  return false;
}

template <class Site, const ServerLimits& limits>
const Branch<Site>& RoutedResponder<Site, limits>::branch_on_the_way(std::size_t depth) const {
  Branches<Site> branches;
  if constexpr (requires { Site::hosts; }) {
    branches = Site::hosts[way_.host].branches;
  } else {
    branches = own_branches();
  }
  for (std::size_t i = 0; i + 1 < depth; ++i) branches = branches[way_.branches[i]].branches;
  return branches[way_.branches[depth - 1]];
}

template <class Site, const ServerLimits& limits>
template <class Is>
constexpr bool RoutedResponder<Site, limits>::has_host(Is is) {
  if constexpr (requires { Site::hosts; }) {
    for (const VirtualHost<Site>& host : Site::hosts) {
      if (is(host.branches, host.routes)) return true;
    }
    return false;
  } else {
    return is(own_branches(), own_routes());
  }
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::has_branches() {
  return has_host([](Branches<Site> branches, Routes) { return branches.size() > 0; });
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::has_failures() {
  if constexpr (requires { Site::failures; }) return true;
  return has_host(
      [](Branches<Site> branches, Routes routes) { return has_failures(branches, routes); });
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::has_failures(Branches<Site> branches, Routes routes) {
  for (const Branch<Site>& branch : branches) {
    if (!branch.failures.empty() || has_failures(branch.branches, branch.routes)) return true;
  }
  for (const Route<Site>& route : routes) {
    if (!route.failures.empty()) return true;
  }
  return false;
}

template <class Site, const ServerLimits& limits>
constexpr Branches<Site> RoutedResponder<Site, limits>::own_branches() {
  if constexpr (requires { Site::branches; }) return Site::branches;
  return {};
}

template <class Site, const ServerLimits& limits>
constexpr auto RoutedResponder<Site, limits>::own_routes() -> Routes {
  constexpr bool has_routes = requires { Site::routes; };
  constexpr bool has_branches = requires { Site::branches; };
  if constexpr (has_routes || !has_branches) {
    return Site::routes;
  } else {
    return {};
  }
}

// Compile time.

template <class Site, const ServerLimits& limits>
constexpr void RoutedResponder<Site, limits>::check_tables() {
  constexpr bool are_near = !has_host([](Branches<Site> branches, Routes) {
    return !are_within(branches, Branch<Site>::depth_max);
  });
  static_assert(are_near,
                "branches are no deeper than Branch::depth_max, and up to 255 in a table");
  constexpr bool have_places = !has_host(
      [](Branches<Site> branches, Routes routes) { return !parameters_fit(branches, routes, {}); });
  static_assert(have_places,
                "on the way to a route are up to Pattern::parameters_max parameters, "
                "each of a name of its own");
  constexpr bool have_patterns =
      !has_host([](Branches<Site>, Routes routes) { return !have_paths(routes); });
  static_assert(have_patterns, "a route begins with '/', unless it is a branch's own");
  constexpr bool have_methods = !has_host(
      [](Branches<Site> branches, Routes routes) { return !are_reached(branches, routes); });
  static_assert(have_methods, "HEAD goes to the route for GET, so none is for HEAD");
  if constexpr (requires { Site::hosts; }) {
    static_assert(std::size(Site::hosts) <= table_max, "a site has up to 255 hosts");
  }
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::are_within(Branches<Site> branches,
                                                         std::size_t levels) {
  if (branches.size() > (levels > 0 ? table_max : 0)) return false;
  for (const Branch<Site>& branch : branches) {
    if (!are_within(branch.branches, levels - 1)) return false;
  }
  return true;
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::parameters_fit(Branches<Site> branches, Routes routes,
                                                             Names outer) {
  for (const Route<Site>& route : routes) {
    Names names = outer;
    if (!names.add(route.pattern.text())) return false;
  }
  for (const Branch<Site>& branch : branches) {
    Names names = outer;
    if (!names.add(branch.path.text())) return false;
    if (!parameters_fit(branch.branches, branch.routes, names)) return false;
  }
  return true;
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::have_paths(Routes routes) {
  for (const Route<Site>& route : routes) {
    if (route.pattern.text().empty()) return false;
  }
  return true;
}

template <class Site, const ServerLimits& limits>
constexpr bool RoutedResponder<Site, limits>::are_reached(Branches<Site> branches, Routes routes) {
  for (const Route<Site>& route : routes) {
    if (route.method == "HEAD") return false;
  }
  for (const Branch<Site>& branch : branches) {
    if (!are_reached(branch.branches, branch.routes)) return false;
  }
  return true;
}

constexpr bool AnyRoutedResponder::Names::add(std::string_view pattern) {
  while (!pattern.empty()) {
    std::string_view name = Pattern::take_segment(pattern);
    if (!name.starts_with('<')) continue;
    name = name.substr(1, name.size() - 2);
    if (const std::size_t colon = name.find(':'); colon != name.npos) name.remove_prefix(colon + 1);
    for (std::size_t i = 0; i < count_; ++i) {
      if (all_[i] == name) return false;
    }
    if (count_ == all_.size()) return false;
    all_[count_++] = name;
  }
  return true;
}

}  // namespace bobbin::http
