#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::archive {

struct Entry {
  std::string name;   ///< as written in the archive; never used as a path
  std::string bytes;  ///< empty when it was not read
  std::string why{};  ///< in English: why it was not read (too large, damaged, encrypted); empty: it was
};

/// Does it begin as a zip archive does?
bool is_zip(std::string_view bytes);

/// The files in a zip archive, in memory. What is too large for what is left of `limit` (bytes of all files together) or
/// cannot be unpacked is named with its cause, and the files behind it are read as far as that can be; no more than
/// `limit` is ever unpacked. An error for what is no archive, and for more than `most_entries` files.
text::Parsed<std::vector<Entry>> read_zip(std::string_view bytes, std::size_t limit, std::size_t most_entries = 100);

}  // namespace mailmedic::archive
