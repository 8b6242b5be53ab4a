// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/logger.hpp>

namespace bobbin {

bool Logger::enabled(LogLevel level) const {
  return log_compiled(level) && publisher_ != nullptr && publisher_->wants(level, namespace_);
}

void Logger::emit(LogLevel level, std::string_view format, List values, Error failure) const {
  if (publisher_ == nullptr) return;
  LogEvent event{.level = level,
                 .log_namespace = namespace_,
                 .format = format,
                 .values = values,
                 .source = source_,
                 .failure = failure};
  publisher_->publish(event);
}

}  // namespace bobbin
