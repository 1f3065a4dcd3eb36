#pragma once
// The text of a DMARC policy record. Pure: no DNS. RFC 9989 sections 4.7 and 4.8; tags that it removed from RFC 7489
// are known by name.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/name.hpp"
#include "lib/text/tag_list.hpp"

namespace mailmedic::dmarc {

enum class Policy { none, quarantine, reject };
/// "none", "quarantine", "reject".
std::string_view policy_text(Policy policy);

enum class AlignmentMode { relaxed, strict };

/// psd: is the name a public suffix domain? RFC 9989 section 4.7.
enum class Psd { unsaid, yes, no };

/// One destination of rua or ruf.
struct ReportUri {
  std::string text;                ///< as written, without the size
  std::string scheme;              ///< in lower case: "mailto"
  std::optional<dns::Name> domain; ///< of a mailto address
  bool has_size = false;           ///< "!10m" behind it: obsolete
};

/// What is wrong with a tag, or odd about it.
enum class Fault {
  syntax,       ///< a part without "=", or with a name that no tag can have
  unknown_tag,  ///< ignored by receivers
  removed_tag,  ///< pct, rf, ri: RFC 9989 appendix C.5.2
  bad_value,    ///< of an optional tag: the default applies
  bad_policy,   ///< of p, sp or np
  bad_uri,      ///< of rua or ruf
  duplicate,    ///< the first one counts
};

struct Problem {
  Fault fault = Fault::syntax;
  std::string tag;         ///< its name; for `syntax` the part as written
  std::string value;
  std::string why;         ///< in English
  std::size_t offset = 0;  ///< of the tag, in bytes
};

/// Problems that are kept of one record; p, sp and np can add three more.
inline constexpr std::size_t max_problems = 40;
/// Destinations that are kept of rua, and of ruf. Receivers need to serve two (RFC 7489 section 6.2).
inline constexpr std::size_t max_uris = 50;

struct Record {
  std::string text;
  std::optional<Policy> p, sp, np;  ///< where present and valid
  bool has_p = false;               ///< present, valid or not
  bool p_is_second = false;         ///< as RFC 7489 section 6.4 wants it
  AlignmentMode adkim = AlignmentMode::relaxed, aspf = AlignmentMode::relaxed;
  Psd psd = Psd::unsaid;
  bool testing = false;             ///< t=y
  std::optional<int> pct;           ///< removed by RFC 9989; older receivers may sample by it
  std::string fo;                   ///< empty: absent
  std::vector<ReportUri> rua, ruf;  ///< those that are valid
  bool has_rua = false, has_ruf = false;  ///< present, valid or not
  std::vector<Problem> problems;

  bool has(Fault fault) const;
};

/// Is `text` selected as a DMARC record: first tag v with exactly the value DMARC1 (case matters)? Section 4.7.
bool is_dmarc_record(std::string_view text);

/// An error only for a text that is not selected; everything else is kept in Record::problems, as receivers read on
/// with defaults (section 4.7).
text::Parsed<Record> parse_record(std::string_view text);

/// Whose mail a policy is asked for.
enum class Subject { domain, existing_subdomain, nonexistent_subdomain };
/// By which standard. 7489 knows no np, no t and no psd.
enum class Standard { rfc9989, rfc7489 };

/// The policy that a record requests.
struct Effective {
  bool applies = true;            ///< false: as if there were no record
  Policy policy = Policy::none;   ///< after t=y lowered it
  std::string_view from = "p";    ///< the tag that decided: p, sp, np; "default" where p is absent or invalid
};

/// RFC 9989 sections 4.7 and 4.10.1, RFC 7489 sections 6.3 and 6.6.3. An invalid p, sp or np with a usable rua counts
/// as p=none, without as no record.
Effective effective_policy(const Record& record, Subject subject, Standard standard);

}  // namespace mailmedic::dmarc
