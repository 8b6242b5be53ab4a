// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bobbin::http {

// Where a route leads, as Klein and Werkzeug write it: "/user/<int:id>/name". A segment in angle
// brackets is a parameter: `<int:name>`, digits up to 2^63 - 1; `<name>` or `<string:name>`, one
// segment that is not empty; `<path:name>`, all that is left, which only the last one can be. The
// empty one is a branch's own path. What is no pattern does not compile.
class Pattern {
 public:
  static constexpr std::size_t parameters_max = 4;  // with those of the branches around it

  consteval Pattern(const char* text) : text_(text) { check(); }  // NOLINT: a literal is a pattern

  constexpr std::string_view text() const { return text_; }

  // Takes the next segment off the front of a pattern.
  static constexpr std::string_view take_segment(std::string_view& pattern);

 private:
  consteval void check() const;

  // Not constexpr: calling it is what does not compile. The message shows the call.
  static void refuse(const char* why);

  std::string_view text_;
};

// Where a branch begins, as a pattern is written, with parameters if it likes: "/user/<int:id>". It
// does not end with '/', and has no `<path:name>`. The empty one is wherever what is around it is:
// a part of a site with failures of its own. What is none does not compile.
class BranchPath {
 public:
  consteval BranchPath(const char* text) : text_(text) { check(); }  // NOLINT: a literal is one

  constexpr std::string_view text() const { return text_; }

 private:
  consteval void check() const;
  static void refuse(const char* why);

  std::string_view text_;
};

// What stood in a path where its pattern has parameters, and those of the branches around it. Texts
// are views of the path.
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

// Whether `path`, as it stands in a request, is of this pattern; then what its parameters are is
// added, no more than `Pattern::parameters_max` in all. What is percent-encoded is compared as what
// it stands for.
bool matches(Pattern pattern, std::string_view path, Parameters& parameters);

// What is left of a request's path behind that of a branch: nothing, or what begins with '/'; none
// if it is another one. Parameters are added, as by `matches`.
std::optional<std::string_view> path_below(BranchPath branch, std::string_view path,
                                           Parameters& parameters);

// What a percent-encoded text stands for, written to `place`; none if it is not encoded as it
// should be, or longer than `place`.
std::optional<std::string_view> decode(std::string_view text, std::span<char> place);

// The same of a query's or a form's value, in which '+' is a space.
std::optional<std::string_view> decode_form(std::string_view text, std::span<char> place);

// Compile time.

constexpr std::string_view Pattern::take_segment(std::string_view& pattern) {
  const std::size_t end = pattern.find('/', 1);
  const std::string_view segment = pattern.substr(1, end == pattern.npos ? end : end - 1);
  pattern = end == pattern.npos ? std::string_view() : pattern.substr(end);
  return segment;
}

consteval void BranchPath::check() const {
  if (text_.empty()) return;
  static_cast<void>(Pattern(text_.data()));
  if (text_.ends_with('/')) refuse("a branch's path does not end with '/'");
  if (text_.find("/<path:") != text_.npos)
    refuse("<path:...> leaves nothing for a branch's routes");
}

consteval void Pattern::check() const {
  if (!text_.empty() && !text_.starts_with('/')) refuse("a pattern begins with '/'");
  std::size_t parameters = 0;
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::string_view segment = take_segment(rest);
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
