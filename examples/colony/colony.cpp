// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "colony.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <bobbin/posix/descriptor.hpp>

namespace colony {

namespace {

constexpr std::string_view suffix = ".json";
constexpr std::size_t file_max = 8192;

std::optional<FileState> state_of(int directory, const char* file) {
  struct stat status {};
  if (fstatat(directory, file, &status, 0) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileState{status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                   status.st_mtim.tv_nsec};
}

}  // namespace

void Member::occupy(std::string_view name, const FileState& file_in) {
  std::copy(prefix.begin(), prefix.end(), title_);
  std::copy(name.begin(), name.end(), title_ + prefix.size());
  name_length_ = name.size();
  file = file_in;
  seen = true;
  state_ = State::idle;
}

bobbin::Error Member::run(bobbin::PosixReactor& reactor, bobbin::MultiService& colony,
                          const Settings& settings, const bobbin::Logger& log) {
  worker_.reset();
  supervisor_.emplace(title(), reactor, settings.restarts);
  worker_.emplace(name(), reactor, process_, definition, log);
  if (const bobbin::Error error = supervisor_->add(*worker_)) return error;
  if (const bobbin::Error error = colony.add(*supervisor_)) return error;
  state_ = State::runs;
  return {};
}

void Member::leave(bobbin::MultiService& colony) {
  if (state_ == State::idle) state_ = State::free;
  if (state_ != State::runs) return;
  state_ = State::leaves;
  left_.reset();
  left_.add_both([this](const bobbin::Outcome<void>&) { state_ = State::free; });
  colony.remove(*supervisor_, left_);
}

bobbin::Error Colony::look() {
  DIR* const folder = opendir(settings_.directory);
  if (folder == nullptr) {
    log_.error("cannot read {directory}: {reason}", settings_.directory, std::strerror(errno));
    return bobbin::Errc::system_error;
  }
  for (Member& member : members_) member.seen = false;
  left_out_before_ = std::exchange(left_out_, 0);
  while (const dirent* const entry = readdir(folder)) look_at(dirfd(folder), entry->d_name);
  closedir(folder);
  for (Member& member : members_) {
    if (!member.seen) member.leave(*this);
  }
  return {};
}

void Colony::look_at(int directory, const char* file) {
  std::string_view name = file;
  if (name.starts_with('.') || !name.ends_with(suffix)) return;
  name.remove_suffix(suffix.size());
  const std::optional<FileState> state = state_of(directory, file);
  if (!state) return;
  Member* const member = find(name);
  if (member == nullptr) return came(directory, file, name, *state);
  member->seen = true;
  if (member->file != *state) changed(directory, file, *member, *state);
}

void Colony::came(int directory, const char* file, std::string_view name, const FileState& state) {
  const auto place = std::find_if(members_.begin(), members_.end(),
                                  [](const Member& member) { return member.free(); });
  if (place == members_.end() || name.size() > Member::name_max) return leave_out(name);
  place->occupy(name, state);
  if (!read(directory, file, place->definition)) return;
  if (const bobbin::Error error = place->run(reactor_, *this, settings_, log_)) {
    log_.error("{file} cannot run: {error}", name, error);
  }
}

// Told of when it is one more than there were.
void Colony::leave_out(std::string_view name) {
  if (++left_out_ > left_out_before_) log_.error("there is no room for {file}", name);
}

// What cannot be used leaves what runs as it is. When it has stopped it is as if the file came.
void Colony::changed(int directory, const char* file, Member& member, const FileState& state) {
  member.file = state;
  if (read(directory, file, next_)) member.leave(*this);
}

bool Colony::read(int directory, const char* file, Definition& definition) {
  const bobbin::Descriptor opened(openat(directory, file, O_RDONLY | O_CLOEXEC));
  char text[file_max];
  const ssize_t size = opened.open() ? ::read(opened.number(), text, sizeof text) : -1;
  if (size < 0 || static_cast<std::size_t>(size) == sizeof text) {
    log_.error("{file} is too long, or cannot be read", file);
    return false;
  }
  const auto complaint = definition.read({text, static_cast<std::size_t>(size)});
  if (!complaint) return true;
  log_.error("{file}: {complaint}, at byte {offset}", file, complaint->what, complaint->offset);
  return false;
}

Member* Colony::find(std::string_view name) {
  const auto found = std::find_if(members_.begin(), members_.end(), [name](const Member& member) {
    return !member.free() && member.name() == name;
  });
  return found == members_.end() ? nullptr : &*found;
}

}  // namespace colony
