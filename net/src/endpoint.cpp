// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/net/endpoint.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace bobbin {

namespace {

using Fault = EndpointFault;

// A part of a description between two colons, as it stands there.
struct Part {
  std::size_t offset = 0;
  std::string_view text{};
  std::optional<std::size_t> equals{};  // the place of its first '=' that means something
};

// A description from its front.
class Parts {
 public:
  explicit Parts(std::string_view description) : description_(description) {}

  bool at_end() const { return at_ > description_.size(); }

  Part next() {
    Part part{.offset = at_};
    std::size_t i = at_;
    for (; i < description_.size() && description_[i] != ':'; ++i) {
      if (description_[i] == '=' && !part.equals) part.equals = i - at_;
      if (description_[i] == '\\' && i + 1 < description_.size()) ++i;
    }
    part.text = description_.substr(at_, i - at_);
    at_ = i + 1;
    return part;
  }

 private:
  std::string_view description_;
  std::size_t at_ = 0;
};

// What an argument means, without its backslashes.
class Meaning {
 public:
  // Longer than a host's name and a path.
  static constexpr std::size_t size_max = 255;

  explicit Meaning(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && fault_ == Fault::none; ++i) {
      if (text[i] == '\\' && ++i == text.size()) {
        fault_ = Fault::unfinished_escape;
      } else if (size_ == size_max) {
        fault_ = Fault::too_long;
      } else {
        text_[size_++] = text[i];
      }
    }
  }

  Fault fault() const { return fault_; }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, size_max> text_;
  std::size_t size_ = 0;
  Fault fault_ = Fault::none;
};

template <class T>
std::optional<T> number_of(std::string_view text, int base = 10) {
  T number = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

// An argument of a kind; those without a name come in this order.
template <class Endpoint>
struct Argument {
  std::string_view name;
  bool needed;
  Fault (*set)(std::string_view meaning, Endpoint& endpoint);
};

template <class Endpoint>
struct Kind {
  std::string_view name;
  std::span<const Argument<Endpoint>> arguments;
};

Fault set_server_port(std::string_view text, ServerEndpoint& endpoint) {
  const auto port = number_of<std::uint16_t>(text);
  if (!port) return Fault::bad_port;
  endpoint.address = endpoint.address.with_port(*port);
  return Fault::none;
}

Fault set_interface(std::string_view text, ServerEndpoint& endpoint) {
  const Result<Address> address = Address::parse(text, endpoint.address.port());
  if (!address) return Fault::bad_address;
  endpoint.address = *address;
  return Fault::none;
}

Fault set_backlog(std::string_view text, ServerEndpoint& endpoint) {
  const auto backlog = number_of<int>(text);
  if (!backlog || *backlog < 1) return Fault::bad_number;
  endpoint.backlog = *backlog;
  return Fault::none;
}

Fault set_mode(std::string_view text, ServerEndpoint& endpoint) {
  endpoint.mode = number_of<std::uint32_t>(text, 8);
  return endpoint.mode && *endpoint.mode <= 0777 ? Fault::none : Fault::bad_number;
}

template <class Endpoint>
Fault set_path(std::string_view text, Endpoint& endpoint) {
  const Result<Address> address = Address::unix_path(text);
  if (!address) {
    return address.error() == Errc::not_supported ? Fault::not_supported : Fault::bad_path;
  }
  endpoint.address = *address;
  return Fault::none;
}

Fault set_host(std::string_view text, ClientEndpoint& endpoint) {
  if (const Result<Address> address = Address::parse(text, endpoint.port)) {
    endpoint.address = *address;
    return Fault::none;
  }
  const Result<HostName> name = HostName::parse(text);
  if (!name) return Fault::bad_host;
  endpoint.host = *name;
  return Fault::none;
}

Fault set_client_port(std::string_view text, ClientEndpoint& endpoint) {
  const auto port = number_of<std::uint16_t>(text);
  if (!port || *port == 0) return Fault::bad_port;
  endpoint.port = *port;
  if (endpoint.address) endpoint.address = endpoint.address->with_port(*port);
  return Fault::none;
}

Fault set_timeout(std::string_view text, ClientEndpoint& endpoint) {
  const auto seconds = number_of<std::uint32_t>(text);
  if (!seconds || *seconds == 0) return Fault::bad_number;
  endpoint.timeout = std::chrono::seconds(*seconds);
  return Fault::none;
}

constexpr Argument<ServerEndpoint> tcp_server[] = {{"port", true, set_server_port},
                                                   {"interface", false, set_interface},
                                                   {"backlog", false, set_backlog}};
constexpr Argument<ServerEndpoint> unix_server[] = {
    {"address", true, set_path}, {"mode", false, set_mode}, {"backlog", false, set_backlog}};
constexpr Kind<ServerEndpoint> servers[] = {
    {"tcp", tcp_server}, {"tcp6", tcp_server}, {"unix", unix_server}};

constexpr Argument<ClientEndpoint> tcp_client[] = {
    {"host", true, set_host}, {"port", true, set_client_port}, {"timeout", false, set_timeout}};
constexpr Argument<ClientEndpoint> unix_client[] = {{"path", true, set_path},
                                                    {"timeout", false, set_timeout}};
constexpr Kind<ClientEndpoint> clients[] = {{"tcp", tcp_client}, {"unix", unix_client}};

// The arguments of one kind, as they come.
template <class Endpoint>
class Arguments {
 public:
  explicit Arguments(std::span<const Argument<Endpoint>> arguments) : arguments_(arguments) {}

  EndpointError take(const Part& part, Endpoint& endpoint) {
    const std::size_t index = part.equals ? named(part.text.substr(0, *part.equals)) : place_++;
    if (index >= arguments_.size()) return unexpected(part);
    const Argument<Endpoint>& argument = arguments_[index];
    if ((given_ & 1U << index) != 0) {
      return {Fault::repeated, part.offset, part.text.size(), argument.name};
    }
    given_ |= 1U << index;
    const std::size_t begin = part.equals ? *part.equals + 1 : 0;
    const Meaning meaning(part.text.substr(begin));
    const Fault fault =
        meaning.fault() != Fault::none ? meaning.fault() : argument.set(meaning.view(), endpoint);
    return {fault, part.offset + begin, part.text.size() - begin, argument.name};
  }

  // The name of one that there has to be and was not given; empty if there is none.
  std::string_view missing() const {
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      if (arguments_[i].needed && (given_ & 1U << i) == 0) return arguments_[i].name;
    }
    return {};
  }

 private:
  std::size_t named(std::string_view name) const {
    const auto found = std::ranges::find(arguments_, name, &Argument<Endpoint>::name);
    return static_cast<std::size_t>(found - arguments_.begin());
  }

  static EndpointError unexpected(const Part& part) {
    if (!part.equals) return {Fault::too_many, part.offset, part.text.size()};
    return {Fault::unknown_argument, part.offset, *part.equals};
  }

  std::span<const Argument<Endpoint>> arguments_;
  std::size_t place_ = 0;
  std::uint32_t given_ = 0;
};

