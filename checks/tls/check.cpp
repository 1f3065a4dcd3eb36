#include "checks/tls/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/text/ascii.hpp"
#include "lib/tls/certificate.hpp"

namespace mailmedic::tls_scan {

namespace {
using smtp::Scanned;
using tls::SuiteTraits;
using tls::Version;
using tls::VersionFacts;

class Judge {
 public:
  Judge(const std::string& host, const Scanned& seen, CheckReport& report) : host_(host), seen_(seen), report_(report) {}

  void operator()() {
    judge_versions();
    judge_suites();
    judge_key_exchange();
    judge_handshake_facts();
    judge_sessions();
    judge_gaps();
  }

 private:
  bool submission() const { return seen_.request.endpoint.port != 25; }

  Finding made(std::string_view id, Args args, std::string what, std::string text) const {
    Finding finding{.id = id, .subject = host_, .args = {{"host", host_}}};
    finding.args.insert(finding.args.end(), args.begin(), args.end());
    finding.evidence.push_back({fmt::format("{}, {}", seen_.request.endpoint.text(), what), std::move(text)});
    return finding;
  }

  /// Addresses of one host mostly show the same: one finding, with the evidence of each.
  Finding& found(std::string_view id, Args args, std::string what, std::string text) {
    Finding finding = made(id, std::move(args), std::move(what), std::move(text));
    for (Finding& known : report_.findings)
      if (known.id == finding.id && known.subject == finding.subject && known.args == finding.args) {
        known.evidence.insert(known.evidence.end(), finding.evidence.begin(), finding.evidence.end());
        return known;
      }
    report_.findings.push_back(std::move(finding));
    return report_.findings.back();
  }

  /// RFC 8996, RFC 9325 section 3.1.1.
  void judge_versions() {
    std::vector<std::string> old, broken;
    bool current = false, open = false;
    for (const VersionFacts& facts : seen_.versions) {
      const bool is_current = facts.version >= Version::tls1_2;
      current = current || (is_current && facts.is_spoken());
      open = open || (is_current && facts.support == VersionFacts::Support::unknown);
      if (facts.is_spoken() && !is_current) (facts.version <= Version::ssl3 ? broken : old).push_back(tls::version_text(facts.version));
    }
    if (!old.empty()) {
      const std::string list = text::joined(old, ", ");
      Finding& finding = found("tls.old-protocols", {{"protocols", list}}, "ClientHello of these versions", "ServerHello of " + list);
      if (submission()) finding.severity = Severity::error;
    }
    if (!broken.empty()) {
      const std::string list = text::joined(broken, ", ");
      found("tls.broken-protocols", {{"protocols", list}}, "ClientHello of these versions", "ServerHello of " + list);
    }
    if (seen_.speaks_tls() && !current && !open)
      found("tls.no-current-protocol", {}, "ClientHello of TLS 1.3 and 1.2", fmt::format("TLS 1.3: {}; TLS 1.2: {}", sign(Version::tls1_3), sign(Version::tls1_2)));
  }

  std::string sign(Version version) const {
    const VersionFacts* facts = seen_.version(version);
    return facts ? facts->how : std::string();
  }

  template <typename Predicate>
  std::vector<std::string> suites_that(Predicate is) const {
    std::set<std::string> out;
    for (const VersionFacts& facts : seen_.versions)
      for (const tls::SuiteSeen& suite : facts.suites)
        if (is(tls::traits_of(suite.suite))) out.insert(tls::suite_text(suite.suite));
    return {out.begin(), out.end()};
  }

  void judge_list(std::string_view id, const std::vector<std::string>& suites) {
    if (suites.empty()) return;
    std::string all = text::joined(suites, ", ");
    std::string some = suites.size() <= 4 ? all : fmt::format("{}, {}, {}, ... ({})", suites[0], suites[1], suites[2], suites.size());
    Finding& finding = found(id, {{"suites", std::move(some)}}, "suites that it chose", std::move(all));
    if (submission()) finding.severity = Severity::error;
  }

