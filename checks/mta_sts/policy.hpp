#pragma once
// The policy file, mta-sts.txt. Pure: no network. RFC 8461 section 3.2.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/name.hpp"

namespace mailmedic::mta_sts {

enum class Mode { enforce, testing, none };
std::string_view mode_text(Mode mode);

/// Longer files are not read by senders. RFC 8461 section 3.3.
inline constexpr std::size_t max_policy_bytes = 64 * 1024;
/// About a year. RFC 8461 section 3.2.
inline constexpr std::uint64_t longest_age = 31557600;

/// What is wrong with a line.
struct LineProblem {
  std::size_t line = 0;  ///< from 1
  std::string text;      ///< as it stands, cut to a sensible length
  std::string why;       ///< in English
};

struct Policy {
  bool version_is_right = false;   ///< version: STSv1
  std::string version;             ///< as it stands; empty: absent
  std::optional<Mode> mode;        ///< nothing: absent or invalid
  std::string mode_written;
  std::optional<std::uint64_t> max_age;  ///< seconds; nothing: absent or invalid
  std::string max_age_written;
  std::vector<std::string> mx;     ///< patterns, in lower case, that are valid: "mx.example.org", "*.example.org"
  std::vector<LineProblem> bad_mx; ///< patterns that match nothing
  std::vector<LineProblem> bad_lines;  ///< neither a field nor empty
  std::vector<std::string> repeated;   ///< single-valued fields that stand more than once: the first counts
  std::vector<std::string> extensions; ///< names of fields that are not known: ignored
  bool has_bom = false, is_utf8 = true;

  /// Can a sender use it? RFC 8461 section 3.2: version, mode and max_age, and an mx unless the mode is none.
  bool is_usable() const { return version_is_right && mode && max_age && (!mx.empty() || mode == Mode::none); }
};

/// Reads any bytes. Lines end with LF or CRLF.
Policy parse_policy(std::string_view text);

/// Does a pattern allow this MX host? "*." stands for exactly one label. RFC 8461 section 4.1.
bool matches(std::string_view pattern, const dns::Name& host);

}  // namespace mailmedic::mta_sts
