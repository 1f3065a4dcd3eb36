#pragma once
#include "checks/bounce/recheck.hpp"

namespace mailmedic::bounce {

/// Says of one recipient why the mail did not arrive; and when the code and the cause disagree on whether to try again.
void judge(const message::RecipientReport& report, const Verdict& verdict, const Classifier& classifier, CheckReport& out);

/// Says what became of the claims, looked up again at `now`, and which addresses of the text are not ours (where ours are known).
void judge_claims(const message::RecipientReport& report, const std::vector<Rechecked>& claims, const Context& context, TimePoint now, CheckReport& out);

/// When the words were said: "2026-11-25T02:27:53Z", as it was written where it cannot be read, or empty.
std::string said_at(const message::RecipientReport& report, const Context& context);

/// {kind, said, address, domain, list, verdict, found, evidence[], said_at, checked_at}, in `memory`.
Facts to_json(const Rechecked& rechecked, const message::RecipientReport& report, const Context& context, TimePoint now, const boost::json::storage_ptr& memory = {});

/// {recipient, original_recipient, class, reason, hard, retry, status, reply, action, command, remote_mta,
/// remote_address, diagnostic, provider, rule, matched_by, nearest, claims[]}. `rechecked` may be empty: then the
/// claims stand there without a verdict. All of it in `memory`.
Facts to_json(const message::RecipientReport& report, const Verdict& verdict, const Classifier& classifier, const std::vector<Claim>& claims,
              const std::vector<Rechecked>& rechecked, const Context& context, TimePoint now, const boost::json::storage_ptr& memory = {});

/// {id, file, provider, match, status, reply, reason, class, retry, source, read, samples}: what --explain-rule shows.
Facts to_json(const Rule& rule, const RuleSet& rules);

}  // namespace mailmedic::bounce