  /// RFC 9325 section 4.1.
  void judge_suites() {
    const auto is_broken = [](const SuiteTraits& t) { return t.plaintext || t.export_grade || t.rc4 || t.rc2 || t.des; };
    judge_list("tls.broken-suites", suites_that(is_broken));
    judge_list("tls.anonymous-suites", suites_that([&](const SuiteTraits& t) { return t.anonymous && !is_broken(t); }));
    judge_list("tls.triple-des", suites_that([](const SuiteTraits& t) { return t.triple_des && !t.anonymous; }));
  }

  /// RFC 9325 sections 4.1 and 4.4.
  void judge_key_exchange() {
    if (!seen_.speaks_tls()) return;
    const bool whole = std::all_of(seen_.versions.begin(), seen_.versions.end(), [](const VersionFacts& v) {
      return v.support == VersionFacts::Support::no || (v.is_spoken() && v.suites_are_all);
    });
    const auto secret = suites_that([](const SuiteTraits& t) { return t.forward_secret && !t.anonymous; });
    if (secret.empty() && whole) found("tls.no-forward-secrecy", {}, "suites that it chose", text::joined(suites_that([](const SuiteTraits&) { return true; }), ", "));
    int smallest = 0;
    for (const VersionFacts& facts : seen_.versions)
      for (const tls::SuiteSeen& suite : facts.suites)
        // Without a certificate nothing is promised, and OpenSSL then takes a prime as strong as the cipher: 1024 bits for AES-128.
        if (suite.dh_bits > 0 && !tls::traits_of(suite.suite).anonymous && (smallest == 0 || suite.dh_bits < smallest)) smallest = suite.dh_bits;
    if (smallest > 0 && smallest < 2048) {
      Finding& finding = found("tls.small-dh", {{"bits", std::to_string(smallest)}}, "ServerKeyExchange", fmt::format("a prime of {} bits", smallest));
      if (smallest < 1024) finding.severity = Severity::error;
    }
    std::vector<std::string> quantum;
    for (const VersionFacts& facts : seen_.versions)
      for (const std::uint16_t number : facts.groups)
        if (const tls::Group* group = tls::group_of(number); group && group->post_quantum) quantum.emplace_back(group->name);
    if (!quantum.empty()) found("tls.post-quantum", {{"groups", text::joined(quantum, ", ")}}, "groups that it chose", text::joined(quantum, ", "));
  }

  void judge_handshake_facts() {
    std::vector<std::string> keys;
    for (const VersionFacts& facts : seen_.versions) {
      const std::string version = tls::version_text(facts.version);
      if (facts.secure_renegotiation == false && facts.version > Version::ssl3)
        found("tls.insecure-renegotiation", {{"protocol", version}}, "ServerHello of " + version, "no renegotiation_info");
      if (facts.compresses) found("tls.compression", {{"protocol", version}}, "ServerHello of " + version, "compression method DEFLATE");
      for (const auto& chain : facts.chains) {
        const auto own = tls::parse_certificate(chain.front());
        if (!own) continue;
        const std::string key = fmt::format("{} {}", own->key_type, own->key_bits);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      }
    }
    std::sort(keys.begin(), keys.end());
    if (keys.size() > 1) found("tls.two-certificates", {{"keys", text::joined(keys, ", ")}}, "certificates by suite", text::joined(keys, ", "));
  }

