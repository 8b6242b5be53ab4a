// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "redirect.hpp"

#include <algorithm>
#include <cstring>

#include <bobbin/http/fields.hpp>

#include "syntax.hpp"

namespace bobbin::http {

namespace {

// Text put together in front of what it is made of: where a piece already lies it stays.
class Composed {
 public:
  explicit Composed(std::span<char> room) : room_(room) {}

  std::string_view add(std::string_view piece) {
    if (piece.size() > room_.size() - size_) fits_ = false;
    if (!fits_ || piece.empty()) return {};
    char* const place = room_.data() + size_;
    std::memmove(place, piece.data(), piece.size());
    size_ += piece.size();
    return {place, piece.size()};
  }
  bool fits() const { return fits_; }
  std::size_t size() const { return size_; }

 private:
  std::span<char> room_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

// RFC 3986 §5.2.4, of a path that begins with '/', where it lies. Returns how long it is then.
std::size_t remove_dots(std::span<char> path) {
  std::size_t out = 0;
  std::size_t in = 0;
  const auto slash_before = [&path](std::size_t end) {
    while (end > 0 && path[end - 1] != '/') --end;
    return end > 0 ? end - 1 : 0;
  };
  while (in < path.size()) {
    std::size_t end = in + 1;
    while (end < path.size() && path[end] != '/') ++end;
    const std::string_view segment(path.data() + in, end - in);
    const bool is_last = end == path.size();
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out = slash_before(out);
      if (is_last) path[out++] = '/';
    } else {
      std::memmove(path.data() + out, path.data() + in, segment.size());
      out += segment.size();
    }
    in = end;
  }
  return out;
}

// The same of a whole target: its query is no path.
std::size_t without_dots(std::span<char> target) {
  const std::string_view text(target.data(), target.size());
  const std::size_t path = std::min(text.find('?'), text.size());
  const std::size_t size = remove_dots(target.first(path));
  std::memmove(target.data() + size, target.data() + path, target.size() - path);
  return size + target.size() - path;
}

// The target that `reference`, which has no host, means to who is at `target`. That may be a query
// alone, whose path is "/".
void add_target(Composed& text, std::string_view reference, std::string_view target) {
  const std::string_view path = before(target, target.find('?'));
  if (reference.starts_with('/')) {
    text.add(reference);
    return;
  }
  if (path.empty()) text.add("/");
  if (reference.empty() || reference.starts_with('?')) {
    text.add(reference.empty() ? target : path);
    text.add(reference);
  } else {
    text.add(before(path, path.rfind('/') + 1));
    text.add(reference);
  }
}

// Takes "//host" off the front, if it is there.
std::string_view take_host(std::string_view& reference) {
  if (!reference.starts_with("//")) return {};
  reference.remove_prefix(2);
  const std::size_t end = std::min(reference.find_first_of("/?"), reference.size());
  const std::string_view host = before(reference, end);
  reference.remove_prefix(end);
  return host;
}

bool has_scheme(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  return colon != reference.npos &&
         colon < std::min(reference.find_first_of("/?"), reference.size());
}

}  // namespace

std::optional<std::string_view> redirect_of(const ResponseHead& response) {
  switch (response.status) {
    case Status::moved_permanently:
    case Status::found:
    case Status::see_other:
    case Status::temporary_redirect:
    case Status::permanent_redirect: return response.fields.find("Location");
    default: return std::nullopt;
  }
}

std::optional<Redirect> resolve(std::string_view reference, const Place& from,
                                std::span<char> room) {
  reference = before(reference, reference.find('#'));
  if (has_scheme(reference)) {
    if (!same_token(take_until(reference, ':'), "http") || !reference.starts_with("//")) {
      return std::nullopt;
    }
  }
  const bool has_host = reference.starts_with("//");
  const std::string_view host = take_host(reference);
  if (has_host && host.empty()) return std::nullopt;
  const bool same_host = !has_host || same_token(host, from.host);
  Composed text(room);
  const std::size_t host_size = text.add(has_host ? host : from.host).size();
  if (has_host) {
    if (!reference.starts_with('/')) text.add("/");
    text.add(reference);
  } else {
    add_target(text, reference, from.target);
  }
  if (!text.fits()) return std::nullopt;
  const std::size_t size = without_dots(room.subspan(host_size, text.size() - host_size));
  const Place place{.host = {room.data(), host_size}, .target = {room.data() + host_size, size}};
  return Redirect{.place = place, .same_host = same_host};
}

}  // namespace bobbin::http
