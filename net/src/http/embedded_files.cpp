// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/embedded_files.hpp>

#include <algorithm>
#include <array>

#include <bobbin/http/file_answer.hpp>
#include <bobbin/http/file_response.hpp>

namespace bobbin::http {

const EmbeddedFile* EmbeddedFiles::find(std::string_view path) const {
  std::array<char, path_max> place;
  const auto plain = file_path(path, place);
  const auto found = std::find_if(files_.begin(), files_.end(), [&plain](const EmbeddedFile& file) {
    return file.path == plain;
  });
  return found == files_.end() ? nullptr : &*found;
}

Error respond_file(AnyResponder& responder, const RequestHead& request, const EmbeddedFile& file) {
  const bool zipped = !file.gzip.empty() && accepts_coding(request, "gzip");
  const Bytes content = std::as_bytes(zipped ? file.gzip : file.content);
  const FileDescription description{
      .size = content.size(),
      .type = file.type,
      .validators = {.etag = zipped ? file.gzip_etag : file.etag},
      .cache = file.cache,
      .coding = zipped ? std::string_view("gzip") : std::string_view(),
      .has_codings = !file.gzip.empty()};
  const FileResponse answer(request, description);
  if (!answer.has_content()) return responder.respond(answer.response());
  const Bytes part = content.subspan(static_cast<std::size_t>(answer.first()),
                                     static_cast<std::size_t>(answer.count()));
  return responder.respond_lasting(answer.response(), part);
}

}  // namespace bobbin::http
