#include "tools/log/recheck.hpp"

#include <set>

#include "checks/bounce/judge.hpp"
#include "checks/bounce/reply_text.hpp"
#include "checks/log/digest.hpp"
#include "lib/net/parallel.hpp"
#include "lib/text/iso_time.hpp"
#include "tools/bounce/bundle.hpp"

namespace mailmedic::cli {

namespace {

/// A group of failures as if it were a bounce. Its claims point into the lists of its context: it may be moved, not copied.
struct Case {
  const log::Group* group = nullptr;
  message::RecipientReport report{};
  bounce::Context context{};
  bounce::Verdict verdict{};
  std::vector<bounce::Claim> claims{};
};

std::string most_of(const log::Few& few) {
  for (const auto& [name, count] : log::largest_of(few, 5))
    if (name != "(others)" && name.find('.') != std::string::npos) return name;
  return {};
}

Case case_of(const log::Group& group, const bounce::Classifier& classifier, const bounce::Context& known) {
  Case out{.group = &group, .report = bounce::read_reply(group.sample), .context = known};
  if (!group.status.empty()) out.report.status = group.status;
  if (!group.reply_code.empty()) out.report.reply_code = group.reply_code;
  out.report.recipient = most_of(group.receivers);
  if (out.context.sender.empty()) out.context.sender = most_of(group.senders);
  out.context.said_at = text::iso_time(TimePoint(std::chrono::seconds(group.last)));
  out.verdict = classifier.classify(out.report);
  return out;
}

/// The cases of the largest groups, each with claims that no larger one has.
std::vector<Case> cases_of(const log::Tally& tally, const bounce::Classifier& classifier, const bounce::Context& known) {
  std::vector<Case> out;
  std::set<std::string> seen;
  std::size_t groups = 0;
  for (const log::Group* group : log::largest_groups(tally)) {
    if (group->kind != maillog::Kind::deferred && group->kind != maillog::Kind::bounced) continue;
    if (++groups > most_groups || seen.size() == most_claims) break;
    Case one = case_of(*group, classifier, known);
    for (bounce::Claim& claim : bounce::claims_of(one.report, one.verdict, one.context))
      if (bounce::can_be_asked(claim.kind) && seen.size() < most_claims && seen.insert(std::string(bounce::kind_word(claim.kind)) + " " + claim.said).second) one.claims.push_back(std::move(claim));
    if (!one.claims.empty()) out.push_back(std::move(one));
  }
  return out;
}

/// What is refused for who we are is a matter for a form; what is broken or unknown is not.
void add_bundle(const Case& one, const std::vector<bounce::Rechecked>& claims, reports::Catalogue* chinese, TimePoint now, std::string& out) {
  const std::string_view category = one.verdict.rule ? one.verdict.rule->reason->category : std::string_view();
  if (category != "reputation" && category != "authentication" && category != "policy") return;
  const message::DeliveryReport delivery{.kind = message::ReportKind::bounce};
  if (!out.empty()) out += "\n----\n\n";
  out += bundle_text({delivery, one.report, one.verdict, one.context, claims, {}, chinese}, now);
}

}  // namespace

asio::awaitable<RecheckedCauses> recheck_causes(const log::Tally& tally, const bounce::Classifier& classifier, const bounce::Context& known, reports::Catalogue* chinese, Probes& probes, CheckReport& check) {
  const std::vector<Case> cases = cases_of(tally, classifier, known);
  std::vector<asio::awaitable<std::vector<bounce::Rechecked>>> work;
  for (const Case& one : cases) work.push_back(bounce::recheck(one.claims, one.context, false, probes));
  RecheckedCauses out;
  if (work.empty()) co_return out;
  const std::vector<std::vector<bounce::Rechecked>> all = co_await net::in_parallel(std::move(work));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    bounce::judge_claims(cases[i].report, all[i], cases[i].context, probes.now, check);
    for (const bounce::Rechecked& claim : all[i]) {
      Facts row = bounce::to_json(claim, cases[i].report, cases[i].context, probes.now);
      row["group"] = cases[i].group->text;
      row["count"] = cases[i].group->count;
      out.claims.push_back(std::move(row));
    }
    add_bundle(cases[i], all[i], chinese, probes.now, out.bundles);
  }
  co_return out;
}

}  // namespace mailmedic::cli
