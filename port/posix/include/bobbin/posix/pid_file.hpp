// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstdint>
#include <string_view>

#include <bobbin/error.hpp>
#include <bobbin/posix/descriptor.hpp>

namespace bobbin {

// A file with the number of the process that runs, and a lock on it, by which it is known whether
// that process still does: the kernel lets go of it however the process ends. So a file that was
// left behind is replaced, whoever has its number now.
class PidFile {
 public:
  PidFile() = default;
  ~PidFile() { release(); }

  // Makes the file, or takes over one that nobody holds. `path` outlives this; a symbolic link at
  // its end is not followed. Errors: already_running, when a process holds it, see `holder`, and
  // when this does; invalid_argument, when there is something else than a file with a number in it,
  // which then stays as it is; address_not_available, permission_denied, no_capacity.
  Error acquire(const char* path);

  // The process that held it when `acquire` said so; 0 if it has not written its number yet.
  std::int32_t holder() const { return holder_; }

  bool held() const { return file_.open(); }

  // Removes the file. Where that is no longer allowed, because privileges were given up, it is
  // emptied.
  void release();

 private:
  Error open_and_lock(const char* name);
  Error write_number();
  bool still_there(const char* name) const;

  Descriptor directory_;  // so that it is found again from another root
  Descriptor file_;
  const char* name_ = nullptr;  // in the directory
  std::int32_t holder_ = 0;
};

}  // namespace bobbin
