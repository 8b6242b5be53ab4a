// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>

#include "network.hpp"

// Lines, some of which are sent back, and raw bytes between them.

namespace {

using namespace bobbin;

constexpr LineFormat format{.length_max = 14};

// What a line does follows from the line alone: 'r' and a character goes to raw mode for so many
// bytes, 'e' is sent back.
std::size_t raw_bytes_after(std::string_view line) {
  return line.size() == 2 && line[0] == 'r' ? static_cast<std::size_t>(line[1]) % 32 : 0;
}
bool is_echoed(std::string_view line) { return line.starts_with('e'); }

class Server final : public fuzz::Moody<LineReceiver<format>> {
 public:
  explicit Server(fuzz::Story& story) : Moody(story) {}

  Taken line_received(Bytes line) override {
    const std::string_view text = text_of(line);
    if (puts_off() || (is_echoed(text) && !send_line(line))) return Taken::not_now;
    story().found.push_back("line " + std::string(text));
    raw_ = raw_bytes_after(text);
    if (raw_ > 0) set_raw_mode();
    return Taken::yes;
  }

  std::size_t raw_data_received(Bytes data) override {
    if (story().next_mood() == 1) {
      nap();
      return 0;
    }
    const std::size_t used = std::min(raw_, data.size());
    for (const char c : text_of(data.first(used))) {
      story().found.push_back(std::string("raw ") + c);
    }
    raw_ -= used;
    if (raw_ == 0) set_line_mode();
    return used;
  }

  void line_length_exceeded(Bytes beginning) override {
    story().found.push_back("too long " + std::string(text_of(beginning)));
    if (story().next_mood() == 3) nap();
  }

 private:
  std::size_t raw_ = 0;
};

test::Found right(std::string_view stream, std::string& echoed) {
  test::Found found;
  for (;;) {
    const std::size_t end = stream.find("\r\n");
    if (end > format.length_max && stream.size() >= format.size_max()) {
      found.push_back("too long " + std::string(stream.substr(0, format.length_max)));
    }
    if (end == stream.npos) return found;
    const std::string line(stream.substr(0, end));
    stream.remove_prefix(end + 2);
    if (line.size() > format.length_max) continue;
    found.push_back("line " + line);
    if (is_echoed(line)) echoed += line + "\r\n";
    for (std::size_t raw = raw_bytes_after(line); raw > 0 && !stream.empty(); --raw) {
      found.push_back(std::string("raw ") + stream[0]);
      stream.remove_prefix(1);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::check_on_a_network<Server>(fuzz::Input(data, size), right);
  return 0;
}
