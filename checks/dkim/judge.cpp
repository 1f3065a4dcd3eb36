// One key record to findings.
#include <boost/json/array.hpp>

#include <algorithm>

#include "checks/dkim/check.hpp"
#include "lib/text/iso_time.hpp"

namespace mailmedic::dkim {

namespace json = boost::json;

namespace {

constexpr int least_bits = 1024;         // RFC 8301 section 3.2: verifiers must not accept less
constexpr int recommended_bits = 2048;   // RFC 8301 section 3.2
constexpr int most_bits = 4096;          // RFC 8301 section 3.2: verifiers need not handle more
constexpr std::uint64_t usual_exponent = 65537;
constexpr std::size_t safe_udp_bytes = 1232;     // the EDNS size that resolvers use since DNS Flag Day 2020
constexpr std::chrono::days most_age{366};       // twice what M3AAWG asks for (a new key every six months)
constexpr std::size_t shown_bytes = 4096, shown_texts = 10;  // of evidence

/// The answer cannot be smaller than this, whatever else the server puts in. RFC 1035 section 4.1.
std::size_t least_bytes(const dns::Answer& answer) {
  constexpr std::size_t header = 12, question = 4, record = 12;  // the owner compressed to two bytes
  std::size_t bytes = header + question;
  for (const dns::Name& alias : answer.aliases) bytes += record + alias.text().size();
  for (const dns::Record& one : answer.records)
    if (const auto* txt = std::get_if<dns::Txt>(&one.data)) bytes += record + txt->text.size() + std::max<std::size_t>(1, txt->sizes.size());
  return bytes;
}

class Judge {
 public:
  Judge(const Found& found, const Given& given, TimePoint now, CheckReport& report) : found_(found), given_(given), now_(now), report_(report) {
    published_.selector = found.selector;
    published_.name = found.name;
    published_.user_named = found.user_named;
    published_.host = host_of(given.providers, found.answer.aliases);
    if (!found.answer.aliases.empty()) published_.alias = found.answer.aliases.back().text();
  }

  std::optional<Published> run() {
    const auto texts = found_.answer.all<dns::Txt>();
    facts_ = json::object{{"selector", found_.selector}, {"domain", found_.name.text()}, {"user_named", found_.user_named}};
    json::array aliases;
    for (const dns::Name& alias : found_.answer.aliases) aliases.emplace_back(alias.text());
    facts_["aliases"] = std::move(aliases);
    facts_["hosted_by"] = published_.host ? json::value(published_.host->name) : json::value(nullptr);
    facts_["algorithm"] = nullptr;
    facts_["bits"] = nullptr;
    facts_["fingerprint"] = nullptr;
    facts_["flags"] = json::array();
    facts_["services"] = json::array();
    facts_["authentic"] = found_.answer.authentic;
    facts_["bytes"] = found_.answer.bytes;
    facts_["over_tcp"] = found_.answer.over_tcp;
    for (const dns::Txt& txt : texts)
      if (evidence_.size() < shown_texts) evidence_.push_back({"TXT " + found_.name.text(), txt.text.substr(0, shown_bytes)});
    facts_["record"] = texts.size() == 1 ? json::value(texts.front().text) : json::value(nullptr);
    if (texts.size() > 1)
      add("dkim.several-records", {{"count", std::to_string(texts.size())}});
    else if (!texts.empty())
      judge(texts.front().text);
    if (const std::size_t bytes = least_bytes(found_.answer); bytes > safe_udp_bytes && !is_long_)
      add("dkim.large-answer", {{"bytes", std::to_string(bytes)}, {"limit", std::to_string(safe_udp_bytes)}}, Severity::warning);
    json::value& keys = report_.facts["keys"];
    if (!keys.is_array()) keys = json::array();
    keys.as_array().push_back(std::move(facts_));
    if (published_.fingerprint.empty()) return std::nullopt;
    return std::move(published_);
  }

 private:
  enum class Leftover { may_be, matters_anyway };

  Finding& add(std::string_view id, Args args = {}, Severity severity = Severity::error, Leftover leftover = Leftover::may_be) {
    Finding finding{.id = id, .subject = found_.name.text()};
    finding.args = {{"selector", found_.selector}, {"name", found_.name.text()}};
    for (auto& arg : args) finding.args.push_back(std::move(arg));
    finding.evidence = evidence_;
    // The catalogue's severity is for a selector that is known to be in use.
    if (!found_.user_named && leftover == Leftover::may_be && severity > Severity::warning) finding.severity = Severity::warning;
    report_.findings.push_back(std::move(finding));
    return report_.findings.back();
  }

