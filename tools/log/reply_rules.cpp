#include "tools/log/reply_rules.hpp"

#include "checks/bounce/classify.hpp"

namespace mailmedic::cli {

ReplyRules::ReplyRules(std::vector<std::string> folders) : folders_(std::move(folders)) {}
ReplyRules::~ReplyRules() = default;

std::string ReplyRules::look_closer(log::Tally& tally) {
  if (tally.groups.empty()) return {};
  if (!classifier_) {
    auto rules = bounce::read_rules(folders_);
    if (!rules) return rules.error().why;
    auto made = bounce::Classifier::make(std::move(*rules));
    if (!made) return made.error().why;
    classifier_ = std::make_unique<bounce::Classifier>(std::move(*made));
  }
  for (log::Group& group : tally.groups) {
    if (group.kind != maillog::Kind::deferred && group.kind != maillog::Kind::bounced) continue;
    message::RecipientReport report;
    report.status = group.status;
    report.reply_code = group.reply_code;
    report.diagnostic = group.sample;
    const bounce::Verdict verdict = classifier_->classify(report);
    // A code alone says no more than the first look saw; and "recipient" means here that the address is dead for good.
    const bool says_more = verdict.rule && verdict.ground <= bounce::Ground::text && (verdict.rule->reason->category != "recipient" || verdict.rule->reason->hard());
    if (says_more) group.cause_class = verdict.rule->reason->category;
  }
  return {};
}

}  // namespace mailmedic::cli
