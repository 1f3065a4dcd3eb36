#include "lib/archive/zip.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace mailmedic::archive {

namespace {

using Reader = std::unique_ptr<::archive, decltype(&::archive_read_free)>;

text::ParseError error_of(::archive* reader) {
  const char* why = ::archive_error_string(reader);
  return {0, std::string("zip archive: ") + (why ? why : "cannot be read")};
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04"); }

text::Parsed<std::vector<Entry>> read_zip(std::string_view bytes, std::size_t limit, std::size_t most_entries) {
  const Reader reader(::archive_read_new(), &::archive_read_free);
  ::archive_read_support_format_zip(reader.get());
  if (::archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return error_of(reader.get());
  std::vector<Entry> out;
  std::size_t left = limit;
  ::archive_entry* header = nullptr;
  while (true) {
    const int found = ::archive_read_next_header(reader.get(), &header);
    if (found == ARCHIVE_EOF) return out;
    if (found != ARCHIVE_OK && found != ARCHIVE_WARN) return error_of(reader.get());
    if (::archive_entry_filetype(header) != AE_IFREG) continue;
    if (out.size() == most_entries) return text::ParseError{0, "zip archive: more than " + std::to_string(most_entries) + " files"};
    const char* name = ::archive_entry_pathname(header);
    Entry entry{.name = name ? name : "", .bytes = {}};
    char piece[65536];
    while (const la_ssize_t got = ::archive_read_data(reader.get(), piece, sizeof piece)) {
      if (got < 0) return error_of(reader.get());
      if (static_cast<std::size_t>(got) > left) return text::ParseError{0, "zip archive: more than " + std::to_string(limit) + " bytes when unpacked"};
      left -= static_cast<std::size_t>(got);
      entry.bytes.append(piece, static_cast<std::size_t>(got));
    }
    out.push_back(std::move(entry));
  }
}

}  // namespace mailmedic::archive
