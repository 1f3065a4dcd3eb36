#include "lib/archive/zip.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace mailmedic::archive {

namespace {

using Reader = std::unique_ptr<::archive, decltype(&::archive_read_free)>;

std::string error_of(::archive* reader) {
  const char* why = ::archive_error_string(reader);
  return std::string("zip archive: ") + (why ? why : "cannot be read");
}

std::string too_large(std::size_t limit) { return "more than " + std::to_string(limit) + " bytes when unpacked"; }

/// Reads the file that the reader stands at. What says that it is too large is not unpacked; what turns out to be, after
/// `left` bytes. False: nothing behind it should be read, as it told less than it has, or the archive is broken.
bool read_entry(::archive* reader, ::archive_entry* header, std::size_t& left, std::size_t limit, Entry& out) {
  if (::archive_entry_size_is_set(header) && ::archive_entry_size(header) > static_cast<la_int64_t>(left)) {
    out.why = too_large(limit);
    return true;
  }
  char piece[65536];
  while (const la_ssize_t got = ::archive_read_data(reader, piece, sizeof piece)) {
    const bool failed = got < 0, much = !failed && static_cast<std::size_t>(got) > left;
    if (failed || much) {
      out.why = failed ? error_of(reader) : too_large(limit);
      out.bytes.clear();
      return got == ARCHIVE_FAILED || got == ARCHIVE_WARN;
    }
    left -= static_cast<std::size_t>(got);
    out.bytes.append(piece, static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04"); }

text::Parsed<std::vector<Entry>> read_zip(std::string_view bytes, std::size_t limit, std::size_t most_entries) {
  const Reader reader(::archive_read_new(), &::archive_read_free);
  ::archive_read_support_format_zip_seekable(reader.get());  // by its directory: what is skipped is not unpacked
  if (::archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return text::ParseError{0, error_of(reader.get())};
  std::vector<Entry> out;
  std::size_t left = limit;
  ::archive_entry* header = nullptr;
  while (true) {
    const int found = ::archive_read_next_header(reader.get(), &header);
    if (found == ARCHIVE_EOF) return out;
    if (found != ARCHIVE_OK && found != ARCHIVE_WARN) return text::ParseError{0, error_of(reader.get())};
    if (::archive_entry_filetype(header) != AE_IFREG) continue;
    if (out.size() == most_entries) return text::ParseError{0, "zip archive: more than " + std::to_string(most_entries) + " files"};
    const char* name = ::archive_entry_pathname(header);
    Entry entry{.name = name ? name : "", .bytes = {}};
    const bool go_on = read_entry(reader.get(), header, left, limit, entry);
    out.push_back(std::move(entry));
    if (!go_on) return out;
  }
}

}  // namespace mailmedic::archive
