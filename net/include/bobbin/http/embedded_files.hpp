// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <bobbin/error.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/responder.hpp>

namespace bobbin::http {

// A file that is a part of the program, in flash where there is flash. All of it is constant.
struct EmbeddedFile {
  std::string_view path{};  // within its directory: "css/site.css"
  std::string_view type{};
  std::string_view cache{};  // Cache-Control
  std::string_view etag{};   // follows from the content
  std::span<const unsigned char> content{};
  std::string_view gzip_etag{};
  std::span<const unsigned char> gzip{};  // empty where it is not smaller
};

// Files that were put into the program when it was built, by CMake:
//
//   bobbin_embed_files(server site_files DIRECTORY site CACHE_CONTROL "max-age=3600")
//
// makes `site_files.hpp`, with `site_files`, of all that lies in the directory `site`. A route has
// them sent:
//
//   Error file(const http::RequestHead& request, const http::Parameters& parameters) {
//     const http::EmbeddedFile* file = site_files.find(parameters.text("path"));
//     if (file != nullptr) return http::respond_file(*this, request, *file);
//     route_missing(request);
//     return {};
//   }
class EmbeddedFiles {
 public:
  constexpr explicit EmbeddedFiles(std::span<const EmbeddedFile> files) : files_(files) {}

  // The file that the end of a request's path asks for, as `file_path` understands it. Null where
  // there is none.
  const EmbeddedFile* find(std::string_view path) const;

  constexpr std::span<const EmbeddedFile> all() const { return files_; }

  // Longer paths are not found.
  static constexpr std::size_t path_max = 128;

 private:
  std::span<const EmbeddedFile> files_;
};

// Answers a request for this file, by its conditions and its range, with gzip where the client
// takes that. The content is sent from where it lies. Errors: those of
// `Responder::respond_lasting`.
Error respond_file(AnyResponder& responder, const RequestHead& request, const EmbeddedFile& file);

}  // namespace bobbin::http
