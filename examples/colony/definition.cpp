// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "definition.hpp"

#include <chrono>
#include <limits>

namespace colony {

using bobbin::JsonReader;
using bobbin::JsonToken;

namespace {

// Of whole numbers, when it is none or out of range.
std::optional<std::uint32_t> number_in(JsonReader& json, std::uint32_t max) {
  if (json.next() != JsonToken::number) return std::nullopt;
  const auto number = json.number().as_integer();
  if (!number || *number < 0 || *number > max) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

constexpr std::string_view no_room = "more text or words than there is room for, or a zero in one";

}  // namespace

std::optional<Complaint> Definition::read(std::string_view text) {
  used_ = 0;
  command_ = {};
  environment_.reset();
  directory_ = nullptr;
  user_.reset();
  group_.reset();
  stop_within_ = std::chrono::seconds(5);
  JsonReader json(text);
  std::string_view wrong = json.next() == JsonToken::object ? "" : "an object is wanted";
  while (wrong.empty() && json.next() == JsonToken::key) wrong = read_member(json);
  if (wrong.empty() && command_.count == 0) wrong = "there is no command";
  if (wrong.empty()) json.next();
  if (json.token() == JsonToken::malformed) wrong = describe(json.fault());
  return wrong.empty() ? std::nullopt : std::optional<Complaint>({wrong, json.offset()});
}

// What is wrong, if anything is. What is malformed is found out by who asked.
std::string_view Definition::read_member(JsonReader& json) {
  const bobbin::JsonString key = json.string();
  if (key.is("command")) return read_command(json);
  if (key.is("environment")) return read_environment(json);
  if (key.is("directory")) return read_directory(json);
  if (key.is("user")) return read_id(json, user_);
  if (key.is("group")) return read_id(json, group_);
  if (key.is("stop_within")) return read_time(json);
  return "there is no such member";
}

std::string_view Definition::read_command(JsonReader& json) {
  command_ = {};
  if (json.next() != JsonToken::array) return "a command is an array";
  while (json.next() == JsonToken::string) {
    const char* const word = command_.count < strings_max ? keep(json.string()) : nullptr;
    if (word == nullptr) return no_room;
    command_.places[command_.count++] = word;
  }
  return json.token() == JsonToken::array_end ? "" : "a command is of strings";
}

std::string_view Definition::read_environment(JsonReader& json) {
  Strings& strings = environment_.emplace();
  if (json.next() != JsonToken::object) return "an environment is an object";
  while (json.next() == JsonToken::key) {
    const char* const name = strings.count < strings_max ? keep(json.string(), '=') : nullptr;
    if (json.next() != JsonToken::string) return "an environment is of strings";
    if (name == nullptr || keep(json.string()) == nullptr) return no_room;
    strings.places[strings.count++] = name;
  }
  return json.token() == JsonToken::object_end ? "" : "an environment is of strings";
}

std::string_view Definition::read_directory(JsonReader& json) {
  if (json.next() != JsonToken::string) return "a directory is a string";
  directory_ = keep(json.string());
  return directory_ != nullptr ? "" : no_room;
}

// The highest one means none to the system.
std::string_view Definition::read_id(JsonReader& json, std::optional<std::uint32_t>& id) {
  id = number_in(json, std::numeric_limits<std::uint32_t>::max() - 1);
  return id ? "" : "users and groups are whole numbers";
}

std::string_view Definition::read_time(JsonReader& json) {
  constexpr std::uint32_t day_s = 86'400;
  const auto seconds = number_in(json, day_s);
  stop_within_ = std::chrono::seconds(seconds.value_or(0));
  return seconds ? "" : "a time is in whole seconds, at most a day";
}

// A zero would end it for the system.
const char* Definition::keep(bobbin::JsonString string, char end) {
  const std::span<char> room = std::span<char>(text_).subspan(used_);
  const auto kept = string.copy_to(room);
  if (!kept || kept->size() == room.size()) return nullptr;
  if (kept->find('\0') != std::string_view::npos) return nullptr;
  room[kept->size()] = end;
  used_ += kept->size() + 1;
  return room.data();
}

bobbin::ProcessOptions Definition::program() const {
  using Leads = bobbin::ProcessOptions::Leads;
  bobbin::ProcessOptions options;
  options.program = command_.places[0];
  options.arguments = command_.places;
  options.environment = environment_ ? environment_->places : nullptr;
  options.directory = directory_;
  options.user = user_;
  options.group = group_;
  options.process_group = bobbin::ProcessOptions::Group::own;
  options.input = Leads::nowhere;
  options.output = Leads::where_ours_do;
  options.errors = Leads::where_ours_do;
  return options;
}

}  // namespace colony
