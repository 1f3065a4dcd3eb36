// A policy record to findings.
#include "checks/dmarc/check.hpp"
#include "lib/dns/public_suffix.hpp"

namespace mailmedic::dmarc {

namespace {

constexpr std::size_t uris_of_old_receivers = 2;  // RFC 7489 section 6.2

class Judge {
 public:
  Judge(const Record& record, const dns::Name& record_domain, CheckReport& report)
      : record_(record), record_domain_(record_domain), report_(report) {}

  void run(const std::optional<dns::Name>& organizational) {
    for (const Problem& problem : record_.problems) judge(problem);
    for (const auto* list : {&record_.rua, &record_.ruf})
      for (const ReportUri& uri : *list) judge(uri);
    if (record_.rua.size() > uris_of_old_receivers || record_.ruf.size() > uris_of_old_receivers)
      add("dmarc.many-uris", {{"count", std::to_string(std::max(record_.rua.size(), record_.ruf.size()))}});
    if (record_.rua.empty()) add("dmarc.no-rua", {{"domain", record_domain_.text()}});
    if (!record_.fo.empty() && !record_.has_ruf) add("dmarc.fo-without-ruf", {{"fo", record_.fo}});
    if (!record_.has_p)
      add("dmarc.policy-absent");
    else if (!record_.p_is_second && record_.p)
      add("dmarc.policy-not-second");
    if (record_.p == Policy::none) {
      // With reports it is the way in; without them it does nothing.
      Finding& finding = add("dmarc.policy-none");
      if (!record_.rua.empty()) finding.severity = Severity::info;
    }
    if (record_.testing && record_.p.value_or(Policy::none) != Policy::none)
      add("dmarc.testing", {{"policy", std::string(policy_text(*record_.p))},
                            {"applied", std::string(policy_text(effective_policy(record_, Subject::domain, Standard::rfc9989).policy))}});
    subdomains(organizational);
    if (record_.psd == Psd::no) add("dmarc.psd-no");
    if (record_.psd == Psd::yes && !dns::is_public_suffix(record_domain_)) add("dmarc.psd");
  }

 private:
  Finding& add(std::string_view id, Args args = {}) {
    Finding finding{.id = id, .subject = record_domain_.text()};
    finding.args = {{"name", "_dmarc." + record_domain_.text()}};
    for (auto& arg : args) finding.args.push_back(std::move(arg));
    finding.evidence = {{"TXT _dmarc." + record_domain_.text(), record_.text}};
    report_.findings.push_back(std::move(finding));
    return report_.findings.back();
  }

  void judge(const Problem& problem) {
    const Args args{{"tag", problem.tag}, {"value", problem.value}, {"problem", problem.why}, {"offset", std::to_string(problem.offset)}};
    switch (problem.fault) {
      case Fault::syntax: add("dmarc.syntax", args); break;
      case Fault::unknown_tag: add("dmarc.unknown-tag", args); break;
      // pct=100 is what everybody assumes; it does no harm anywhere.
      case Fault::removed_tag:
        if (problem.tag == "pct" && record_.pct != 100)
          add("dmarc.pct", args);
        else
          add("dmarc.removed-tag", args);
        break;
      case Fault::bad_value: add("dmarc.bad-value", args); break;
      case Fault::bad_policy: {
        Finding& finding = add("dmarc.bad-policy", args);
        finding.args.push_back({"effect", record_.rua.empty() ? "no DMARC" : "p=none"});
        break;
      }
      case Fault::bad_uri: add("dmarc.bad-uri", args); break;
      case Fault::duplicate: add("dmarc.duplicate-tag", args); break;
    }
  }
  void judge(const ReportUri& uri) {
    if (uri.has_size) add("dmarc.uri-size", {{"uri", uri.text}});
    if (uri.scheme != "mailto") add("dmarc.uri-scheme", {{"uri", uri.text}, {"scheme", uri.scheme}});
  }

  void subdomains(const std::optional<dns::Name>& organizational) {
    if (record_.sp && organizational && record_domain_ != *organizational) {
      add("dmarc.subdomain-policy-ignored", {{"organization", organizational->text()}, {"policy", std::string(policy_text(*record_.sp))}});
      return;
    }
    const bool weaker = record_.sp && record_.p && *record_.sp < *record_.p;
    if (weaker)
      add("dmarc.subdomain-policy-weaker", {{"sp", std::string(policy_text(*record_.sp))}, {"p", std::string(policy_text(*record_.p))}});
    const Policy fallback = record_.sp.value_or(record_.p.value_or(Policy::none));
    if (record_.np && *record_.np < fallback)
      add("dmarc.nonexistent-policy-weaker", {{"np", std::string(policy_text(*record_.np))}, {"fallback", std::string(policy_text(fallback))}});
    // That sp is weaker says it already.
    if (!weaker && !record_.np && record_.p.value_or(Policy::none) != Policy::none && fallback != Policy::reject && !record_.has(Fault::bad_policy))
      add("dmarc.nonexistent-policy-absent", {{"from", record_.sp ? "sp" : "p"}, {"fallback", std::string(policy_text(fallback))}});
  }

  const Record& record_;
  const dns::Name& record_domain_;
  CheckReport& report_;
};

}  // namespace

void judge_record(const Record& record, const dns::Name& record_domain, const std::optional<dns::Name>& organizational,
                  CheckReport& report) {
  Judge(record, record_domain, report).run(organizational);
}

}  // namespace mailmedic::dmarc
