// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/embedded_files.hpp>

#include <algorithm>
#include <array>

#include <bobbin/http/file_response.hpp>
#include <bobbin/http/routes.hpp>

namespace bobbin::http {

const EmbeddedFile* EmbeddedFiles::find(std::string_view path) const {
  constexpr std::string_view index = "index.html";
  std::array<char, path_max + index.size()> place;
  const auto plain = decode(path, std::span<char>(place).first(path_max));
  if (!plain) return nullptr;
  if (!plain->empty() && !plain->ends_with('/')) return find_plain(*plain);
  char* const end = place.data() + plain->size();
  std::copy(index.begin(), index.end(), end);
  return find_plain({place.data(), plain->size() + index.size()});
}

const EmbeddedFile* EmbeddedFiles::find_plain(std::string_view path) const {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [path](const EmbeddedFile& file) { return file.path == path; });
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
