#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/text/parse_error.hpp"

namespace mailmedic::text {

/// A TOML file as JSON: tables as objects in the file's order, dates as strings. The error's `why` begins with the
/// file and the line, "lists.toml:12: ...", as a compiler's does.
Parsed<boost::json::object> read_toml(const std::string& path);

/// A TOML file of which few tables are wanted: only those are parsed that are asked for.
class TomlTables {
 public:
  TomlTables() = default;
  /// An error when the file cannot be read; what is wrong inside a table shows when that is asked for.
  static Parsed<TomlTables> open(const std::string& path);

  /// The names of its top-level tables, sorted.
  std::vector<std::string> names() const;
  /// One of them; empty when there is none of that name. Errors as of read_toml().
  Parsed<boost::json::object> read(std::string_view name) const;

 private:
  struct Piece {
    std::size_t at = 0, size = 0;
  };
  std::string path_, text_;
  std::map<std::string, Piece, std::less<>> pieces_;  ///< each table with its heading
  bool is_in_pieces_ = true;  ///< every table is written in one piece below "[name]"
};

/// The strings of an array, or none: members that are no strings are skipped.
std::vector<std::string> strings_of(const boost::json::object& table, std::string_view key);
/// The string, or empty.
std::string string_of(const boost::json::object& table, std::string_view key);

}  // namespace mailmedic::text
