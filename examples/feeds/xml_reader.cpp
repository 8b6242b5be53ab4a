// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "xml_reader.hpp"

#include <algorithm>
#include <charconv>

#include "text.hpp"

namespace feeds {

namespace {

// Of a reference, such as "&#x1F600;"; longer ones with zeros in front mean nothing here.
constexpr std::size_t reference_max = 12;

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool ends_name(char c) { return Text::is_space(c) || c == '/' || c == '>' || c == '='; }

// XML 1.0, section 2.2.
bool is_character(std::uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::string_view in_utf8(std::uint32_t code, std::array<char, 4>& place) {
  if (!is_character(code)) return replacement;
  const auto tail = [code](unsigned shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    place = {static_cast<char>(code)};
    return {place.data(), 1};
  }
  if (code < 0x800) {
    place = {static_cast<char>(0xC0 | code >> 6), tail(0)};
    return {place.data(), 2};
  }
  if (code < 0x10000) {
    place = {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
    return {place.data(), 3};
  }
  place = {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
  return {place.data(), 4};
}

// What stands between '&' and ';' means; empty if nobody knows.
std::string_view meaning_of(std::string_view name, std::array<char, 4>& place) {
  if (name == "amp") return "&";
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "quot") return "\"";
  if (name == "apos") return "'";
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const int base = name.starts_with('x') ? 16 : 10;
  if (base == 16) name.remove_prefix(1);
  std::uint32_t code = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, code, base);
  if (name.empty() || parsed.ptr != end) return {};
  return parsed.ec == std::errc() ? in_utf8(code, place) : replacement;
}

}  // namespace

std::string_view describe(XmlFault fault) {
  switch (fault) {
    case XmlFault::none: return "no fault";
    case XmlFault::no_element: return "no element found";
    case XmlFault::malformed: return "malformed XML";
    case XmlFault::too_deep: return "XML too deep";
  }
  return "?";
}

// One reference, or what stands in front of the next.
std::string_view XmlReader::take_piece(std::string_view& left, std::array<char, 4>& place) {
  const std::size_t plain = std::min(left.find('&'), left.size());
  const std::size_t end = plain == 0 ? left.substr(0, reference_max).find(';') : left.npos;
  if (end != left.npos) {
    const std::string_view meaning = meaning_of(left.substr(1, end - 1), place);
    if (!meaning.empty()) {
      left.remove_prefix(end + 1);
      return meaning;
    }
  }
  const std::string_view taken = left.substr(0, plain == 0 ? 1 : plain);
  left.remove_prefix(taken.size());
  return taken;
}

XmlReader::XmlReader(std::string_view document) : rest_(document) {
  take("\xEF\xBB\xBF");  // the mark of UTF-8
}

XmlToken XmlReader::next() {
  if (fault_ != XmlFault::none) return XmlToken::malformed;
  if (is_empty_) return close();
  while (!rest_.empty()) {
    if (take("<?")) {
      if (!pass_over("?>")) return fail(XmlFault::malformed);
    } else if (take("<!--")) {
      if (!pass_over("-->")) return fail(XmlFault::malformed);
    } else if (take("<![CDATA[")) {
      return read_literal();
    } else if (take("<!DOCTYPE")) {
      if (!pass_doctype()) return fail(XmlFault::malformed);
    } else if (take("</")) {
      return read_end();
    } else if (take("<")) {
      return read_start();
    } else if (depth_ > 0) {
      return read_text();
    } else if (!pass_blank()) {
      return fail(XmlFault::malformed);
    }
  }
  return at_end();
}

XmlToken XmlReader::fail(XmlFault fault) {
  fault_ = fault;
  return XmlToken::malformed;
}

XmlToken XmlReader::at_end() {
  if (depth_ > 0) return fail(XmlFault::malformed);
  return has_root_ ? XmlToken::finished : fail(XmlFault::no_element);
}

XmlToken XmlReader::read_text() {
  text_ = rest_.substr(0, rest_.find('<'));
  rest_.remove_prefix(text_.size());
  is_literal_ = false;
  return XmlToken::text;
}

XmlToken XmlReader::read_literal() {
  is_literal_ = true;
  const bool is_whole = take_up_to("]]>", text_);
  return is_whole && depth_ > 0 ? XmlToken::text : fail(XmlFault::malformed);
}

XmlToken XmlReader::read_start() {
  const bool is_second_root = depth_ == 0 && has_root_;
  name_ = take_name();
  if (name_.empty() || is_second_root) return fail(XmlFault::malformed);
  if (depth_ == depth_max) return fail(XmlFault::too_deep);
  pass_space();
  while (!take(">")) {
    is_empty_ = take("/>");
    if (is_empty_) break;
    if (!pass_attribute()) return fail(XmlFault::malformed);
    pass_space();
  }
  has_root_ = true;
  open_[depth_++] = name_;
  return XmlToken::start;
}

XmlToken XmlReader::read_end() {
  name_ = take_name();
  pass_space();
  const bool matches = depth_ > 0 && open_[depth_ - 1] == name_;
  return matches && take(">") ? close() : fail(XmlFault::malformed);
}

XmlToken XmlReader::close() {
  is_empty_ = false;
  --depth_;
  return XmlToken::end;
}

bool XmlReader::take(std::string_view expected) {
  const bool is_there = rest_.starts_with(expected);
  if (is_there) rest_.remove_prefix(expected.size());
  return is_there;
}

bool XmlReader::take_up_to(std::string_view mark, std::string_view& taken) {
  const std::size_t end = rest_.find(mark);
  if (end == rest_.npos) return false;
  taken = rest_.substr(0, end);
  rest_.remove_prefix(end + mark.size());
  return true;
}

bool XmlReader::pass_over(std::string_view mark) {
  std::string_view passed;
  return take_up_to(mark, passed);
}

bool XmlReader::pass_doctype() {
  std::string_view passed;
  return take_up_to(">", passed) && passed.find('[') == passed.npos && !has_root_;
}

bool XmlReader::pass_attribute() {
  if (take_name().empty()) return false;
  pass_space();
  if (!take("=")) return false;
  pass_space();
  std::string_view value;
  if (take("\"")) return take_up_to("\"", value) && value.find('<') == value.npos;
  return take("'") && take_up_to("'", value) && value.find('<') == value.npos;
}

std::string_view XmlReader::take_name() {
  const auto end = std::find_if(rest_.begin(), rest_.end(), ends_name);
  const std::string_view name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  if (name.find_first_of("<>&\"'") != name.npos) return {};
  rest_.remove_prefix(name.size());
  return name;
}

// Around the root there is nothing but white space.
bool XmlReader::pass_blank() {
  pass_space();
  return rest_.empty() || rest_.starts_with('<');
}

void XmlReader::pass_space() {
  while (!rest_.empty() && Text::is_space(rest_.front())) rest_.remove_prefix(1);
}

}  // namespace feeds