  /// TLS-021, TLS-022.
  void judge_sessions() {
    using Resumption = smtp::SessionFacts::Resumption;
    for (const smtp::SessionFacts& facts : seen_.sessions) {
      const std::string version(tls::protocol_text(facts.protocol));
      const Args protocol{{"protocol", version}};
      const std::string by = facts.by_ticket ? "ticket" : "session id";
      switch (facts.resumption) {
        case Resumption::resumed: break;
        case Resumption::none: found("tls.resumption-none", protocol, "handshake of " + version, "neither ticket nor session id"); break;
        case Resumption::refused: found("tls.resumption-refused", protocol, "second connection, " + version, fmt::format("a {} was offered, a full handshake was made", by)); break;
        case Resumption::unknown: report_.could_not_tell(made("tls.sessions-unknown", {{"protocol", version}, {"why", facts.why}}, "connection with " + version, facts.why)); break;
      }
      if (facts.early_data_bytes > 0) found("tls.early-data", {{"bytes", std::to_string(facts.early_data_bytes)}}, "ticket of " + version, fmt::format("max_early_data_size {}", facts.early_data_bytes));
      if (facts.renegotiation == tls::Renegotiation::taken) found("tls.client-renegotiation", protocol, "ClientHello within " + version, "a second handshake");
      if (facts.renegotiation == tls::Renegotiation::pending) report_.could_not_tell(made("tls.renegotiation-unknown", protocol, "ClientHello within " + version, "no answer within the limit"));
    }
  }

  void judge_gaps() {
    if (!seen_.speaks_tls()) {
      const bool all_told = std::all_of(seen_.versions.begin(), seen_.versions.end(), [](const VersionFacts& v) { return v.support == VersionFacts::Support::no; });
      if (all_told && !seen_.versions.empty()) return;  // the ordinary handshake has said how it fails
      const std::string why = seen_.trouble.empty() ? "no hello was answered" : seen_.trouble;
      report_.could_not_tell(made("tls.not-measured", {{"why", why}}, "before the hello", why));
      return;
    }
    std::vector<std::string> parts;
    std::string why;
    for (const VersionFacts& facts : seen_.versions) {
      if (facts.support == VersionFacts::Support::no || (facts.is_spoken() && facts.suites_are_all)) continue;
      parts.push_back(tls::version_text(facts.version));
      why = facts.how;
    }
    if (!parts.empty()) report_.could_not_tell(made("tls.incomplete", {{"protocols", text::joined(parts, ", ")}, {"why", why}}, "the scan", why));
  }

  const std::string& host_;
  const Scanned& seen_;
  CheckReport& report_;
};

/// What two addresses of one host should have in common.
std::string profile(const Scanned& seen) {
  std::vector<std::string> spoken;
  for (const VersionFacts& facts : seen.versions)
    if (facts.is_spoken()) spoken.push_back(tls::version_text(facts.version));
  std::set<std::string> certificates;
  for (const VersionFacts& facts : seen.versions)
    for (const auto& chain : facts.chains)
      if (const auto own = tls::parse_certificate(chain.front())) certificates.insert(own->sha256.substr(0, 16));
  return fmt::format("{}; certificates {}", text::joined(spoken, ", "), text::joined(std::vector<std::string>(certificates.begin(), certificates.end()), ", "));
}

bool is_whole(const Scanned& seen) {
  return seen.speaks_tls() && std::none_of(seen.versions.begin(), seen.versions.end(), [](const VersionFacts& v) {
    return v.support == VersionFacts::Support::unknown || (v.is_spoken() && !v.suites_are_all);
  });
}

void judge_differences(const ScannedHost& host, CheckReport& report) {
  std::set<std::string> profiles;
  Finding finding{.id = "tls.addresses-differ", .subject = host.host, .args = {{"host", host.host}}};
  for (const Scanned& seen : host.addresses) {
    if (!is_whole(seen)) continue;
    profiles.insert(profile(seen));
    finding.evidence.push_back({seen.request.endpoint.text(), profile(seen)});
  }
  if (profiles.size() > 1) report.findings.push_back(std::move(finding));
}
}  // namespace

void judge(const std::vector<ScannedHost>& hosts, CheckReport& report) {
  for (const ScannedHost& host : hosts) {
    for (const Scanned& seen : host.addresses) Judge(host.host, seen, report)();
    judge_differences(host, report);
  }
}

}  // namespace mailmedic::tls_scan
