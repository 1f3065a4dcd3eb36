// One key record to findings.
#include <boost/json/array.hpp>

#include "checks/dkim/check.hpp"

namespace mailmedic::dkim {

namespace json = boost::json;

namespace {

constexpr int least_bits = 1024;         // RFC 8301 section 3.2: verifiers must not accept less
constexpr int recommended_bits = 2048;   // RFC 8301 section 3.2
constexpr int most_bits = 4096;          // RFC 8301 section 3.2: verifiers need not handle more
constexpr std::uint64_t usual_exponent = 65537;

class Judge {
 public:
  Judge(const Found& found, CheckReport& report) : found_(found), report_(report) {}

  void run() {
    const auto texts = found_.answer.all<dns::Txt>();
    facts_ = json::object{{"selector", found_.selector}, {"domain", found_.name.text()}, {"user_named", found_.user_named}};
    json::array aliases;
    for (const dns::Name& alias : found_.answer.aliases) aliases.emplace_back(alias.text());
    facts_["aliases"] = std::move(aliases);
    facts_["algorithm"] = nullptr;
    facts_["bits"] = nullptr;
    facts_["flags"] = json::array();
    for (const dns::Txt& txt : texts) evidence_.push_back({"TXT " + found_.name.text(), txt.text});
    facts_["record"] = texts.size() == 1 ? json::value(texts.front().text) : json::value(nullptr);
    if (texts.size() > 1)
      add("dkim.several-records", {{"count", std::to_string(texts.size())}});
    else if (!texts.empty())
      judge(texts.front().text);
    json::value& keys = report_.facts["keys"];
    if (!keys.is_array()) keys = json::array();
    keys.as_array().push_back(std::move(facts_));
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
    if (facts_["algorithm"] != "rsa") return;
    const Args bits{{"bits", std::to_string(key.bits)}};
    if (key.bits < least_bits)
      add("dkim.short-key", bits, Severity::critical, Leftover::matters_anyway);
    else if (key.bits < recommended_bits)
      add("dkim.weak-key", bits, Severity::warning);
    else if (key.bits > most_bits)
      add("dkim.long-key", bits, Severity::warning);
    if (key.exponent != usual_exponent)
      add("dkim.exponent", {{"exponent", key.exponent ? std::to_string(*key.exponent) : "more than 64 bits"}}, Severity::warning);
  }

  const Found& found_;
  CheckReport& report_;
  json::object facts_;
  std::vector<Evidence> evidence_;
};

}  // namespace

void judge_key(const Found& found, CheckReport& report) { Judge(found, report).run(); }

}  // namespace mailmedic::dkim
