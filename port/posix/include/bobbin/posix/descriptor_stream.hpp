// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/channel.hpp>
#include <bobbin/clock.hpp>
#include <bobbin/error.hpp>
#include <bobbin/posix/watched.hpp>

namespace bobbin {

class PosixReactor;

// Bytes that come from one descriptor and go to another, or the same, with read(2) and write(2): a
// terminal, a serial line, pipes, files. Descriptors that are always ready, as those of files are,
// work too; reading a slow file keeps the reactor waiting.
//
// It is the caller's, and holds what has to be put back at the end. `PosixReactor::open_stream`
// gives it to a connector, whose connection it is until that is lost; then it may be opened again.
// It must outlive that connection. Use one of those derived from it.
//
// Input that ends is `read_connection_lost`, as for any connection. When nobody reads the output
// any more, or the terminal has hung up, the connection is lost; SIGPIPE is not raised.
class DescriptorStream : private Channel {
 public:
  bool in_use() const { return reactor_ != nullptr; }

 protected:
  // One of them may be missing: nothing ever comes then, or nothing is to be written.
  struct Descriptors {
    int input = -1;
    int output = -1;
  };

  // Whether input that ends means that the other end is gone.
  enum class AtEnd : std::uint8_t { half_closed, hung_up };

  explicit DescriptorStream(AtEnd at_end) : Channel(Receiving::copies), at_end_(at_end) {}
  ~DescriptorStream();

  // Supplies the descriptors, which must not block from now on. After an error nothing has changed.
  virtual Result<Descriptors> acquire() = 0;
  // Puts back how they were, and closes what `acquire` opened. `aborted`: what was not sent yet
  // need not be.
  enum class Ending : std::uint8_t { orderly, aborted };
  virtual void give_back(const Descriptors& descriptors, Ending ending) = 0;
  // Lets the reader of the output see its end, as `give_back` may come much later.
  virtual void end_output(int output) = 0;
  // Bytes that the system has taken and not sent, if that can be known, and how long so many take.
  virtual std::size_t waiting_to_be_sent(int) const { return 0; }
  virtual Duration sending_time(std::size_t) const { return {}; }

 private:
  friend class PosixReactor;

  struct End final : Watched {
    explicit End(DescriptorStream& stream_in) : stream(stream_in) {}
    void ready(std::uint32_t events) override { stream.ready(*this, events); }
    using Watched::expect;

    DescriptorStream& stream;
    bool watched = false;  // else it is always ready
  };

  enum class Output : std::uint8_t { flowing, blocked, shut };

  Result<Channel*> start(PosixReactor& reactor, Selectable& owner);
  Error watch_both();
  void forget_both();
  bool in_one() const { return descriptors_.input == descriptors_.output; }
  End& output_end() { return in_one() ? input_end_ : output_end_; }

  void ready(const End& end, std::uint32_t events);
  void set_lost();
  void wait_for_room();
  std::size_t newly_sent();
  void let_go(Ending ending);

  ReadResult read(MutableBytes space) override;
  WriteResult write(const TwoSpans& bytes) override;
  void shut_down_writing() override;
  void close() override { let_go(Ending::orderly); }
  void abort() override { let_go(Ending::aborted); }
  Error finish_connect() override { return {}; }
  Address host() const override { return {}; }
  Address peer() const override { return {}; }

  AtEnd at_end_;
  Output output_ = Output::flowing;
  std::size_t being_sent_ = 0;  // handed over and not released
  DelayedCall sent_;
  Descriptors descriptors_;
  End input_end_{*this};
  End output_end_{*this};
  PosixReactor* reactor_ = nullptr;
  Selectable* owner_ = nullptr;
};

// Descriptors of the caller's: two, or one that is given twice. They stay open, and at the end get
// back the one flag that is changed, O_NONBLOCK, which belongs to all who share the open file: a
// shell is confused by it. A program that is killed cannot put it back.
//
// `lose_write_connection` ends the output for its reader: the descriptor then leads to /dev/null.
// On a socket only its own direction is shut down; on a single descriptor that is no socket nothing
// happens, as there would be none left to read from.
//
// Errors of `open_stream`: invalid_argument for descriptors that are not open, or not for reading
// or writing; already_registered where one is in use by this reactor.
class BorrowedDescriptors : public DescriptorStream {
 protected:
  BorrowedDescriptors(int input, int output)
      : DescriptorStream(AtEnd::half_closed), input_(input), output_(output) {}
  ~BorrowedDescriptors() = default;

 private:
  Result<Descriptors> acquire() override;
  void give_back(const Descriptors& descriptors, Ending ending) override;
  void end_output(int output) override;

  int input_;
  int output_;
  bool input_blocked_ = false;  // before we came
  bool output_blocked_ = false;
};

class DescriptorPair final : public BorrowedDescriptors {
 public:
  DescriptorPair(int input, int output) : BorrowedDescriptors(input, output) {}
};

// Standard input and standard output (Twisted's StandardIO).
class StandardIo final : public BorrowedDescriptors {
 public:
  StandardIo() : BorrowedDescriptors(0, 1) {}
};

}  // namespace bobbin
