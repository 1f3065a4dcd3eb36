// What the policy does for this domain, and what to do next about it.
#include <algorithm>
#include <chrono>

#include "checks/dmarc/check.hpp"
#include "checks/dmarc/ladder.hpp"
#include "checks/no_answer.hpp"

namespace mailmedic::dmarc {

namespace {

/// Resolvers keep the record that long after it was changed; most zones say an hour.
constexpr std::chrono::seconds long_ttl = std::chrono::hours(24);

std::string text(Policy policy) { return std::string(policy_text(policy)); }

class Judge {
 public:
  Judge(const Picture& picture, CheckReport& report)
      : picture_(picture), record_(*picture.found.record), record_domain_(picture.found.record_domain), report_(report) {}

  void run() {
    existence();
    standards();
    if (record_.has_ruf && !record_.ruf.empty()) add("dmarc.failure-reports", record_domain_, {});
    if (next_step(record_) != Step::nothing || record_.p == Policy::none) time_to_live();
    // A parked domain needs no ladder: nothing of it can break.
    const std::optional<bool> parked = is_parked_unprotected();
    if (parked == true) return is_parked();
    if (parked == false) ladder();
  }

 private:
  void add(std::string_view id, const dns::Name& subject, Args args, std::vector<Evidence> more = {}) {
    Finding finding{.id = id, .subject = subject.text()};
    finding.args = {{"name", "_dmarc." + record_domain_.text()}, {"domain", subject.text()}};
    for (auto& arg : args) finding.args.push_back(std::move(arg));
    finding.evidence = {{"TXT _dmarc." + record_domain_.text(), record_.text}};
    for (auto& evidence : more) finding.evidence.push_back(std::move(evidence));
    report_.findings.push_back(std::move(finding));
  }
  Evidence seen(dns::Type type, const dns::Answer& answer) const {
    std::string records;
    for (const dns::Record& one : answer.records) records += (records.empty() ? "" : "  ") + one.text();
    return {std::string(dns::type_text(type)) + " " + picture_.domain.text(), records.empty() ? std::string(dns::status_text(answer.status)) : records};
  }

  /// DMA-035: the record of an ancestor asks for sp of names that exist and for np of names that do not.
  void existence() {
    if (!picture_.is_inherited()) return;
    const Effective existing = effective_policy(record_, Subject::existing_subdomain, Standard::rfc9989);
    const Effective nonexistent = effective_policy(record_, Subject::nonexistent_subdomain, Standard::rfc9989);
    const AuthorDomain& author = picture_.author;
    if (author.exists() == false) {
      return add("dmarc.domain-does-not-exist", picture_.domain,
                 {{"policy", text(nonexistent.policy)}, {"from", std::string(nonexistent.from)}}, {seen(dns::Type::mx, author.mx)});
    }
    if (existing.policy == nonexistent.policy) return;
    if (!author.exists_9091()) return existence_unknown();
    if (*author.exists_9091()) return;
    add("dmarc.existence-differs", picture_.domain, {{"existing", text(existing.policy)}, {"nonexistent", text(nonexistent.policy)}},
        {seen(dns::Type::mx, author.mx), seen(dns::Type::a, author.a), seen(dns::Type::aaaa, author.aaaa)});
  }
  void existence_unknown() {
    const AuthorDomain& author = picture_.author;
    const std::pair<dns::Type, const dns::Answer*> asked[] = {{dns::Type::mx, &author.mx}, {dns::Type::a, &author.a}, {dns::Type::aaaa, &author.aaaa}};
    for (const auto& [type, answer] : asked)
      if (!answer->is_definite()) return report_.could_not_tell(no_answer(picture_.domain, type, *answer));
  }

