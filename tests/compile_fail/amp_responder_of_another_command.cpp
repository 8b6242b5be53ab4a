// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
// EXPECT: bobbin: this responder does not give the command's response

#include <string_view>
#include <tuple>

#include <bobbin/amp.hpp>

struct Name {
  static constexpr std::string_view name = "Name";
  using Arguments = bobbin::amp::Nothing;
  struct Response {
    int length = 0;
    static constexpr std::tuple fields{bobbin::amp::Field("length", &Response::length)};
  };
};

class Server final : public bobbin::amp::Peer<Server> {
 public:
#ifdef BOBBIN_CONTROL
  using Response = Name::Response;
#else
  using Response = bobbin::amp::Nothing;
#endif
  bobbin::Outcome<Response> name(const bobbin::amp::Nothing&) { return Response{}; }
  static constexpr bobbin::amp::Responder responders[] = {
      bobbin::amp::responder<Name, &Server::name>};
};

Server server;
