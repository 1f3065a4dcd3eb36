#include "checks/verdict/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::verdict {

namespace {

using message::Judge;
using message::Verdict;

/// A code with a value of its own meaning.
struct Meaning {
  std::string_view name, value, id;
};
/// Microsoft's page about anti-spam message headers.
constexpr Meaning meanings[] = {
    {"SFV", "SPM", "verdict.sfv-spm"},        {"SFV", "NSPM", "verdict.sfv-nspm"},
    {"SFV", "BLK", "verdict.sfv-blk"},        {"SFV", "SFE", "verdict.sfv-sfe"},
    {"SFV", "SKA", "verdict.sfv-ska"},        {"SFV", "SKB", "verdict.sfv-skb"},
    {"SFV", "SKN", "verdict.sfv-skn"},        {"SFV", "SKS", "verdict.sfv-sks"},
    {"SFV", "SKI", "verdict.sfv-ski"},        {"SFV", "SKQ", "verdict.sfv-skq"},
    {"CAT", "AMP", "verdict.cat-malware"},    {"CAT", "MALW", "verdict.cat-malware"},
    {"CAT", "FTBP", "verdict.cat-attachment"}, {"CAT", "SAP", "verdict.cat-safe-attachments"},
    {"CAT", "BIMP", "verdict.cat-brand"},     {"CAT", "DIMP", "verdict.cat-domain"},
    {"CAT", "UIMP", "verdict.cat-user"},      {"CAT", "GIMP", "verdict.cat-mailbox"},
    {"CAT", "PHSH", "verdict.cat-phishing"},  {"CAT", "HPHSH", "verdict.cat-phishing-high"},
    {"CAT", "HPHISH", "verdict.cat-phishing-high"}, {"CAT", "INTOS", "verdict.cat-phishing-inside"},
    {"CAT", "SPM", "verdict.cat-spam"},       {"CAT", "HSPM", "verdict.cat-spam-high"},
    {"CAT", "OSPM", "verdict.cat-outbound"},  {"CAT", "BULK", "verdict.cat-bulk"},
    {"CAT", "SPOOF", "verdict.cat-spoof"},    {"CAT", "NONE", "verdict.cat-none"},
    {"IPV", "CAL", "verdict.ipv-allowed"},    {"SRV", "BULK", "verdict.srv-bulk"},
};

/// A code with a level, up to `most`.
struct Level {
  std::string_view name;
  int most;
  std::string_view id;
};
constexpr Level levels[] = {
    {"SCL", -1, "verdict.scl-skipped"}, {"SCL", 4, "verdict.scl-clean"}, {"SCL", 6, "verdict.scl-spam"}, {"SCL", 9, "verdict.scl-high"},
    {"BCL", 0, "verdict.bcl-none"},     {"BCL", 3, "verdict.bcl-few"},   {"BCL", 7, "verdict.bcl-mixed"}, {"BCL", 9, "verdict.bcl-many"},
};

std::string_view engine_text(Judge judge) { return judge == Judge::rspamd ? "rspamd" : "SpamAssassin"; }

std::string_view who(Judge judge) {
  switch (judge) {
    case Judge::microsoft: return "Microsoft";
    case Judge::gmail: return "Gmail";
    case Judge::yahoo: return "Yahoo";
    case Judge::qq: return "Tencent QQ";
    case Judge::netease: return "NetEase";
    case Judge::spamassassin: break;
    case Judge::rspamd: break;
  }
  return engine_text(judge);
}

class Reader {
 public:
  explicit Reader(CheckReport& report) : report_(report) {}

  void read(const Verdict& one) {
    if (one.judge == Judge::microsoft) return read_codes(one);
    if (one.score) return read_score(one);
    if (one.spam != true) return;
    if (one.judge == Judge::yahoo) add("verdict.yahoo-bulk", {}, one);
    else if (one.judge == Judge::qq) add("verdict.qq-spam", {}, one);
    else if (one.judge == Judge::gmail) read_gmail(one);
    else if (!is_told("verdict.score-spam")) add("verdict.flagged", {{"field", std::string(one.field->name)}}, one);
  }

  void read_compauth(const message::RawField& field) {
    const std::string value = text::lower(field.value.substr(0, 4000));
    const auto at = value.find("compauth=fail");
    if (at == value.npos) return;
    const auto reason = value.find("reason=", at);
    std::string_view digits = reason == value.npos ? std::string_view() : std::string_view(value).substr(reason + 7, 3);
    if (!std::all_of(digits.begin(), digits.end(), text::is_digit)) digits = {};
    add("verdict.compauth-fails", {{"reason", digits.empty() ? std::string("?") : std::string(digits)}}, field);
  }