  /// DMA-034. Test mode and np are known differences that have words of their own.
  void standards() {
    if (record_.testing) return;
    for (const Subject subject : {Subject::domain, Subject::existing_subdomain}) {
      const auto now = picture_.effective(subject, Standard::rfc9989), old = picture_.effective(subject, Standard::rfc7489);
      if (!now || !old) continue;
      const Policy policy = now->applies ? now->policy : Policy::none, old_policy = old->applies ? old->policy : Policy::none;
      if (policy == old_policy) continue;
      std::vector<Evidence> other;
      if (const auto& by_list = picture_.old_found; by_list.record && by_list.record_domain != record_domain_)
        other.push_back({"TXT _dmarc." + by_list.record_domain.text(), by_list.record->text});
      const std::string about = subject == Subject::domain ? picture_.domain.text() : "*." + picture_.domain.text();
      return add("dmarc.standards-differ", picture_.domain, {{"mail-from", about}, {"policy", text(policy)}, {"old-policy", text(old_policy)}}, std::move(other));
    }
  }

  void time_to_live() {
    for (const WalkStep& step : picture_.walked.steps) {
      if (step.domain != record_domain_) continue;
      // What a resolver has left of it is less, never more.
      std::uint32_t seconds = 0;
      for (const dns::Record& one : step.answer.records) seconds = std::max(seconds, one.ttl);
      if (std::chrono::seconds(seconds) > long_ttl) add("dmarc.long-ttl", record_domain_, {{"hours", std::to_string(seconds / 3600)}});
    }
  }

  /// Nothing: it matters, and DNS did not answer.
  std::optional<bool> is_parked_unprotected() {
    const auto own = picture_.effective(Subject::domain, Standard::rfc9989), below = picture_.effective(Subject::existing_subdomain, Standard::rfc9989);
    const auto rejects = [](const std::optional<Effective>& one) { return !one || (one->applies && one->policy == Policy::reject); };
    if (rejects(own) && rejects(below)) return false;
    const std::optional<bool> parked = picture_.author.is_parked();
    if (parked) return parked;
    const bool by_txt = !picture_.author.txt.is_definite();
    report_.could_not_tell(no_answer(picture_.domain, by_txt ? dns::Type::txt : dns::Type::mx, by_txt ? picture_.author.txt : picture_.author.mx));
    return std::nullopt;
  }
  void is_parked() {
    const auto policy = picture_.effective(Subject::domain, Standard::rfc9989), below = picture_.effective(Subject::existing_subdomain, Standard::rfc9989);
    const auto word = [](const std::optional<Effective>& one) { return one && one->applies ? text(one->policy) : std::string("none"); };
    add("dmarc.parked", picture_.domain, {{"policy", word(policy)}, {"below", word(below)}, {"record", record_for_parked()}},
        {seen(dns::Type::mx, picture_.author.mx), seen(dns::Type::txt, picture_.author.txt)});
  }
  std::string record_for_parked() const {
    std::string out = "v=DMARC1; p=reject";
    if (!picture_.is_inherited() && !record_.rua.empty()) {
      out += "; rua=";
      for (const ReportUri& uri : record_.rua) out += (&uri == &record_.rua.front() ? "" : ",") + uri.text;
    }
    return out;
  }

  void ladder() {
    // What its mail cannot pass today must be mended before the policy gets stricter.
    for (const Finding& finding : report_.findings)
      if (finding.id == "dmarc.rests-on-spf" || finding.id == "dmarc.cannot-pass" || finding.id == "dmarc.strict-alignment") return;
    const auto to = [&](std::string_view id, Policy policy, bool testing) {
      add(id, record_domain_, {{"record", with_policy(record_, policy, testing)}});
    };
    switch (next_step(record_)) {
      case Step::nothing: break;
      case Step::test: to("dmarc.next-step-test", Policy::quarantine, true); break;
      case Step::quarantine: to("dmarc.next-step-quarantine", Policy::quarantine, false); break;
      case Step::reject: to("dmarc.next-step-reject", Policy::reject, false); break;
    }
  }

  const Picture& picture_;
  const Record& record_;
  const dns::Name& record_domain_;
  CheckReport& report_;
};

}  // namespace

void judge_policy(const Picture& picture, CheckReport& report) {
  if (picture.found.record) Judge(picture, report).run();
}

}  // namespace mailmedic::dmarc
