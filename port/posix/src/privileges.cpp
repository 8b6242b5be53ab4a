// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/privileges.hpp>

#include <grp.h>
#include <unistd.h>

#include <cerrno>

#include "system_error.hpp"

namespace bobbin {

namespace {

// The present directory would lead out of the new root.
Error change_root(const char* root) {
  if (chroot(root) != 0 || chdir("/") != 0) return error_of(errno);
  return {};
}

Error set_group(gid_t group) {
  if (setgroups(0, nullptr) != 0 || setgid(group) != 0) return error_of(errno);
  gid_t real = 0;
  gid_t effective = 0;
  gid_t saved = 0;
  if (getresgid(&real, &effective, &saved) != 0) return error_of(errno);
  const bool all = real == group && effective == group && saved == group;
  return all && getgroups(0, nullptr) == 0 ? Errc::ok : Errc::permission_denied;
}

// Root can always change its groups, so that is tried once the user is another.
Error set_user(uid_t user, gid_t group) {
  if (setuid(user) != 0) return error_of(errno);
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (getresuid(&real, &effective, &saved) != 0) return error_of(errno);
  if (real != user || effective != user || saved != user) return Errc::permission_denied;
  if (user == 0) return {};
  const bool comes_back = setuid(0) == 0 || seteuid(0) == 0 || (group != 0 && setgid(0) == 0) ||
                          setgroups(0, nullptr) == 0;
  return comes_back ? Errc::permission_denied : Errc::ok;
}

}  // namespace

Error become(const Identity& identity) {
  if (identity.user && !identity.group) return Errc::invalid_argument;
  if (identity.root != nullptr) {
    if (const Error error = change_root(identity.root)) return error;
  }
  if (!identity.group) return {};
  if (const Error error = set_group(*identity.group)) return error;
  return identity.user ? set_user(*identity.user, *identity.group) : Error();
}

}  // namespace bobbin
