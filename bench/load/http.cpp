// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include "http.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "load.hpp"
#include "program.hpp"

namespace bench {

namespace {

constexpr std::string_view content = "Hello, world\n";
constexpr std::string_view head_end = "\r\n\r\n";

// In small letters, so that names of fields can be looked for.
std::string small(std::string_view text) {
  std::string letters(text);
  std::transform(letters.begin(), letters.end(), letters.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return letters;
}

bool is_whole(std::string_view answer) {
  const std::size_t end = answer.find(head_end);
  return end != answer.npos && answer.size() >= end + head_end.size() + content.size();
}

}  // namespace

std::string http_answer(std::uint16_t port) {
  const int socket = connect_to(port);
  if (send(socket, http_request.data(), http_request.size(), MSG_NOSIGNAL) < 0) fail("load: send");
  std::string answer;
  std::array<char, 4096> buffer;
  while (!is_whole(answer)) {
    const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
    if (count < 0) fail("load: recv");
    if (count == 0) give_up("the server closed a connection");
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(socket);
  const std::string_view text = answer;
  const std::string_view head = text.substr(0, text.find(head_end) + 2);
  const bool is_right = head.starts_with("HTTP/1.1 200 ") &&
                        small(head).find("\r\ncontent-length: 13\r\n") != std::string::npos &&
                        text.substr(head.size() + 2) == content;
  if (!is_right) give_up("the answer is not 200 with the 13 bytes that are asked for");
  return answer;
}

Part date_in(std::string_view answer) {
  constexpr std::string_view name = "\r\ndate: ";
  const std::size_t place = small(answer).find(name);
  if (place == std::string::npos) return {};
  const std::size_t begin = place + name.size();
  return {.begin = begin, .size = answer.find("\r\n", begin) - begin};
}

}  // namespace bench
