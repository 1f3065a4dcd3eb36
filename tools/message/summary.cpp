#include "tools/message/summary.hpp"

#include <fmt/format.h>

namespace mailmedic::cli {

reports::Exhibit summary_of(const signature::Verification& dkim, const arc::Chain& arc) {
  reports::Exhibit out{"Authentication", {}};
  for (const signature::Verified& one : dkim.signatures)
    out.lines.push_back(fmt::format("DKIM   {:<10} {}{}", signature::result_text(one.result), one.tags ? fmt::format("d={} s={} {}, body hash {}, header hash {}", one.tags->domain, one.tags->selector, one.tags->algorithm_text, signature::hash_text(one.body_hash), signature::hash_text(one.header_hash)) : std::string("unreadable"),
                                    one.why.empty() ? "" : ": " + one.why));
  if (!arc.sets.empty()) out.lines.push_back(fmt::format("ARC    {:<10} {} sets{}", arc::result_text(arc.result), arc.sets.size(), arc.why.empty() ? "" : ": " + arc.why));
  return out;
}

reports::Exhibit summary_of(const authentication::Authenticated& all) {
  reports::Exhibit out = summary_of(all.dkim, all.arc);
  out.lines.push_back(all.spf ? fmt::format("SPF    {:<10} {} from {} ({})", spf::result_text(all.spf->result), all.spf->sender, all.envelope.ip->to_string(), all.envelope.source) : "SPF    unknown    no client address");
  const authentication::Dmarc now = dmarc_of(all, dmarc::Standard::rfc9989), old = dmarc_of(all, dmarc::Standard::rfc7489);
  const std::string author = all.author ? all.author->text() : "From is unclear";
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 9989)", now.result, author, now.policy.empty() ? "-" : now.policy));
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 7489)", old.result, author, old.policy.empty() ? "-" : old.policy));
  return out;
}

}  // namespace mailmedic::cli
