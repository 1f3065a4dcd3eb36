// What only DNS knows: is the author's domain there, are hosts of links on lists?
#include <algorithm>

#include "checks/blocklist/ask.hpp"
#include "checks/lint/links.hpp"
#include "checks/lint/parts.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::lint {

namespace {

/// RFC 5321 section 5.1: MX, else addresses. All three are asked at once.
void judge_author(const dns::Name& domain, const std::vector<dns::Answer>& answers, CheckReport& report) {
  const dns::Answer& mx = answers[0];
  const auto hosts = mx.all<dns::Mx>();
  std::string problem;
  if (mx.status == dns::Status::nx_domain) problem = "it does not exist";
  else if (hosts.size() == 1 && hosts.front().host.is_root()) problem = "its only MX is \".\" (RFC 7505)";
  else if (mx.status == dns::Status::answered) return;
  else if (answers[1].status == dns::Status::answered || answers[2].status == dns::Status::answered) return;
  else if (std::all_of(answers.begin(), answers.end(), [](const dns::Answer& one) { return one.is_definite(); })) problem = "it has neither MX nor address records";
  if (!problem.empty()) return add(report, "lint.from-unresolvable", {{"domain", domain.text()}, {"problem", problem}}, "MX " + domain.text(), std::string(dns::status_text(mx.status)));
  constexpr dns::Type types[] = {dns::Type::mx, dns::Type::a, dns::Type::aaaa};
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (!answers[i].is_definite()) return report.could_not_tell(no_answer(domain, types[i], answers[i]));
}

/// Lists are about what is registered. A message has few such domains; of more than these nothing is asked.
std::vector<blocklist::Subject> subjects_of(const Letter& letter) {
  constexpr std::size_t most = 20;
  std::vector<blocklist::Subject> out;
  for (const Link& link : links_of(letter)) {
    if (!link.name) continue;
    const auto domain = dns::registrable_domain(*link.name);
    const blocklist::Subject subject = domain ? *domain : *link.name;
    if (std::find(out.begin(), out.end(), subject) == out.end() && out.size() < most) out.push_back(subject);
  }
  return out;
}

void judge_listings(const std::vector<blocklist::Result>& results, CheckReport& report) {
  std::vector<std::string> silent, about;
  for (const blocklist::Result& one : results) {
    const std::string domain = blocklist::subject_text(one.subject), meaning = text::joined(one.meanings, "; ");
    if (one.list->allows || one.list->tier == blocklist::Tier::low) continue;
    if (one.state == blocklist::State::listed && !one.policy_only) {
      add(report, "lint.link-listed", {{"domain", domain}, {"list", one.list->name}, {"meaning", meaning}, {"url", one.list->url.empty() ? one.list->shown : one.list->url}}, one.list->shown, meaning);
    } else if (one.state != blocklist::State::clean && one.state != blocklist::State::listed) {
      if (std::find(silent.begin(), silent.end(), one.list->shown) == silent.end()) silent.push_back(one.list->shown);
      if (std::find(about.begin(), about.end(), domain) == about.end()) about.push_back(domain);
    }
  }
  if (silent.empty()) return;
  Finding unknown{.id = "lint.link-lists-silent", .subject = "links"};
  unknown.args = {{"domain", text::joined(about, ", ")}, {"lists", text::joined(silent, ", ")}};
  unknown.evidence = {{"DNS lists", text::joined(silent, ", ")}};
  report.could_not_tell(std::move(unknown));
}

}  // namespace

asio::awaitable<void> ask(const Letter& letter, const Circumstances& about, dns::Resolver& dns, CheckReport& report) {
  if (letter.author) {
    const dns::Name domain = *letter.author;
    const std::vector<dns::Question> questions = {{domain, dns::Type::mx}, {domain, dns::Type::a}, {domain, dns::Type::aaaa}};
    const std::vector<dns::Answer> answers = co_await dns::query_all(dns, questions);
    judge_author(domain, answers, report);
  }
  const auto subjects = subjects_of(letter);
  if (!about.lists || subjects.empty()) co_return;
  const std::vector<blocklist::Result> results = co_await blocklist::ask(about.lists->asked, subjects, dns, false);
  judge_listings(results, report);
}

asio::awaitable<CheckReport> check(std::string_view message, const Circumstances& about, dns::Resolver& dns) {
  CheckReport report{.check = "lint"};
  const Letter letter = read(message);
  judge(letter, about, report);
  co_await ask(letter, about, dns, report);
  write_facts(letter, report.facts);
  report.facts["advertising"] = is_advertising(letter, about);
  co_return report;
}

}  // namespace mailmedic::lint
