// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include "poem.hpp"

namespace poetry {

class PoemClient;

// Listens to a poem until its server ends.
class PoemProtocol final : public Protocol {
 public:
  explicit PoemProtocol(PoemClient& client) : client_(client) {}
  std::size_t data_received(Bytes data) override;

 private:
  PoemClient& client_;
};

// The connection that a poem comes by; who derives from this hears how it ended.
class PoemClient : public bobbin::TcpClient<PoemProtocol, listening, PoemClient> {
 protected:
  PoemClient() : TcpClient(*this) {}
  ~PoemClient() = default;

  Error connect(Reactor& reactor, Poem& poem) {
    poem_ = &poem;
    return reactor.connect_tcp(poem.server(), *this);
  }

 private:
  friend class PoemProtocol;

  virtual void poem_is_too_long() = 0;

  Poem* poem_ = nullptr;
};

inline std::size_t PoemProtocol::data_received(Bytes data) {
  if (!client_.poem_->add(data)) client_.poem_is_too_long();
  return data.size();
}

}  // namespace poetry
