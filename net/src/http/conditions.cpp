// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/conditions.hpp>

#include <algorithm>
#include <charconv>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

bool is_weak(std::string_view tag) { return tag.starts_with("W/"); }
std::string_view opaque(std::string_view tag) { return is_weak(tag) ? behind(tag, 2) : tag; }

enum class Comparison : std::uint8_t { strong, weak };

bool same_tag(std::string_view one, std::string_view other, Comparison how) {
  if (one.empty()) return false;
  if (how == Comparison::strong && (is_weak(one) || is_weak(other))) return false;
  return opaque(one) == opaque(other);
}

// Takes an entity tag off the front of a list, in whose quotes commas may be; none at the end of
// the list, and where there is something else.
std::optional<std::string_view> next_tag(std::string_view& list) {
  while (!list.empty() && (is_space(list.front()) || list.front() == ',')) list.remove_prefix(1);
  const std::string_view rest = opaque(list);
  if (!rest.starts_with('"')) return std::nullopt;
  const std::size_t end = rest.find('"', 1);
  if (end == rest.npos) return std::nullopt;
  const std::string_view tag = before(list, list.size() - rest.size() + end + 1);
  list.remove_prefix(tag.size());
  return tag;
}

// Whether the tag is among those of all fields of this name.
bool lists_tag(const Fields& fields, std::string_view name, std::string_view tag, Comparison how) {
  for (const Field field : fields) {
    if (!same_token(field.name, name)) continue;
    if (field.value == "*") return true;
    std::string_view list = field.value;
    while (const auto listed = next_tag(list)) {
      if (same_tag(tag, *listed, how)) return true;
    }
  }
  return false;
}

// Whether it was modified after the date of this field: none where that cannot be said.
std::optional<bool> modified_since(const Fields& fields, std::string_view name,
                                   const Validators& validators) {
  const auto value = fields.find(name);
  if (!value || !validators.modified || fields.count(name) > 1) return std::nullopt;
  const auto date = parse_date(*value);
  if (!date) return std::nullopt;
  return *validators.modified > *date;
}

bool range_applies(const RequestHead& request, const Validators& validators) {
  if (request.method != "GET" || request.fields.count("Range") != 1) return false;
  const auto condition = request.fields.find("If-Range");
  if (!condition) return true;
  if (condition->find('"') != condition->npos) {
    return same_tag(validators.etag, *condition, Comparison::strong);
  }
  const auto date = parse_date(*condition);
  return date && date == validators.modified;
}

// Of more digits than fit it is as large as can be.
std::optional<std::uint64_t> number_in(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return parsed.ec == std::errc() ? number : UINT64_MAX;
}

// A range as it is written: "5-9", "5-" or "-5".
struct RangeSpec {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
};

std::optional<RangeSpec> parse_spec(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const std::string_view first = before(text, dash);
  const std::string_view last = behind(text, dash + 1);
  const RangeSpec spec{number_in(first), number_in(last)};
  const bool has_numbers = (spec.first || first.empty()) && (spec.last || last.empty());
  if (!has_numbers || (!spec.first && !spec.last)) return std::nullopt;
  if (spec.first && spec.last && *spec.last < *spec.first) return std::nullopt;
  return spec;
}

// The first of a set, if all of them are ranges.
std::optional<RangeSpec> first_spec(std::string_view set) {
  if (!same_token(before(set, 6), "bytes=")) return std::nullopt;
  set.remove_prefix(6);
  std::optional<RangeSpec> first;
  while (const auto element = next_element(set)) {
    const auto spec = parse_spec(*element);
    if (!spec) return std::nullopt;
    if (!first) first = spec;
  }
  return first;
}

}  // namespace

Status check_conditions(const RequestHead& request, const Validators& validators) {
  const Fields& fields = request.fields;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (fields.find("If-Match")) {
    if (!lists_tag(fields, "If-Match", validators.etag, Comparison::strong)) {
      return Status::precondition_failed;
    }
  } else if (modified_since(fields, "If-Unmodified-Since", validators) == true) {
    return Status::precondition_failed;
  }
  if (fields.find("If-None-Match")) {
    if (lists_tag(fields, "If-None-Match", validators.etag, Comparison::weak)) {
      return reads ? Status::not_modified : Status::precondition_failed;
    }
  } else if (reads && modified_since(fields, "If-Modified-Since", validators) == false) {
    return Status::not_modified;
  }
  return Status::ok;
}

RangeChoice choose_range(const RequestHead& request, std::uint64_t size,
                         const Validators& validators) {
  if (!range_applies(request, validators)) return {};
  const auto spec = first_spec(*request.fields.find("Range"));
  if (!spec) return {};
  if (spec->first) {
    if (*spec->first >= size) return {.status = Status::range_not_satisfiable};
    return {.status = Status::partial_content,
            .range = {*spec->first, std::min(spec->last.value_or(UINT64_MAX), size - 1)}};
  }
  const std::uint64_t count = std::min(*spec->last, size);
  if (count == 0) return {.status = Status::range_not_satisfiable};
  return {.status = Status::partial_content, .range = {size - count, size - 1}};
}

ContentRange::ContentRange(const RangeChoice& choice, std::uint64_t size) {
  add("bytes ");
  if (choice.status == Status::partial_content) {
    add(choice.range.first);
    add("-");
    add(choice.range.last);
  } else {
    add("*");
  }
  add("/");
  add(size);
}

void ContentRange::add(std::string_view text) {
  std::copy(text.begin(), text.end(), text_ + size_);
  size_ += text.size();
}

void ContentRange::add(std::uint64_t number) {
  const auto end = std::to_chars(text_ + size_, text_ + sizeof text_, number).ptr;
  size_ = static_cast<std::size_t>(end - text_);
}

bool accepts_coding(const RequestHead& request, std::string_view coding) {
  std::optional<bool> any;
  for (const Field field : request.fields) {
    if (!same_token(field.name, "Accept-Encoding")) continue;
    std::string_view list = field.value;
    while (const auto element = next_element(list)) {
      std::string_view rest = *element;
      const std::string_view name = without_spaces(take_until(rest, ';'));
      const std::string_view weight = without_spaces(rest);
      // "q=0", "q=0.000"
      const bool refused = same_token(before(weight, 2), "q=") && weight.size() > 2 &&
                           behind(weight, 2).find_first_not_of("0.") == weight.npos;
      if (same_token(name, coding)) return !refused;
      if (name == "*") any = !refused;
    }
  }
  return any.value_or(false);
}

}  // namespace bobbin::http
