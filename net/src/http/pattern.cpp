// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/pattern.hpp>

#include <algorithm>
#include <charconv>

#include <bobbin/assert.hpp>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// The character at the front of `text`, decoded, which is taken off; -1 if it is not encoded as it
// should be.
int take_character(std::string_view& text) {
  const char first = text.front();
  if (first != '%') {
    text.remove_prefix(1);
    return static_cast<unsigned char>(first);
  }
  const int high = text.size() >= 3 ? hex_value(text[1]) : -1;
  const int low = text.size() >= 3 ? hex_value(text[2]) : -1;
  if (high < 0 || low < 0) return -1;
  text.remove_prefix(3);
  return high * 16 + low;
}

bool is_same(std::string_view encoded, std::string_view plain) {
  while (!encoded.empty() && !plain.empty()) {
    if (take_character(encoded) != static_cast<unsigned char>(plain.front())) return false;
    plain.remove_prefix(1);
  }
  return encoded.empty() && plain.empty();
}

// Takes "/segment" off the front; `text` is not empty and begins with '/'.
std::string_view take_segment(std::string_view& text) {
  const std::size_t end = std::min(text.find('/', 1), text.size());
  const std::string_view segment = behind(before(text, end), 1);
  text.remove_prefix(end);
  return segment;
}

std::optional<std::string_view> decode(std::string_view text, std::span<char> place,
                                       bool plus_is_space) {
  std::size_t size = 0;
  while (!text.empty()) {
    const bool is_space = plus_is_space && text.front() == '+';
    const int character = take_character(text);
    if (character < 0 || size == place.size()) return std::nullopt;
    place[size++] = is_space ? ' ' : static_cast<char>(character);
  }
  return std::string_view(place.data(), size);
}

}  // namespace

// A path and a pattern, gone through side by side.
class PathMatch {
 public:
  PathMatch(std::string_view pattern, std::string_view path, Parameters& parameters)
      : pattern_(pattern), path_(path), parameters_(parameters) {}

  bool is_whole() { return rest() == std::string_view(); }

  // What is left of the path behind the pattern; none if it is not of it, and then there are no
  // more parameters than before.
  std::optional<std::string_view> rest() {
    const std::size_t before = parameters_.count_;
    if (goes_along() && pattern_.empty() && (path_.empty() || path_.starts_with('/'))) return path_;
    parameters_.count_ = before;
    return std::nullopt;
  }

 private:
  bool goes_along() {
    while (pattern_.starts_with('/') && path_.starts_with('/')) {
      if (!is_next()) return false;
    }
    return true;
  }

  bool is_next() {
    const std::string_view expected = take_segment(pattern_);
    if (!expected.starts_with('<')) return is_same(take_segment(path_), expected);
    std::string_view name = behind(before(expected, expected.size() - 1), 1);
    const bool has_kind = name.find(':') != name.npos;
    const std::string_view kind = has_kind ? take_until(name, ':') : "string";
    if (kind == "path") return keep_rest(name);
    Parameters::Parameter found{.name = name, .text = take_segment(path_)};
    return !found.text.empty() && (kind != "int" || is_number(found)) && keep(found);
  }

  bool keep_rest(std::string_view name) {
    const std::string_view rest = behind(path_, 1);
    path_ = {};
    return !rest.empty() && keep({.name = name, .text = rest});
  }

  bool keep(const Parameters::Parameter& found) {
    BOBBIN_ASSERT(parameters_.count_ < Pattern::parameters_max);
    parameters_.all_[parameters_.count_++] = found;
    return true;
  }

  static bool is_number(Parameters::Parameter& found) {
    const std::string_view text = found.text;
    if (!std::all_of(text.begin(), text.end(), is_digit)) return false;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), found.number);
    return parsed.ec == std::errc();
  }

  std::string_view pattern_;
  std::string_view path_;
  Parameters& parameters_;
};

bool matches(Pattern pattern, std::string_view path, Parameters& parameters) {
  return PathMatch(pattern.text(), path, parameters).is_whole();
}

std::optional<std::string_view> path_below(BranchPath branch, std::string_view path,
                                           Parameters& parameters) {
  return PathMatch(branch.text(), path, parameters).rest();
}

const Parameters::Parameter& Parameters::find(std::string_view name) const {
  const auto begin = all_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(count_);
  const auto found =
      std::find_if(begin, end, [name](const Parameter& p) { return p.name == name; });
  BOBBIN_ASSERT(found != end);
  return *found;
}

std::optional<std::string_view> decode(std::string_view text, std::span<char> place) {
  return decode(text, place, false);
}

std::optional<std::string_view> decode_form(std::string_view text, std::span<char> place) {
  return decode(text, place, true);
}

}  // namespace bobbin::http
