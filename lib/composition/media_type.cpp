#include <magic.h>

#include <memory>

#include "lib/composition/draft.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::composition {

namespace {
struct Close {
  void operator()(magic_set* cookie) const { magic_close(cookie); }
};
/// The library's answer, empty where it knows none. Its database is read once.
std::string by_content(std::string_view content) {
  static const std::unique_ptr<magic_set, Close> magic = [] {
    std::unique_ptr<magic_set, Close> opened(magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR));
    if (opened && magic_load(opened.get(), nullptr) != 0) opened.reset();
    return opened;
  }();
  const char* type = magic ? magic_buffer(magic.get(), content.data(), content.size()) : nullptr;
  return type ? type : "";
}

/// Where content says less than the name: text of many kinds, and containers.
constexpr std::pair<std::string_view, std::string_view> by_name[] = {
    {".ics", "text/calendar"},   {".csv", "text/csv"},  {".html", "text/html"}, {".htm", "text/html"},         {".css", "text/css"},          {".md", "text/markdown"},
    {".vcf", "text/vcard"},      {".xml", "text/xml"},  {".svg", "image/svg+xml"}, {".json", "application/json"}, {".eml", "message/rfc822"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"}};
}  // namespace

std::string media_type(std::string_view content, std::string_view name) {
  std::string found = by_content(content);
  const bool is_vague = found.empty() || found.starts_with("text/") || found == "application/zip" || found == "application/octet-stream" || found == "application/x-empty";
  if (is_vague)
    for (const auto& [ending, type] : by_name)
      if (text::lower(name).ends_with(ending)) return std::string(type);
  return found.find('/') == found.npos || found == "application/x-empty" ? "application/octet-stream" : found;
}

}  // namespace mailmedic::composition
