// What shows only of several keys, published or private.
#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "checks/dkim/check.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace json = boost::json;

namespace {

using Group = std::vector<const Published*>;

std::string names_in(const Group& group) {
  std::vector<std::string> names;
  for (const Published* key : group) names.push_back(key->name.text());
  return text::joined(names, ", ");
}

void judge_same(const std::map<std::string, Group>& by_key, const dns::Name& domain, CheckReport& report) {
  for (const auto& [fingerprint, group] : by_key) {
    if (group.size() < 2) continue;
    Finding finding{.id = "dkim.same-key", .subject = domain.text()};
    finding.args = {{"count", std::to_string(group.size())}, {"names", names_in(group)}};
    for (const Published* key : group) finding.evidence.push_back({"TXT " + key->name.text(), "SHA-256 of the key: " + fingerprint});
    report.findings.push_back(std::move(finding));
  }
}

void judge_hosted(const std::map<const Provider*, Group>& by_host, const dns::Name& domain, CheckReport& report) {
  for (const auto& [host, group] : by_host) {
    Finding finding{.id = "dkim.hosted", .subject = domain.text()};
    finding.args = {{"service", host->name}, {"names", names_in(group)}};
    for (const Published* key : group) finding.evidence.push_back({"CNAME " + key->name.text(), key->alias});
    report.findings.push_back(std::move(finding));
  }
}

constexpr unsigned others_access = 0007, group_access = 0070;

Finding about(std::string_view id, const PrivateKey& key, Args args) {
  Finding finding{.id = id, .subject = key.file};
  finding.args = {{"file", key.file}};
  for (auto& arg : args) finding.args.push_back(std::move(arg));
  finding.evidence = {{key.file, fmt::format("mode {:04o}; {} key of {} bits, SHA-256 of its public half: {}", key.mode, key.key_type, key.bits, key.fingerprint)}};
  return finding;
}

void judge_access(const PrivateKey& key, CheckReport& report) {
  const Args mode{{"mode", fmt::format("{:04o}", key.mode)}};
  if (key.mode & others_access) report.findings.push_back(about("dkim.private-key-open", key, mode));
  else if (key.mode & group_access) report.findings.push_back(about("dkim.private-key-group", key, mode));
}

}  // namespace

void judge_together(const std::vector<Published>& keys, const dns::Name& domain, CheckReport& report) {
  std::map<std::string, Group> by_key;
  std::map<const Provider*, Group> by_host;
  for (const Published& key : keys) {
    by_key[key.fingerprint].push_back(&key);
    if (key.host) by_host[key.host].push_back(&key);
  }
  judge_same(by_key, domain, report);
  judge_hosted(by_host, domain, report);
}

void judge_private_keys(const std::vector<PrivateKey>& private_keys, const std::vector<Published>& keys, bool all_known, const dns::Name& domain, CheckReport& report) {
  json::array facts;
  for (const PrivateKey& key : private_keys) {
    judge_access(key, report);
    json::array published_at;
    for (const Published& one : keys)
      if (one.fingerprint == key.fingerprint) published_at.emplace_back(one.name.text());
    if (published_at.empty()) {
      const Args args{{"domain", domain.text()}, {"record", fmt::format("v=DKIM1; k={}; p={}", key.key_type, key.public_base64)}};
      Finding finding = about(all_known ? "dkim.private-key-unpublished" : "dkim.private-key-not-compared", key, args);
      for (const Published& one : keys) finding.evidence.push_back({"TXT " + one.name.text(), "SHA-256 of the key: " + one.fingerprint});
      if (all_known) report.findings.push_back(std::move(finding));
      else report.could_not_tell(std::move(finding));
    }
    facts.push_back(json::object{{"file", key.file}, {"algorithm", key.key_type}, {"bits", key.bits}, {"mode", fmt::format("{:04o}", key.mode)}, {"published_at", std::move(published_at)}});
  }
  report.facts["private_keys"] = std::move(facts);
}

}  // namespace mailmedic::dkim
