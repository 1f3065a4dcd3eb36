// DKIM keys of a domain: which selectors to ask, and what an absent key means.
#include "checks/dkim/check.hpp"

#include <boost/json/array.hpp>

#include "checks/dkim/selectors.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace json = boost::json;

namespace {

/// Nobody publishes it; whatever answers here is a wildcard. DKK-020.
constexpr std::string_view unlikely_selector = "mailmedic-no-such-selector";

void add(CheckReport& report, std::string_view id, const std::string& subject, Args args, std::vector<Evidence> evidence) {
  Finding finding{.id = id, .subject = subject};
  finding.args = std::move(args);
  finding.evidence = std::move(evidence);
  report.findings.push_back(std::move(finding));
}

std::vector<std::string> texts_of(const dns::Answer& answer) {
  std::vector<std::string> out;
  for (dns::Txt& txt : answer.all<dns::Txt>()) out.push_back(std::move(txt.text));
  std::sort(out.begin(), out.end());
  return out;
}

/// One answer to a selector's question.
void judge_answer(const std::string& selector, const dns::Question& asked, dns::Answer answer, const std::vector<std::string>& by_wildcard,
                  bool user_named, CheckReport& report) {
  const std::string& name = asked.name.text();
  if (!answer.is_definite()) {
    if (user_named) report.could_not_tell(no_answer(asked.name, asked.type, answer));
    return;
  }
  const bool only_wildcard = !by_wildcard.empty() && texts_of(answer) == by_wildcard;
  if (answer.is_absent() && !answer.aliases.empty()) {
    add(report, "dkim.dangling-alias", name, {{"selector", selector}, {"name", name}, {"target", answer.aliases.back().text()}},
        {{"CNAME " + name, answer.aliases.back().text()}, {"TXT " + answer.aliases.back().text(), std::string(dns::status_text(answer.status))}});
  } else if (answer.is_absent() || only_wildcard) {
    if (user_named)
      add(report, "dkim.key-missing", name, {{"selector", selector}, {"name", name}},
          {{"TXT " + name, only_wildcard ? "only the wildcard's text" : std::string(dns::status_text(answer.status))}});
  } else {
    judge_key({selector, asked.name, std::move(answer), user_named}, report);
  }
}

/// Does the domain say that it sends no mail: a null MX (RFC 7505), or SPF that authorizes nobody? A failing DNS says
/// nothing.
asio::awaitable<bool> sends_no_mail(const Target& target, Probes& probes) {
  const std::vector<dns::Question> questions{{target.domain, dns::Type::mx}, {target.domain, dns::Type::txt}};
  const std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  const auto hosts = answers[0].all<dns::Mx>();
  if (hosts.size() == 1 && hosts.front().host.is_root()) co_return true;
  for (const std::string& text : texts_of(answers[1]))
    if (text::equals_ignoring_case(text::trimmed(text), "v=spf1 -all")) co_return true;
  co_return false;
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "dkim"};
  report.facts["keys"] = json::array();
  const bool user_named = !target.selectors.empty();
  std::vector<std::string> selectors = target.selectors;
  if (!user_named) selectors.assign(std::begin(common_selectors), std::end(common_selectors));
  selectors.insert(selectors.begin(), std::string(unlikely_selector));

  std::vector<std::string> asked;
  std::vector<dns::Question> questions;
  for (const std::string& selector : selectors) {
    const auto name = target.domain.prefixed(selector + "._domainkey");
    if (name) {
      asked.push_back(selector);
      questions.push_back({*name, dns::Type::txt});
    } else if (user_named && selector != unlikely_selector) {
      add(report, "dkim.bad-selector", selector, {{"selector", selector}, {"domain", target.domain.text()}, {"problem", name.error().why}}, {});
    }
  }
  std::vector<dns::Answer> answers = co_await dns::query_all(probes.dns, questions);
  std::vector<std::string> by_wildcard;
  const bool probed = !asked.empty() && asked.front() == unlikely_selector;
  if (probed) by_wildcard = texts_of(answers.front());
  if (!by_wildcard.empty()) {
    std::vector<Evidence> evidence;
    for (const std::string& text : by_wildcard) evidence.push_back({"TXT " + questions.front().name.text(), text});
    add(report, "dkim.wildcard", target.domain.text(), {{"domain", target.domain.text()}, {"name", questions.front().name.text()}}, std::move(evidence));
  }
  json::array asked_facts;
  const dns::Answer* unanswered = nullptr;
  const dns::Question* unanswered_question = nullptr;
  for (std::size_t i = probed ? 1 : 0; i < asked.size(); ++i) {
    asked_facts.emplace_back(asked[i]);
    if (!answers[i].is_definite() && !unanswered) {
      unanswered = &answers[i];
      unanswered_question = &questions[i];
    }
    judge_answer(asked[i], questions[i], answers[i], by_wildcard, user_named, report);
  }
  report.facts["selectors_asked"] = std::move(asked_facts);

  if (user_named || !report.facts["keys"].as_array().empty()) co_return report;
  const bool needs_none = co_await sends_no_mail(target, probes);
  if (needs_none) co_return report;
  Finding unknown{.id = "dkim.no-selector-known", .subject = target.domain.text()};
  unknown.args = {{"domain", target.domain.text()}, {"count", std::to_string(std::size(common_selectors))}};
  report.could_not_tell(std::move(unknown));
  if (unanswered) report.could_not_tell(no_answer(unanswered_question->name, unanswered_question->type, *unanswered));
  co_return report;
}

}  // namespace mailmedic::dkim
