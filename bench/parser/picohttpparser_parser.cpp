// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <array>
#include <string_view>

#include "head.hpp"

// picohttpparser, which the distribution has as a part of H2O's library, without its header.
extern "C" {
struct phr_header {
  const char* name;
  std::size_t name_size;
  const char* value;
  std::size_t value_size;
};

int phr_parse_request(const char* text, std::size_t size, const char** method,
                      std::size_t* method_size, const char** path, std::size_t* path_size,
                      int* minor_version, phr_header* headers, std::size_t* headers_count,
                      std::size_t seen);
}

// It splits the head into its parts, and does not look at what the fields say.
int main(int count, char** values) {
  std::array<phr_header, 64> fields;
  return bench::measure_heads(bench::Options(count, values), [&fields] {
    const char* method = nullptr;
    const char* path = nullptr;
    std::size_t method_size = 0;
    std::size_t path_size = 0;
    std::size_t fields_count = fields.size();
    int version = 0;
    const int size =
        phr_parse_request(bench::head.data(), bench::head.size(), &method, &method_size, &path,
                          &path_size, &version, fields.data(), &fields_count, 0);
    return size == static_cast<int>(bench::head.size()) && fields_count == bench::fields_of_head;
  });
}
