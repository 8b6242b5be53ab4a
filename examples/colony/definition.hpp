// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <bobbin/net/json.hpp>
#include <bobbin/posix/process_service.hpp>

namespace colony {

// What is wrong with a file, and where in it.
struct Complaint {
  std::string_view what;
  std::size_t offset = 0;
};

// What a file says of a process, in memory of its own:
//
//   {"command": ["echod", "--port", "7777"],
//    "environment": {"PATH": "/usr/bin"}, "directory": "/tmp", "user": 1000, "group": 1000,
//    "stop_within": 5}
//
// The command is needed. Without an environment it is ours. What has another name is refused, as it
// is likely to be a mistake.
class Definition {
 public:
  Definition() = default;
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

  // After a complaint there is nothing that could be used.
  std::optional<Complaint> read(std::string_view text);

  // Refers to this.
  bobbin::ProcessOptions program() const;
  bobbin::Duration stop_within() const { return stop_within_; }

 private:
  static constexpr std::size_t strings_max = 32;
  // The last one stays null.
  struct Strings {
    const char* places[strings_max + 1];
    std::size_t count;
  };

  std::string_view read_member(bobbin::JsonReader& json);
  std::string_view read_command(bobbin::JsonReader& json);
  std::string_view read_environment(bobbin::JsonReader& json);
  std::string_view read_directory(bobbin::JsonReader& json);
  static std::string_view read_id(bobbin::JsonReader& json, std::optional<std::uint32_t>& id);
  std::string_view read_time(bobbin::JsonReader& json);
  const char* keep(bobbin::JsonString string, char end = '\0');

  char text_[4096];
  std::size_t used_ = 0;
  Strings command_{};
  std::optional<Strings> environment_;
  const char* directory_ = nullptr;
  std::optional<std::uint32_t> user_;
  std::optional<std::uint32_t> group_;
  bobbin::Duration stop_within_{};
};

}  // namespace colony
