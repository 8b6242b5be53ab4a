// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: a responder takes (const Arguments&) and returns an Outcome<Response>

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

struct Name {
  static constexpr std::string_view name = "Name";
  using Arguments = bobbin::amp::Nothing;
  using Response = bobbin::amp::Nothing;
};

class Server final : public bobbin::amp::Peer<Server> {
 public:
#ifdef BOBBIN_CONTROL
  bobbin::Outcome<Name::Response> name(const bobbin::amp::Nothing&) { return Name::Response{}; }
#else
  void name(const bobbin::amp::Nothing&) {}
#endif
  static constexpr bobbin::amp::Responder responders[] = {
      bobbin::amp::responder<Name, &Server::name>};
};

Server server;
