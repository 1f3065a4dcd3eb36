#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "lib/text/parse_error.hpp"

namespace mailmedic::text {

/// A TOML file as JSON: tables as objects in the file's order, dates as strings. The error's `why` begins with the
/// file and the line, "lists.toml:12: ...", as a compiler's does.
Parsed<boost::json::object> read_toml(const std::string& path);

/// The strings of an array, or none: members that are no strings are skipped.
std::vector<std::string> strings_of(const boost::json::object& table, std::string_view key);
/// The string, or empty.
std::string string_of(const boost::json::object& table, std::string_view key);

}  // namespace mailmedic::text
