#pragma once
// The domains that SPF and DKIM vouch for, held against the domain in From. The check of a domain asks what can be
// known without a message; a message brings the results (RFC 9989 section 5.3).
#include <boost/json/array.hpp>
#include <span>

#include "checks/check.hpp"
#include "checks/dmarc/align.hpp"

namespace mailmedic::dmarc {

enum class Mechanism { spf, dkim };

/// MAIL FROM (or HELO) domain of SPF, d= of one DKIM signature.
struct Identifier {
  Mechanism mechanism = Mechanism::spf;
  dns::Name domain{};
  std::optional<bool> passed{};  ///< the mechanism's own result; nothing: not known
};

struct AlignedIdentifier {
  Identifier identifier{};
  AlignmentMode mode = AlignmentMode::relaxed;  ///< aspf or adkim
  Alignment alignment{};

  std::optional<bool> aligned() const { return is_aligned(alignment, mode); }
  /// Could it carry a DMARC pass: neither known to have failed nor known to be unaligned?
  bool may_carry() const { return identifier.passed != false && aligned() != false; }
};

/// All at once. `record` null: no policy, so that both modes are relaxed. Arguments must outlive the coroutine.
asio::awaitable<std::vector<AlignedIdentifier>> align_all(const dns::Name& author, std::vector<Identifier> identifiers, const Record* record,
                                                          dns::Resolver& resolver);

enum class Verdict { pass, fail, unknown };

/// RFC 9989 section 5.3.5: one aligned identifier that passed is enough. Pure.
Verdict verdict(std::span<const AlignedIdentifier> identifiers);

/// DMA-017, 025, 037 to 039. Pure. `policy` is what applies to mail from `author`.
void judge_identifiers(const dns::Name& author, std::span<const AlignedIdentifier> identifiers, Policy policy, CheckReport& report);

/// The author domain of a message: of its From fields, each with the domains of its addresses. RFC 9989 section 5.3.1:
/// more than one field, none, or several domains leave nothing to evaluate, which is a finding (DMA-036). Pure.
std::optional<dns::Name> author_of(std::span<const std::vector<dns::Name>> from_fields, CheckReport& report);

/// {mechanism, identifier, passed, mode, aligned, aligned_by_rfc7489, reason}: the unknown is null.
boost::json::array to_json(std::span<const AlignedIdentifier> identifiers);

}  // namespace mailmedic::dmarc
