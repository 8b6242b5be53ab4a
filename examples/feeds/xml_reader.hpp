// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace feeds {

enum class XmlToken : std::uint8_t {
  start,  // of an element; `<a/>` is a start and an end
  end,
  text,       // perhaps one of several pieces in a row
  finished,   // the document is whole; and again for every further call
  malformed,  // see `XmlReader::fault`; and again for every further call
};

enum class XmlFault : std::int32_t { none, no_element, malformed, too_deep };
std::string_view describe(XmlFault fault);

// Reads an XML document token by token, as it is asked to, and as much of XML as feeds need: tags
// that match, text, CDATA. Attributes, comments, instructions and a plain DOCTYPE are passed over;
// one that defines entities is malformed, as what those could make of a text has no bound. Nothing
// is copied, and no more is kept than the names of the elements that are open. The document stays
// where it is.
class XmlReader {
 public:
  static constexpr std::size_t depth_max = 16;

  explicit XmlReader(std::string_view document);

  XmlToken next();

  // Of the element that began or ended last.
  std::string_view name() const { return name_; }

  // Of the last text, as it is written; `each_piece` says what it means.
  std::string_view text() const { return text_; }

  // Calls `write(std::string_view)` with one piece after the other of what the last text means. A
  // reference to an entity that XML does not know stays as it is written.
  template <class Write>
  void each_piece(Write write) const {
    if (is_literal_) return write(text_);
    std::array<char, 4> place;
    for (std::string_view left = text_; !left.empty();) write(take_piece(left, place));
  }

  // The elements that are open, the outermost first.
  std::size_t depth() const { return depth_; }
  std::string_view open(std::size_t level) const { return open_[level]; }

  XmlFault fault() const { return fault_; }

 private:
  static std::string_view take_piece(std::string_view& left, std::array<char, 4>& place);

  XmlToken fail(XmlFault fault);
  XmlToken at_end();
  XmlToken read_text();
  XmlToken read_literal();
  XmlToken read_start();
  XmlToken read_end();
  XmlToken close();
  bool take(std::string_view expected);
  bool take_up_to(std::string_view mark, std::string_view& taken);
  bool pass_over(std::string_view mark);
  bool pass_doctype();
  bool pass_attribute();
  std::string_view take_name();
  bool pass_blank();
  void pass_space();

  std::string_view rest_;
  std::string_view name_;
  std::string_view text_;
  std::array<std::string_view, depth_max> open_;
  std::size_t depth_ = 0;
  XmlFault fault_ = XmlFault::none;
  bool is_literal_ = false;  // the last text: CDATA
  bool is_empty_ = false;    // the last element: its end is due
  bool has_root_ = false;
};

}  // namespace feeds
