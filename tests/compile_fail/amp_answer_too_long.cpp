// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: PeerLimits::answer is less than this command's longest answer

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

struct Name {
  static constexpr std::string_view name = "Name";
  using Arguments = bobbin::amp::Nothing;
  struct Response {
#ifdef BOBBIN_CONTROL
    bobbin::amp::Text<91> text;
#else
    bobbin::amp::Text<92> text;
#endif
    static constexpr std::tuple fields{bobbin::amp::Field("text", &Response::text)};
  };
};

class Server final : public bobbin::amp::Peer<Server> {
 public:
  bobbin::Outcome<Name::Response> name(const bobbin::amp::Nothing&) { return Name::Response{}; }
  static constexpr bobbin::amp::Responder responders[] = {
      bobbin::amp::responder<Name, &Server::name>};
};

Server server;
