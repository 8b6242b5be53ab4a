// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/posix/descriptor_stream.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <bobbin/assert.hpp>
#include <bobbin/posix/descriptor.hpp>
#include <bobbin/posix/posix_reactor.hpp>

#include "quiet_pipe.hpp"
#include "system_error.hpp"

namespace bobbin {

namespace {

ssize_t write_pieces(int descriptor, const TwoSpans& bytes) {
  const iovec pieces[] = {
      {const_cast<std::byte*>(bytes.first.data()), bytes.first.size()},
      {const_cast<std::byte*>(bytes.second.data()), bytes.second.size()},
  };
  const QuietPipe quiet;
  ssize_t count = 0;
  do {
    count = writev(descriptor, pieces, 2);
  } while (count < 0 && errno == EINTR);
  return count;
}

// Makes it not block. Whether it did; errors: invalid_argument when it is not open for `access`.
Result<bool> unblock(int descriptor, int access) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return error_of(errno);
  const int opened_for = flags & O_ACCMODE;
  const bool fits = opened_for == O_RDWR || opened_for == access;
  if (!fits || (flags & O_PATH) != 0) return Error(Errc::invalid_argument, EBADF);
  if ((flags & O_NONBLOCK) != 0) return false;
  if (fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) return error_of(errno);
  return true;
}

void block(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags >= 0) fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace

DescriptorStream::~DescriptorStream() { BOBBIN_ASSERT(!in_use()); }

Result<Channel*> DescriptorStream::start(PosixReactor& reactor, Selectable& owner) {
  const Result<Descriptors> acquired = acquire();
  if (!acquired) return acquired.error();
  descriptors_ = *acquired;
  reactor_ = &reactor;
  owner_ = &owner;
  output_ = Output::flowing;
  being_sent_ = 0;
  set_whole();
  if (Error error = watch_both()) {
    let_go(Ending::aborted);
    return error;
  }
  // The connection is there, and the input of a file is too, of which no event will tell.
  reactor.mark_readable(owner);
  return static_cast<Channel*>(this);
}

// What epoll has no events for is always ready: EPERM.
Error DescriptorStream::watch_both() {
  using Interest = PosixReactor::Interest;
  const auto watch = [this](int descriptor, End& end, Interest interest) {
    if (descriptor < 0) return Error();
    const Error error = reactor_->watch(descriptor, end, interest);
    end.watched = !error;
    return error.native == EPERM ? Error() : error;
  };
  if (in_one()) return watch(descriptors_.input, input_end_, Interest::input_and_room);
  if (Error error = watch(descriptors_.input, input_end_, Interest::input)) return error;
  return watch(descriptors_.output, output_end_, Interest::room);
}

void DescriptorStream::forget_both() {
  if (input_end_.watched) reactor_->forget(descriptors_.input);
  if (output_end_.watched) reactor_->forget(descriptors_.output);
  input_end_.watched = output_end_.watched = false;
}

// An error of the output is that nobody reads it. A descriptor for both that is hung up has bytes
// to read still; who does not read hears of it when it is written to.
void DescriptorStream::ready(const End& end, std::uint32_t events) {
  constexpr std::uint32_t over = POLLERR | POLLHUP;
  if (&end == &input_end_ && (events & (POLLIN | POLLPRI | POLLRDHUP | over)) != 0) {
    reactor_->mark_readable(*owner_);
  }
  if (&end == &output_end_ && (events & POLLERR) != 0) set_lost();
  if (output_ == Output::blocked && (events & (POLLOUT | over)) != 0) {
    reactor_->mark_writable(*owner_);
  }
}

void DescriptorStream::set_lost() {
  set_broken();
  reactor_->mark_readable(*owner_);
  reactor_->mark_writable(*owner_);
}

Channel::ReadResult DescriptorStream::read(MutableBytes space) {
  using Status = ReadResult::Status;
  if (broken()) return {.status = Status::failed, .error = lost_for(EPIPE)};
  if (descriptors_.input < 0) return {.status = Status::drained};
  ssize_t count = 0;
  do {
    count = ::read(descriptors_.input, space.data(), space.size());
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {.bytes = static_cast<std::size_t>(count), .status = Status::more};
  if (count == 0 && at_end_ == AtEnd::half_closed) return {.status = Status::ended};
  if (count == 0) return {.status = Status::failed, .error = lost_for(EIO)};
  if (errno != EAGAIN) return {.status = Status::failed, .error = lost_for(errno)};
  input_end_.expect(POLLIN | POLLPRI);
  return {.status = Status::drained};
}

Channel::WriteResult DescriptorStream::write(const TwoSpans& bytes) {
  if (broken()) return {.error = lost_for(EPIPE)};
  const std::size_t offered = bytes.size();
  if (offered == 0) return {.released = newly_sent()};
  const ssize_t count = write_pieces(descriptors_.output, bytes);
  if (count < 0 && errno != EAGAIN) return {.error = lost_for(errno)};
  const std::size_t taken = count < 0 ? 0 : static_cast<std::size_t>(count);
  output_ = Output::flowing;
  if (taken < offered) wait_for_room();
  being_sent_ += taken;
  return {.handed = taken, .released = newly_sent()};
}

// No event tells when bytes are on the wire; when they can be is known.
std::size_t DescriptorStream::newly_sent() {
  constexpr Duration least = std::chrono::milliseconds(1);
  const std::size_t waiting = std::min(being_sent_, waiting_to_be_sent(descriptors_.output));
  std::size_t sent = being_sent_ - waiting;
  if (waiting > 0 && !sent_.active()) {
    const Duration time = std::max(sending_time(waiting), least);
    const Result<DelayedCall> call =
        reactor_->call_later(time, [this] { reactor_->mark_writable(*owner_); });
    if (call) sent_ = *call;
  }
  if (!sent_.active()) sent = being_sent_;
  being_sent_ -= sent;
  return sent;
}

// What is always ready took less because it will take no more: the next call says why.
void DescriptorStream::wait_for_room() {
  if (!output_end().watched) return reactor_->mark_writable(*owner_);
  output_ = Output::blocked;
  output_end().expect(POLLOUT);
}

void DescriptorStream::shut_down_writing() {
  output_ = Output::shut;
  if (!in_one() && output_end_.watched) {
    reactor_->forget(descriptors_.output);
    output_end_.watched = false;
  }
  end_output(descriptors_.output);
}

void DescriptorStream::let_go(Ending ending) {
  sent_.cancel();
  forget_both();
  reactor_ = nullptr;
  owner_ = nullptr;
  give_back(descriptors_, ending);
}

// If both are one open file, the second does not block any more when it is asked, and is not
// put back twice.
Result<DescriptorStream::Descriptors> BorrowedDescriptors::acquire() {
  const Result<bool> input = unblock(input_, O_RDONLY);
  if (!input) return input.error();
  const Result<bool> output = unblock(output_, O_WRONLY);
  if (!output) {
    if (*input) block(input_);
    return output.error();
  }
  input_blocked_ = *input;
  output_blocked_ = *output;
  return Descriptors{.input = input_, .output = output_};
}

void BorrowedDescriptors::give_back(const Descriptors&, Ending) {
  if (input_blocked_) block(input_);
  if (output_blocked_) block(output_);
}

void BorrowedDescriptors::end_output(int output) {
  if (shutdown(output, SHUT_WR) == 0 || input_ == output_) return;
  const Descriptor nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!nowhere.open()) return;  // then its reader waits until the program ends
  if (output_blocked_) block(output);
  output_blocked_ = false;
  dup2(nowhere.number(), output);
}

}  // namespace bobbin
