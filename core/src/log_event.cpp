// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/log_event.hpp>

namespace bobbin {

std::string_view describe(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
    case LogLevel::critical: return "critical";
  }
  return "unknown";
}

bool LogFields::next(std::string_view& name, const LogValue*& value) {
  LogPiece piece;
  while (!rest_.empty() && scanner_.next(piece)) {
    if (!piece.is_value()) continue;
    name = piece.text;
    value = &rest_.front();
    rest_ = rest_.subspan(1);
    return true;
  }
  return false;
}

const LogValue* find_field(const LogEvent& event, std::string_view name) {
  LogFields fields(event);
  std::string_view found;
  const LogValue* value = nullptr;
  while (fields.next(found, value)) {
    if (found == name) return value;
  }
  return nullptr;
}

}  // namespace bobbin
