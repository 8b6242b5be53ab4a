// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <cstdint>

#include <bobbin/bytes.hpp>

namespace bobbin {

// What a decoder finds at the front of the bytes it is shown.
//
// Decoders know neither transport nor time and keep no bytes: what they are shown stays with the
// caller, who shows it again from the front, with more behind it, for as long as the answer is
// `partial`. Which messages are found does not depend on where the bytes were cut, and to look
// again costs nothing for what was looked at before.
struct Decoded {
  enum class Kind : std::uint8_t {
    partial,    // not all of a message is there yet
    whole,      // a message
    too_long,   // the front of a message longer than allowed
    malformed,  // no message of this kind: what follows means nothing
  };

  Kind kind = Kind::partial;
  // The bytes this takes from the front. Of a `partial` one they belong to a message that was
  // `too_long`, and are passed over; mostly there are none.
  std::size_t size = 0;
  // The message without its framing; of a too long one, its beginning.
  Bytes message{};
  // The length that was announced for a too long one; 0 if none was.
  std::size_t announced = 0;
};

// What a receiver says to a message that it is given.
enum class Taken : std::uint8_t {
  // It stays where it is and is given again when more bytes arrive, when the send ring has drained,
  // or after `resume_producing`. Meanwhile nothing behind it is given: so who cannot answer now
  // loses nothing and keeps nothing.
  not_now,
  yes,
  // As `yes`, and what follows is not for this receiver: it is offered again from the front, to
  // whatever protocol then gets it.
  last,
};

// `Taken::yes` if it could be done: `return taken_if(send_line(line));`
constexpr Taken taken_if(bool done) { return done ? Taken::yes : Taken::not_now; }

}  // namespace bobbin