  /// One finding for all fields of one judge that cannot be read.
  void read_opaque(std::span<const Verdict> all) {
    for (const Verdict& one : all) {
      if (!one.opaque) continue;
      std::vector<std::string> fields;
      for (const Verdict& other : all)
        if (other.opaque && other.judge == one.judge && std::find(fields.begin(), fields.end(), other.field->name) == fields.end()) fields.emplace_back(other.field->name);
      if (std::find(silent_.begin(), silent_.end(), one.judge) == silent_.end()) push("verdict.opaque", {{"judge", std::string(who(one.judge))}, {"fields", text::joined(fields, ", ")}}, *one.field);
      silent_.push_back(one.judge);
    }
  }

 private:
  bool is_told(std::string_view id) const {
    return std::any_of(report_.findings.begin(), report_.findings.end(), [&](const Finding& finding) { return finding.id == id; });
  }

  /// The same is said in several fields; the first one counts.
  void add(std::string_view id, Args args, const message::RawField& field) {
    if (!is_told(id)) push(id, std::move(args), field);
  }
  void add(std::string_view id, Args args, const Verdict& one) { add(id, std::move(args), *one.field); }

  void push(std::string_view id, Args args, const message::RawField& field) {
    constexpr std::size_t shown_bytes = 600;
    Finding finding{.id = id, .subject = "message"};
    finding.args = std::move(args);
    finding.evidence = {{std::string(field.name), std::string(message::utf8_prefix(message::in_one_line(text::trimmed(field.value.substr(0, 4000))), shown_bytes))}};
    report_.findings.push_back(std::move(finding));
  }

  void read_codes(const Verdict& one) {
    for (const message::VerdictCode& code : one.codes) {
      if (code.value.empty()) continue;
      const std::string value = text::upper(code.value);
      const auto meaning = std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& each) { return each.name == code.name && each.value == value; });
      if (meaning != std::end(meanings)) add(meaning->id, {{"code", value}}, one);
      else if (code.name == "SFV" || code.name == "CAT") add("verdict.unknown-code", {{"name", code.name}, {"code", code.value}}, one);
      else read_level(code, one);
    }
  }

  void read_level(const message::VerdictCode& code, const Verdict& one) {
    int level = 0;
    const auto [end, wrong] = std::from_chars(code.value.data(), code.value.data() + code.value.size(), level);
    if (wrong != std::errc() || end != code.value.data() + code.value.size() || level < -1) return;
    const auto found = std::find_if(std::begin(levels), std::end(levels), [&](const Level& each) { return each.name == code.name && level <= each.most; });
    if (found != std::end(levels)) add(found->id, {{"level", code.value}}, one);
  }

  void read_gmail(const Verdict& one) {
    if (text::equals_ignoring_case(one.field->name, "X-Gmail-Labels")) add("verdict.gmail-label", {}, one);
    else if (text::equals_ignoring_case(one.field->name, "X-Gm-Phishy")) add("verdict.gmail-phishing", {}, one);
    else add("verdict.gmail-spam", {}, one);
  }

  void read_score(const Verdict& one) {
    if (!one.spam && !one.threshold) return;  // a number that is held against nothing
    const bool is_spam = one.spam ? *one.spam : *one.score >= *one.threshold;
    const auto text_of = [](const std::optional<double>& number) { return number ? fmt::format("{:g}", *number) : std::string("?"); };
    push(is_spam ? "verdict.score-spam" : "verdict.score-clean", {{"engine", std::string(engine_text(one.judge))}, {"score", text_of(one.score)}, {"threshold", text_of(one.threshold)}}, *one.field);
    if (is_spam) report_.findings.back().evidence.push_back({"rules", rules_of(one)});
  }

  static std::string rules_of(const Verdict& one) {
    auto rules = one.rules;
    std::stable_sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.points.value_or(0) > b.points.value_or(0); });
    constexpr std::size_t most = 20;
    std::vector<std::string> out;
    for (const message::VerdictRule& rule : rules)
      if (out.size() < most) out.push_back(rule.points ? fmt::format("{} {:+g}", rule.name, *rule.points) : rule.name);
    return text::joined(out, ", ");
  }

  CheckReport& report_;
  std::vector<Judge> silent_;
};

}  // namespace

void judge(std::span<const Verdict> verdicts, const message::RawMessage& message, CheckReport& report) {
  Reader reader(report);
  // A score says more than the flag that goes with it
  for (const Verdict& one : verdicts)
    if (one.score) reader.read(one);
  for (const Verdict& one : verdicts)
    if (!one.score) reader.read(one);
  for (const message::RawField& field : message.fields)
    if (text::equals_ignoring_case(field.name, "Authentication-Results")) reader.read_compauth(field);
  reader.read_opaque(verdicts);
}

}  // namespace mailmedic::verdict
