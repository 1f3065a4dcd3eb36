#include "checks/dmarc/ladder.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::dmarc {

Step next_step(const Record& record) {
  if (!record.p || record.has(Fault::bad_policy) || record.rua.empty()) return Step::nothing;
  if (*record.p == Policy::none) return Step::test;
  if (record.testing) return *record.p == Policy::quarantine ? Step::quarantine : Step::reject;
  return *record.p == Policy::quarantine ? Step::reject : Step::nothing;
}

std::string with_policy(const Record& record, Policy policy, bool testing) {
  std::string out = "v=DMARC1; p=" + std::string(policy_text(policy));
  if (testing) out += "; t=y";
  for (const std::string_view part : text::split(record.text, ';')) {
    const std::string_view tag = text::trimmed(part);
    const std::string name = text::lower(text::trimmed(tag.substr(0, tag.find('='))));
    if (tag.empty() || name == "v" || name == "p" || name == "t" || name == "pct" || name == "rf" || name == "ri") continue;
    out.append("; ").append(tag);
  }
  return out;
}

}  // namespace mailmedic::dmarc
