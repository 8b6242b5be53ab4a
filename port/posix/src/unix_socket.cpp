// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "unix_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <bobbin/config.hpp>
#include <bobbin/posix/descriptor.hpp>

#include "socket.hpp"
#include "socket_address.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

constexpr std::uint32_t all_permissions = 0777;

// A path as system calls take it.
class Path {
 public:
  explicit Path(std::string_view path) { std::memcpy(text_.data(), path.data(), path.size()); }

  // Of the directory it lies in.
  static Path directory_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return Path(".");
    return Path(path.substr(0, slash == 0 ? 1 : slash));
  }

  const char* get() const { return text_.data(); }

 private:
  std::array<char, config::unix_path_bytes + 1> text_{};
};

bool is_file(const Address& name) { return !name.path().empty() && name.path().front() != '\0'; }

// The socket a path leads to; number 0 if it is none, or not there.
SocketFile socket_file_at(const char* path) {
  struct stat status {};
  if (lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return {};
  return {.device = status.st_dev, .number = status.st_ino};
}

// Held while it is open. Errors: as `error_of`.
Result<int> lock_directory(const char* path) {
  Descriptor directory(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open()) return error_of(errno);
  while (flock(directory.number(), LOCK_EX) != 0) {
    if (errno != EINTR) return error_of(errno);
  }
  return directory.release();
}

// Only a refusal says that nobody listens. A full backlog is somebody's, and so may be what we are
// not allowed to connect to, or a socket of another type.
bool nobody_listens(const Address& name) {
  const Result<int> opened = open_unix_socket();
  if (!opened) return false;
  const Descriptor probe(*opened);
  return connect_socket(probe.number(), name) == ECONNREFUSED;
}

bool remove_if_stale(const Address& name) {
  const Path path(name.path());
  if (socket_file_at(path.get()).number == 0 || !nobody_listens(name)) return false;
  return unlink(path.get()) == 0;
}

// 0, or errno.
int bind_to(int socket, const Address& name) {
  const SocketAddress at = to_socket_address(name);
  return bind(socket, at.get(), at.length) == 0 ? 0 : errno;
}

// The mode is set twice: the file is made with what the umask leaves of it, and nobody can connect
// before `listen`. 0, or errno, and then there is no file.
int bind_to_file(int socket, const Address& name, const SocketFileOptions& options) {
  if (fchmod(socket, options.mode) != 0) return errno;
  int failure = bind_to(socket, name);
  if (failure == EADDRINUSE && options.remove_stale && remove_if_stale(name)) {
    failure = bind_to(socket, name);
  }
  if (failure != 0) return failure;
  const Path path(name.path());
  if (chmod(path.get(), options.mode) == 0) return 0;
  failure = errno;
  unlink(path.get());
  return failure;
}

}  // namespace

Result<int> open_unix_socket() {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return error_of(errno);
  return socket;
}

Result<UnixListener> open_unix_listener(const Address& name, const ListenOptions& options,
                                        const SocketFileOptions& file) {
  if (name.family() != Address::Family::unix_path || options.share_port) return Errc::not_supported;
  if ((file.mode & ~all_permissions) != 0) return Errc::invalid_argument;
  const Result<int> opened = open_unix_socket();
  if (!opened) return opened.error();
  Descriptor socket(*opened);
  Descriptor lock;
  if (is_file(name) && file.remove_stale) {
    const Result<int> locked = lock_directory(Path::directory_of(name.path()).get());
    if (!locked) return locked.error();
    lock.reset(*locked);
  }
  const int failure =
      is_file(name) ? bind_to_file(socket.number(), name, file) : bind_to(socket.number(), name);
  if (failure != 0) return error_of(failure);
  UnixListener result;
  if (is_file(name)) result.file = socket_file_at(Path(name.path()).get());
  if (listen(socket.number(), options.backlog) != 0) {
    const Error error = error_of(errno);
    remove_socket_file(socket.number(), result.file);
    return error;
  }
  result.socket = socket.release();
  return result;
}

void remove_socket_file(int socket, const SocketFile& file) {
  if (file.number == 0) return;
  const Path path(host_of(socket).path());
  const SocketFile now = socket_file_at(path.get());
  if (now.device == file.device && now.number == file.number) unlink(path.get());
}

}  // namespace bobbin
