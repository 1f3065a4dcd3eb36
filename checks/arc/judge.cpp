// What a chain means.
#include "checks/arc/chain.hpp"
#include "checks/no_answer.hpp"
#include "lib/message/fields.hpp"

namespace mailmedic::arc {

namespace {

constexpr std::size_t shown_bytes = 1000;

void add(CheckReport& report, std::string_view id, Args args, Evidence evidence) {
  Finding finding{.id = id, .subject = "ARC"};
  finding.args = std::move(args);
  finding.evidence = {std::move(evidence)};
  report.findings.push_back(std::move(finding));
}

void tell_unanswered(const std::optional<signature::Verified>& one, CheckReport& report) {
  if (one && one->result == signature::Result::temperror) report.could_not_tell(no_answer(one->key.name, dns::Type::txt, one->key.answer));
}

}  // namespace

void judge(const Chain& chain, CheckReport& report) {
  const std::string sets = std::to_string(chain.sets.size());
  if (chain.result == Result::pass) {
    const signature::Verified& seal = *chain.sets.back().seal;
    add(report, "arc.passes", {{"sets", sets}, {"domain", seal.tags->domain}}, {"ARC-Seal, newest", message::in_one_line(seal.field->whole.substr(0, shown_bytes))});
  }
  if (chain.result == Result::fail) {
    const Evidence evidence = chain.broken ? Evidence{std::string(chain.broken->name), message::in_one_line(chain.broken->whole.substr(0, shown_bytes))} : Evidence{"header", sets + " ARC sets"};
    add(report, "arc.fails", {{"problem", chain.why}}, evidence);
  }
  if (chain.result != Result::temperror) return;
  tell_unanswered(chain.sets.back().message, report);
  for (const Set& set : chain.sets) tell_unanswered(set.seal, report);
}

}  // namespace mailmedic::arc
