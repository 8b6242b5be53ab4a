// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#include <bobbin/http/file_response.hpp>

namespace bobbin::http {

FileResponse::FileResponse(const RequestHead& request, const FileDescription& file) : file_(file) {
  choice_.status = check_conditions(request, file.validators);
  if (choice_.status == Status::ok) choice_ = choose_range(request, file.size, file.validators);
  content_range_ = ContentRange(choice_, file.size);
  add("ETag", file.validators.etag);
  if (file.validators.modified) {
    add("Last-Modified", write_date(*file.validators.modified, modified_));
  }
  add("Cache-Control", file.cache);
  if (file.has_codings) add("Vary", "Accept-Encoding");
  if (has_content()) add("Content-Encoding", file.coding);
  add("Accept-Ranges", "bytes");
  const bool has_range =
      choice_.status == Status::partial_content || choice_.status == Status::range_not_satisfiable;
  if (has_range) add("Content-Range", content_range_.text());
}

Response FileResponse::response() const {
  return {.status = choice_.status,
          .type = has_content() ? file_.type : std::string_view(),
          .fields = {fields_.data(), field_count_}};
}

std::uint64_t FileResponse::count() const {
  return choice_.status == Status::ok ? file_.size : choice_.range.size();
}

void FileResponse::add(std::string_view name, std::string_view value) {
  if (!value.empty()) fields_[field_count_++] = {name, value};
}

}  // namespace bobbin::http