template <class Endpoint>
EndpointError parse(std::string_view description, std::span<const Kind<Endpoint>> kinds,
                    Endpoint& endpoint) {
  Parts parts(description);
  const Part first = parts.next();
  const auto kind = std::ranges::find(kinds, first.text, &Kind<Endpoint>::name);
  if (kind == kinds.end()) return {Fault::unknown_kind, 0, first.text.size()};
  Arguments<Endpoint> arguments(kind->arguments);
  while (!parts.at_end()) {
    if (const EndpointError error = arguments.take(parts.next(), endpoint)) return error;
  }
  const std::string_view missing = arguments.missing();
  if (!missing.empty()) return {Fault::missing, description.size(), 0, missing};
  return {};
}

}  // namespace

EndpointError parse_endpoint(std::string_view description, ServerEndpoint& endpoint) {
  endpoint = {};
  if (description.starts_with("tcp6:")) endpoint.address = Address::ip6({}, 0);
  return parse(description, std::span<const Kind<ServerEndpoint>>(servers), endpoint);
}

EndpointError parse_endpoint(std::string_view description, ClientEndpoint& endpoint) {
  endpoint = {};
  return parse(description, std::span<const Kind<ClientEndpoint>>(clients), endpoint);
}

std::string_view describe(EndpointFault fault) {
  switch (fault) {
    case Fault::none: return "no fault";
    case Fault::unknown_kind: return "no kind of endpoint";
    case Fault::unknown_argument: return "no argument of this kind of endpoint";
    case Fault::too_many: return "more arguments than this kind of endpoint has";
    case Fault::repeated: return "given twice";
    case Fault::missing: return "missing";
    case Fault::bad_port: return "no port";
    case Fault::bad_address: return "no address";
    case Fault::bad_host: return "no name of a host";
    case Fault::bad_path: return "no path of a socket";
    case Fault::bad_number: return "no such number";
    case Fault::too_long: return "too long";
    case Fault::unfinished_escape: return "nothing behind the backslash";
    case Fault::not_supported: return "not supported";
  }
  return "";
}

}  // namespace bobbin
