#include "checks/smtp/trials.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/text/ascii.hpp"

namespace mailmedic::smtp {

namespace {
std::string said(const TrialStep& step) { return step.reply ? step.reply->text() : "(no reply)"; }

/// The findings of one trial of one address.
class Judge {
 public:
  Judge(const std::string& host, const net::Endpoint& endpoint, const TrialSeen& seen, CheckReport& report)
      : host_(host), endpoint_(endpoint), seen_(seen), report_(report) {}

  void operator()() {
    if (!seen_.was_performed) return not_done(seen_.why);
    switch (seen_.trial) {
      case Trial::pipelining: return pipelining();
      case Trial::early_talk: return early_talk();
      case Trial::relay: return relay();
      case Trial::starttls_injection: return starttls_injection();
      case Trial::smuggling: return smuggling();
      case Trial::vrfy: return vrfy();
      case Trial::postmaster: return postmaster();
    }
  }

 private:
  Finding about(std::string_view id) const {
    return {.id = id, .subject = host_, .args = {{"host", host_}, {"address", endpoint_.address.to_string()}, {"port", std::to_string(endpoint_.port)}}};
  }
  Evidence evidence_of(const TrialStep& step) const { return {fmt::format("{}, {}", endpoint_.text(), step.form), said(step)}; }

  void add(Finding finding, const std::vector<const TrialStep*>& steps) {
    for (const TrialStep* step : steps) finding.evidence.push_back(evidence_of(*step));
    report_.findings.push_back(std::move(finding));
  }
  template <typename Predicate>
  std::vector<const TrialStep*> steps_where(Predicate is_wanted) const {
    std::vector<const TrialStep*> out;
    for (const TrialStep& step : seen_.steps)
      if (is_wanted(step)) out.push_back(&step);
    return out;
  }
  static bool is_taken(const TrialStep& step) { return step.reply && step.reply->code / 100 == 2; }

  void not_done(const std::string& why) {
    Finding unknown = about("smtp.trial-not-done");
    unknown.args.emplace_back("trial", trial_word(seen_.trial));
    unknown.args.emplace_back("reason", why);
    unknown.evidence = {{endpoint_.text(), why}};
    report_.could_not_tell(std::move(unknown));
  }

  void pipelining() {
    const auto all = steps_where([](const TrialStep&) { return true; });
    if (std::all_of(seen_.steps.begin(), seen_.steps.end(), is_taken)) return;
    // "Later" is no verdict about order.
    const auto later = std::find_if(seen_.steps.begin(), seen_.steps.end(), [](const TrialStep& step) { return step.reply && step.reply->is_transient(); });
    if (later != seen_.steps.end()) return not_done(said(*later));
    add(about("smtp.pipelining-broken"), all);
  }

  void early_talk() {
    const TrialStep& last = seen_.steps.back();
    const bool is_punished = !last.reply || last.reply->code >= 400;
    add(about(is_punished ? "smtp.early-talk-punished" : "smtp.early-talk-borne"), {&last});
  }

  void relay() {
    const auto plain = steps_where([](const TrialStep& step) { return step.is_plain_relay && is_taken(step); });
    if (!plain.empty()) return add(about("smtp.open-relay"), plain);
    const auto odd = steps_where([](const TrialStep& step) { return !step.is_plain_relay && is_taken(step); });
    if (odd.empty()) return;
    Finding unclear = about("smtp.relay-unclear");
    for (const TrialStep* step : odd) unclear.evidence.push_back(evidence_of(*step));
    report_.could_not_tell(std::move(unclear));
  }

  void starttls_injection() {
    const TrialStep& first = seen_.steps.back();
    // The answer to QUIT is 221; 250 is the answer to the NOOP that was said before TLS.
    if (first.reply && first.reply->code == 250) add(about("smtp.starttls-injection"), {&first});
  }

  void smuggling() {
    const auto taken = steps_where(is_taken);
    // That none is taken shows only where all were tried.
    if (taken.empty() && !seen_.why.empty()) return not_done(seen_.why);
    if (taken.empty()) return;
    Finding finding = about("smtp.smuggling");
    std::vector<std::string> ends;
    for (const TrialStep* step : taken) ends.push_back(step->form);
    finding.args.emplace_back("ends", text::joined(ends, ", "));
    add(std::move(finding), taken);
  }

  /// 252 ("cannot verify"), a flat refusal, and the same yes to everything tell nothing; yes to a name that may be there and
  /// no to one that is not do.
  void vrfy() {
    const auto says_yes = [](const TrialStep* step) { return step->reply && (step->reply->code == 250 || step->reply->code == 251); };
    std::vector<const TrialStep*> telling;
    for (const std::string_view command : {"VRFY ", "EXPN "}) {
      const auto both = steps_where([&](const TrialStep& step) { return step.form.starts_with(command); });
      const auto invented = std::find_if(both.begin(), both.end(), [](const TrialStep* step) { return step->form.find("mailmedic-no-such-") != std::string::npos; });
      if (invented == both.end() || says_yes(*invented) || !std::any_of(both.begin(), both.end(), says_yes)) continue;
      telling.insert(telling.end(), both.begin(), both.end());
    }
    if (!telling.empty()) add(about("smtp.vrfy-discloses"), telling);
  }

  void postmaster() {
    const TrialStep& step = seen_.steps.back();
    if (step.reply->is_transient()) return not_done(said(step));
    if (!step.reply->is_permanent()) return;
    Finding finding = about("smtp.postmaster-refused");
    finding.args.emplace_back("recipient", step.form);
    add(std::move(finding), {&step});
  }

  const std::string& host_;
  const net::Endpoint& endpoint_;
  const TrialSeen& seen_;
  CheckReport& report_;
};
}  // namespace

void judge_trial(const std::string& host, const net::Endpoint& endpoint, const TrialSeen& seen, CheckReport& report) { Judge(host, endpoint, seen, report)(); }

boost::json::object facts_of(const TrialSeen& seen) {
  boost::json::object out{{"trial", trial_word(seen.trial)}, {"performed", seen.was_performed}};
  if (!seen.why.empty()) out["why"] = seen.why;
  boost::json::array steps;
  for (const TrialStep& step : seen.steps) {
    boost::json::object one{{"form", step.form}};
    if (step.reply) one["reply"] = step.reply->text();
    else one["reply"] = nullptr;
    steps.push_back(std::move(one));
  }
  out["steps"] = std::move(steps);
  return out;
}

}  // namespace mailmedic::smtp
