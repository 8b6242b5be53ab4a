// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http.hpp>

#include "head.hpp"

// The decoder of requests, which looks also at what the head says of its host, its content and its
// connection.
int main(int count, char** values) {
  const bobbin::http::HeadLimits limits;
  bobbin::http::RequestDecoder decoder(limits);
  bobbin::http::RequestHead request;
  return bench::measure_heads(bench::Options(count, values), [&] {
    const auto found = decoder.find(bobbin::bytes_of(bench::head), request);
    decoder.take();
    return found.size == bench::head.size() && request.authority == "library.example.org";
  });
}
