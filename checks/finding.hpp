#pragma once
// What a check says: findings, each with its evidence; and what it could not tell.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailmedic {

/// How bad a finding is. In REQUIREMENTS.md the letters I, W, E, C.
enum class Severity { info, warning, error, critical };

/// Named values for the catalogue's sentences: {"lookups", "12"}. Raw text of the network may stand in them; it
/// is escaped where it is printed.
using Args = std::vector<std::pair<std::string, std::string>>;

/// What was seen, as it was seen.
struct Evidence {
  std::string source;  ///< where: "TXT example.org", "192.0.2.1:25, reply to EHLO"
  std::string text;    ///< the raw text; escaped where it is printed
};

/// One entry of the catalogue, applied to one subject. Also used for what could not be told: such entries have
/// `severity = "unknown"` in the catalogue and stand in CheckReport::unknowns.
struct Finding {
  std::string_view id;               ///< "spf.lookup-limit": a key of the catalogue
  std::string subject;               ///< the domain, host or address that it is about
  std::optional<Severity> severity{};  ///< the catalogue's, unless the facts change it
  Args args{};
  std::vector<Evidence> evidence{};
};

}  // namespace mailmedic