  void judge(const std::string& text) {
    const auto record = parse_key_record(text);
    if (!record) {
      add("dkim.syntax", {{"offset", std::to_string(record.error().offset)}, {"problem", record.error().why}});
      return;
    }
    json::array flags;
    for (const std::string& flag : record->flags) flags.emplace_back(flag);
    facts_["flags"] = std::move(flags);
    json::array services;
    for (const std::string& service : record->services) services.emplace_back(service);
    facts_["services"] = std::move(services);
    facts_["algorithm"] = record->key_type;
    for (const std::string& tag : record->duplicates) add("dkim.duplicate-tag", {{"tag", tag}});
    if (record->version && (*record->version != "DKIM1" || !record->version_is_first)) {
      std::string problem = *record->version != "DKIM1" ? "its value must be DKIM1, in this case" : "it must be the first tag";
      if (record->version->ends_with('\\')) problem = "a backslash stands in front of the semicolon";
      add("dkim.version", {{"value", *record->version}, {"problem", problem}});
    }
    if (record->granularity) add("dkim.granularity", {{"value", *record->granularity}}, Severity::warning);
    if (!record->serves("email")) add("dkim.service");
    if (!record->allows_hash("sha256")) add("dkim.hash", {}, Severity::critical);
    if (record->has_flag("y")) add("dkim.testing", {}, Severity::warning);
    if (record->has_flag("s")) judge_identities();
    if (record->key_type != "rsa" && record->key_type != "ed25519") {
      add("dkim.unknown-key-type", {{"type", record->key_type}});
      return;
    }
    if (!record->key) {
      add("dkim.key-absent");
    } else if (record->key->empty()) {
      // Under a guessed selector this is how a retired key should look.
      Finding& revoked = add("dkim.revoked", {}, Severity::critical);
      if (!found_.user_named) revoked.severity = Severity::info;
    } else {
      key(inspect_key(*record->key, record->key_type));
    }
  }

  void key(const Key& key) {
    const Args why{{"problem", key.why}};
    switch (key.fault) {
      case KeyFault::none: break;
      case KeyFault::not_base64: add("dkim.bad-base64", why); return;
      case KeyFault::truncated: add("dkim.truncated", why); return;
      case KeyFault::not_a_key:
      case KeyFault::wrong_type: add("dkim.bad-key", why); return;
      case KeyFault::ed25519_wrapped: add("dkim.ed25519-form", why); return;
    }
    facts_["bits"] = key.bits;
    facts_["fingerprint"] = key.fingerprint;
    published_.fingerprint = key.fingerprint;
    published_.key_type = facts_["algorithm"].as_string();
    judge_origin();
    if (published_.key_type != "rsa") return;
    const Args bits{{"bits", std::to_string(key.bits)}};
    if (key.bits < least_bits)
      add("dkim.short-key", bits, Severity::critical, Leftover::matters_anyway);
    else if (key.bits < recommended_bits)
      add("dkim.weak-key", bits, Severity::warning);
    else if ((is_long_ = key.bits > most_bits))
      add("dkim.long-key", bits, Severity::warning);
    if (key.exponent != usual_exponent)
      add("dkim.exponent", {{"exponent", key.exponent ? std::to_string(*key.exponent) : "more than 64 bits"}}, Severity::warning);
  }

  /// t=s: i= of a signature must be of the very domain that is in d=.
  void judge_identities() {
    for (const Signature* signature : found_.signatures) {
      if (signature->identity_domain == signature->domain) continue;
      add("dkim.subdomain-identity", {{"identity", signature->identity_domain.text()}, {"domain", signature->domain.text()}})
          .evidence.push_back({"DKIM-Signature", signature->text});
      return;
    }
  }

  /// Whose key it is, and since when.
  void judge_origin() {
    for (const KnownKey& known : given_.known_keys)
      if (known.fingerprint == published_.fingerprint) add("dkim.known-key", {{"source", known.source}}, Severity::critical, Leftover::matters_anyway);
    // Behind an alias somebody else changes the key.
    const auto date = date_in(found_.selector);
    if (!date || !found_.answer.aliases.empty() || *date + most_age >= now_) return;
    const auto days = std::chrono::duration_cast<std::chrono::days>(now_ - *date).count();
    add("dkim.old-selector", {{"date", text::iso_time(*date).substr(0, 10)}, {"days", std::to_string(days)}}, Severity::info);
  }

  const Found& found_;
  const Given& given_;
  const TimePoint now_;
  CheckReport& report_;
  Published published_;
  bool is_long_ = false;
  json::object facts_;
  std::vector<Evidence> evidence_;
};

}  // namespace

std::optional<Published> judge_key(const Found& found, const Given& given, TimePoint now, CheckReport& report) { return Judge(found, given, now, report).run(); }

}  // namespace mailmedic::dkim
