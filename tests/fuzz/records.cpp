// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <string>

#include "network.hpp"

// Records of a few sizes, each of which is sent back.

namespace {

using namespace bobbin;

template <std::size_t size>
class Server final : public fuzz::Moody<RecordReceiver<size>> {
 public:
  using Record = typename RecordReceiver<size>::Record;

  explicit Server(fuzz::Story& story) : fuzz::Moody<RecordReceiver<size>>(story) {}

  Taken record_received(Record record) override {
    if (this->puts_off() || !this->send_record(record)) return Taken::not_now;
    this->story().found.emplace_back(text_of(record));
    return Taken::yes;
  }
};

template <std::size_t size>
void check_records(const fuzz::Input& input) {
  const auto right = [](std::string_view stream, std::string& echoed) {
    test::Found found;
    for (; stream.size() >= size; stream.remove_prefix(size)) {
      found.emplace_back(stream.substr(0, size));
      echoed += found.back();
    }
    return found;
  };
  fuzz::check_on_a_network<Server<size>>(input, right);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  switch (input.cut / 16 % 4) {
    case 0: check_records<1>(input); break;
    case 1: check_records<3>(input); break;
    case 2: check_records<8>(input); break;
    default: check_records<16>(input); break;
  }
  return 0;
}
