#pragma once
// What stands behind the verb of a command. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailmedic::reception {

/// "MAIL FROM:<a@b> SIZE=3" in upper case up to the first space or colon, and the rest.
struct Command {
  std::string verb;       ///< upper case, "MAIL"
  std::string_view rest;  ///< "FROM:<a@b> SIZE=3"
};
Command command_of(std::string_view line);

/// "<joe@example.org> SIZE=3". RFC 5321 section 4.1.2.
struct Path {
  std::string address;  ///< without the brackets and a source route; empty: <>
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in upper case
  bool loose = false;   ///< white space in front of it, which RFC 5321 section 3.3 forbids and most clients' servers bear
};
/// `text` is what stands behind "FROM:" or "TO:". Nothing where that is no path in brackets, or no parameter follows where
/// one must; at most ten parameters.
std::optional<Path> path_of(std::string_view text);

/// Has it a local part, a domain and no control characters? Letters beyond ASCII pass. At most 320 bytes.
bool is_address(std::string_view address);

/// Decimal digits alone, at most 18 of them.
std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace mailmedic::reception
