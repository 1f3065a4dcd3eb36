// BIMI of a domain: the record, the DMARC policy behind it, and the two documents that it names.
#include "checks/bimi/check.hpp"

#include <boost/json/array.hpp>

#include "checks/bimi/judge.hpp"
#include "lib/dns/public_suffix.hpp"
#include "lib/https/response_json.hpp"
#include "lib/net/parallel.hpp"

namespace mailmedic::bimi {

namespace json = boost::json;

namespace {

/// What one name holds: a record, several, or only something like one.
struct Look {
  dns::Name domain;
  std::string name;
  dns::Answer answer;
  std::vector<std::string> records, nearly;
};

asio::awaitable<Look> look_at(dns::Name domain, Probes& probes) {
  Look out;
  out.domain = domain;
  const auto name = domain.prefixed("default._bimi");
  if (!name) {  // too long to be asked: no record can be there
    out.answer.status = dns::Status::nx_domain;
    co_return out;
  }
  out.name = name->text();
  out.answer = co_await probes.dns.query(*name, dns::Type::txt);
  for (const dns::Txt& txt : out.answer.all<dns::Txt>()) {
    if (is_record(txt.text)) out.records.push_back(txt.text);
    else if (is_nearly_record(txt.text)) out.nearly.push_back(txt.text);
  }
  co_return out;
}

void judge_name(const Look& look, CheckReport& report) {
  for (const std::string& text : look.nearly) {
    Finding finding{.id = "bimi.version", .subject = look.domain.text(), .args = {{"name", look.name}, {"found", text.substr(0, 40)}}};
    finding.evidence = {{"TXT " + look.name, text}};
    report.findings.push_back(std::move(finding));
  }
  if (look.records.size() < 2) return;
  Finding finding{.id = "bimi.several-records", .subject = look.domain.text(), .args = {{"name", look.name}, {"count", std::to_string(look.records.size())}}};
  for (const std::string& text : look.records) finding.evidence.push_back({"TXT " + look.name, text});
  report.findings.push_back(std::move(finding));
}

/// The organizational domain, where that may be another one than the domain itself. A registrable domain is its own.
asio::awaitable<std::optional<dns::Name>> organization_of(const dns::Name& domain, Probes& probes, CheckReport& report) {
  if (dns::registrable_domain(domain).value_or(domain) == domain) co_return std::nullopt;
  const dmarc::Walk walk = co_await dmarc::walk(domain, probes.dns);
  auto organization = walk.organizational_domain();
  if (!organization) report.could_not_tell(no_text("_dmarc", walk.steps.back().domain, walk.steps.back().answer));
  if (organization && *organization == domain) organization.reset();
  co_return organization;
}

/// The domain's own record, else its organizational domain's. Nothing where there is none, or none that counts.
asio::awaitable<std::optional<Found>> find_record(const Target& target, Probes& probes, CheckReport& report) {
  Look look = co_await look_at(target.domain, probes);
  judge_name(look, report);
  if (look.answer.is_definite() && look.records.empty()) {
    const std::optional<dns::Name> organization = co_await organization_of(target.domain, probes, report);
    if (organization) {
      look = co_await look_at(*organization, probes);
      judge_name(look, report);
    }
  }
  if (!look.answer.is_definite()) {
    report.could_not_tell(no_text("default._bimi", look.domain, look.answer));
    co_return std::nullopt;
  }
  if (look.records.size() != 1) co_return std::nullopt;
  auto record = parse_record(look.records.front());
  if (!record) co_return std::nullopt;
  co_return Found{look.domain, look.name, std::move(*record)};
}

asio::awaitable<Document> fetch_document(std::string_view tag, const https::Url& url, const Target& target, Probes& probes) {
  const net::Families families{target.ipv4, target.ipv6};
  Document document;
  document.tag = tag;
  document.url = url;
  document.fetched = co_await https::fetch(probes.dns, *probes.https, url, max_document, families);
  co_return document;
}

json::object document_json(const Document& document) {
  json::array responses;
  for (const https::Response& response : document.fetched.responses) responses.push_back(https::facts_of(response));
  return {{"url", document.url.text()}, {"fetched", std::move(responses)}};
}

asio::awaitable<void> look_at_documents(const Target& target, const Found& found, Probes& probes, CheckReport& report) {
  std::vector<asio::awaitable<Document>> work;
  if (found.record.logo) work.push_back(fetch_document("l", *found.record.logo, target, probes));
  if (found.record.certificate) work.push_back(fetch_document("a", *found.record.certificate, target, probes));
  const std::vector<Document> documents = co_await net::in_parallel(std::move(work));
  std::optional<std::string> logo;
  for (const Document& document : documents) {
    const bool is_logo = document.tag == "l";
    report.facts[is_logo ? "logo" : "certificate"] = document_json(document);
    std::optional<std::string> bytes = judge_served(found, document, report);
    if (!bytes) continue;
    if (is_logo) logo = judge_logo(found, document, std::move(*bytes), report);
    else judge_certificate(target, found, document, *bytes, logo, probes, report);
  }
}

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  CheckReport report{.check = "bimi"};
  report.facts["record"] = nullptr;
  const std::optional<Found> found = co_await find_record(target, probes, report);
  if (!found) co_return report;
  report.facts["record"] = found->record.text;
  report.facts["record_domain"] = found->domain.text();
  report.facts["declined"] = found->record.is_declined;
  if (!found->record.extensions.empty()) report.facts["ignored_tags"] = json::array(found->record.extensions.begin(), found->record.extensions.end());
  judge_record(*found, report);
  if (found->record.is_declined) co_return report;
  const dmarc::Walk walk = co_await dmarc::walk(target.domain, probes.dns);
  judge_policy(target.domain, walk, report);
  if (probes.https) co_await look_at_documents(target, *found, probes, report);
  co_return report;
}

}  // namespace mailmedic::bimi
