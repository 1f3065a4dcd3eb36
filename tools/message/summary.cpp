#include "tools/message/summary.hpp"

#include <fmt/format.h>

namespace mailmedic::cli {

reports::Exhibit summary_of(const authentication::Authenticated& all) {
  reports::Exhibit out{"Authentication", {}};
  for (const signature::Verified& one : all.dkim.signatures)
    out.lines.push_back(fmt::format("DKIM   {:<10} {}{}", signature::result_text(one.result), one.tags ? fmt::format("d={} s={} {}, body hash {}, header hash {}", one.tags->domain, one.tags->selector, one.tags->algorithm_text, signature::hash_text(one.body_hash), signature::hash_text(one.header_hash)) : std::string("unreadable"),
                                    one.why.empty() ? "" : ": " + one.why));
  if (!all.arc.sets.empty()) out.lines.push_back(fmt::format("ARC    {:<10} {} sets{}", arc::result_text(all.arc.result), all.arc.sets.size(), all.arc.why.empty() ? "" : ": " + all.arc.why));
  out.lines.push_back(all.spf ? fmt::format("SPF    {:<10} {} from {} ({})", spf::result_text(all.spf->result), all.spf->sender, all.envelope.ip->to_string(), all.envelope.source) : "SPF    unknown    no client address");
  const authentication::Dmarc now = dmarc_of(all, dmarc::Standard::rfc9989), old = dmarc_of(all, dmarc::Standard::rfc7489);
  const std::string author = all.author ? all.author->text() : "From is unclear";
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 9989)", now.result, author, now.policy.empty() ? "-" : now.policy));
  out.lines.push_back(fmt::format("DMARC  {:<10} {} policy {} (RFC 7489)", old.result, author, old.policy.empty() ? "-" : old.policy));
  return out;
}

}  // namespace mailmedic::cli
