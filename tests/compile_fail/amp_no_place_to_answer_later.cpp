// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: to answer later takes a place of PeerLimits::answers

#include <string_view>

#include <bobbin/amp.hpp>

struct Name {
  static constexpr std::string_view name = "Name";
  using Arguments = bobbin::amp::Nothing;
  using Response = bobbin::amp::Nothing;
};

#ifdef BOBBIN_CONTROL
constexpr bobbin::amp::PeerLimits limits{.answers = 1};
#else
constexpr bobbin::amp::PeerLimits limits{.answers = 0};
#endif

class Server final : public bobbin::amp::Peer<Server, limits> {
 public:
  void name(const bobbin::amp::Nothing&, bobbin::Deferred<bobbin::amp::Nothing>& answer) {
    answer.callback({});
  }
  static constexpr bobbin::amp::Responder responders[] = {
      bobbin::amp::responder<Name, &Server::name>};
};

Server server;
