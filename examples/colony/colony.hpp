// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include <bobbin/posix.hpp>
#include <bobbin/posix/process_service.hpp>

#include "definition.hpp"

// A colony of processes, one for each file of a directory: begun when the file comes, begun anew
// when it changes, stopped when it goes, and restarted when the process ends, so often and no more.
//
//   the program ─┬─ the colony ─┬─ supervisor of a ── a
//                │              └─ supervisor of b ── b
//                └─ watch
namespace colony {

using namespace std::chrono_literals;

// Which contents a file has, as far as can be told from outside.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t changed_s = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

struct Settings {
  const char* directory = nullptr;
  bobbin::Duration poll = 1s;
  bobbin::SupervisorOptions restarts;
};

class Worker final : public bobbin::ProcessService {
 public:
  Worker(std::string_view name, bobbin::PosixReactor& reactor, bobbin::Process& process,
         const Definition& definition, const bobbin::Logger& log)
      : ProcessService(name, reactor, process, definition.program(),
                       {.failing = Options::Failing::all, .stop_within = definition.stop_within()}),
        log_(log) {}

 private:
  void connection_made() override { log_.info("{service} is process {pid}", name(), pid()); }

  const bobbin::Logger& log_;
};

// A place for a process and what is known of its file.
class Member {
 public:
  static constexpr std::size_t restarts_max = 5;
  static constexpr std::size_t name_max = 64;

  bool free() const { return state_ == State::free; }
  std::string_view name() const { return {title_ + prefix.size(), name_length_}; }

  // Without a process, as its file is of no use: so that this is told of once.
  void occupy(std::string_view name, const FileState& file);
  // Its definition was read.
  bobbin::Error run(bobbin::PosixReactor& reactor, bobbin::MultiService& colony,
                    const Settings& settings, const bobbin::Logger& log);
  // Is free when it has stopped.
  void leave(bobbin::MultiService& colony);

  Definition definition;
  FileState file;
  bool seen = false;

 private:
  enum class State : std::uint8_t { free, idle, runs, leaves };
  static constexpr std::string_view prefix = "supervisor of ";
  static constexpr std::size_t least = bobbin::connection_buffer_min;

  std::string_view title() const { return {title_, prefix.size() + name_length_}; }

  State state_ = State::free;
  char title_[prefix.size() + name_max];
  std::size_t name_length_ = 0;
  bobbin::ChildProcess<bobbin::ProcessSizes{least, least, least}> process_;
  std::optional<bobbin::Supervisor<restarts_max>> supervisor_;
  std::optional<Worker> worker_;
  bobbin::Deferred<void> left_;
};

class Colony final : public bobbin::MultiService {
 public:
  static constexpr std::size_t members_max = 32;

  // All outlive it.
  Colony(bobbin::PosixReactor& reactor, const bobbin::Logger& log, const Settings& settings)
      : MultiService("the colony", {.order = bobbin::ServiceOrder::at_once,
                                    .when_child_fails = bobbin::WhenChildFails::go_on}),
        reactor_(reactor),
        log_(log),
        settings_(settings) {}

  // Looks at the directory, and does what has become necessary. An error: it cannot be read, and
  // everything stays as it is.
  bobbin::Error look();

 private:
  void look_at(int directory, const char* file);
  void came(int directory, const char* file, std::string_view name, const FileState& state);
  void leave_out(std::string_view name);
  void changed(int directory, const char* file, Member& member, const FileState& state);
  bool read(int directory, const char* file, Definition& definition);
  Member* find(std::string_view name);

  bobbin::PosixReactor& reactor_;
  const bobbin::Logger& log_;
  const Settings& settings_;
  std::array<Member, members_max> members_;
  Definition next_;
  std::size_t left_out_ = 0;  // for want of room, in this look
  std::size_t left_out_before_ = 0;
};

}  // namespace colony
