#include "checks/tls/caa.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::tls_scan {

namespace json = boost::json;

namespace {
constexpr std::size_t most_names = 12;

/// "issue" with no authority before the ";". RFC 8659 section 4.2.
bool names_nobody(const dns::Caa& caa) { return text::trimmed(std::string_view(caa.value).substr(0, caa.value.find(';'))).empty(); }

bool forbids_all(const dns::Answer& answer) {
  bool any = false;
  for (const dns::Caa& caa : answer.all<dns::Caa>()) {
    if (text::lower(std::string_view(caa.tag)) != "issue") continue;
    if (!names_nobody(caa)) return false;
    any = true;
  }
  return any;
}
}  // namespace

asio::awaitable<CaaFound> find_caa(dns::Resolver& dns, dns::Name host) {
  std::vector<dns::Question> questions;
  for (dns::Name name = host; !name.is_root() && questions.size() < most_names; name = name.parent()) {
    dns::Question question{name, dns::Type::caa};
    questions.push_back(std::move(question));
  }
  CaaFound found;
  found.host = found.at = host;
  found.answer.status = dns::Status::no_data;
  const std::vector<dns::Answer> answers = co_await dns::query_all(dns, questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].is_absent()) continue;
    found.at = questions[i].name;
    found.answer = answers[i];
    break;
  }
  co_return found;
}

void judge_caa(const CaaFound& found, CheckReport& report) {
  if (!found.answer.is_definite()) {
    report.could_not_tell(no_answer(found.at, dns::Type::caa, found.answer));
    return;
  }
  json::array records;
  std::string lines;
  for (const dns::Record& record : found.answer.records) {
    records.push_back(json::value(record.text()));
    if (lines.size() < 1000) lines += (lines.empty() ? "" : "\n") + record.text();
  }
  Finding finding{.subject = found.host.text(), .args = {{"host", found.host.text()}, {"at", found.at.text()}}};
  if (found.answer.is_absent()) {
    finding.id = "tls.caa-missing";
    finding.evidence.push_back({"CAA of " + found.host.text() + " and of the names above it", std::string(dns::status_text(found.answer.status))});
    report.findings.push_back(std::move(finding));
  } else if (forbids_all(found.answer)) {
    finding.id = "tls.caa-forbids-all";
    finding.evidence.push_back({"CAA of " + found.at.text(), std::move(lines)});
    report.findings.push_back(std::move(finding));
  }
  json::object fact{{"host", found.host.text()}, {"at", found.answer.is_absent() ? json::value(nullptr) : json::value(found.at.text())}, {"records", std::move(records)}};
  json::value& all = report.facts["caa"];
  if (!all.is_array()) all = json::array();
  all.as_array().push_back(std::move(fact));
}

}  // namespace mailmedic::tls_scan
