#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::archive {

struct Entry {
  std::string name;   ///< as written in the archive; never used as a path
  std::string bytes;
};

/// Does it begin as a zip archive does?
bool is_zip(std::string_view bytes);

/// The files in a zip archive, in memory. An error for what is damaged or encrypted, has more than `most_entries`
/// files, or more than `limit` bytes in all of them together: no more than that is ever unpacked.
text::Parsed<std::vector<Entry>> read_zip(std::string_view bytes, std::size_t limit, std::size_t most_entries = 100);

}  // namespace mailmedic::archive
