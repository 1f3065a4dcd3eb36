#include "lib/message/verdicts.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <charconv>

#include "lib/message/charset.hpp"
#include "lib/message/fields.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::message {

namespace json = boost::json;

namespace {

constexpr std::size_t max_rules = 200, read_bytes = 32 * 1024, shown_bytes = 300;

std::optional<double> number_of(std::string_view text) {
  text = text::trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  return wrong == std::errc() && end == text.data() + text.size() && out > -1e6 && out < 1e6 ? std::optional(out) : std::nullopt;
}

/// What stands behind "name=", up to the next white space or comma.
std::string_view behind(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == text.npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find_first_of(" \t\r\n,"));
}

/// "SFV:SPM;CAT:PHSH;SCL:9". Values may hold colons (addresses).
void read_pairs(std::string_view value, Verdict& out) {
  constexpr std::size_t max_codes = 60;
  for (const std::string_view part : text::split(value, ';')) {
    const std::string_view pair = text::trimmed(part);
    const auto colon = pair.find(':');
    if (colon == pair.npos || colon == 0 || out.codes.size() == max_codes) continue;
    out.codes.push_back({text::upper(text::trimmed(pair.substr(0, colon))), std::string(utf8_prefix(text::trimmed(pair.substr(colon + 1)), shown_bytes))});
  }
}

std::string_view code(const Verdict& verdict, std::string_view name) {
  const auto found = std::find_if(verdict.codes.begin(), verdict.codes.end(), [&](const VerdictCode& one) { return one.name == name; });
  return found == verdict.codes.end() ? std::string_view() : std::string_view(found->value);
}

/// A confidence of 5 and more is spam; -1 was not filtered.
void read_confidence(Verdict& out) {
  if (const auto level = number_of(code(out, "SCL"))) out.spam = *level >= 5;
}

/// "Yes, score=7.4 required=5.0 tests=A=1.2,B autolearn=no version=4.0.1"; old ones say "hits=".
void read_spamassassin(std::string_view value, Verdict& out) {
  const std::string_view said = text::trimmed(value);
  if (text::starts_with_ignoring_case(said, "yes")) out.spam = true;
  else if (text::starts_with_ignoring_case(said, "no")) out.spam = false;
  out.score = number_of(behind(said, "score="));
  if (!out.score) out.score = number_of(behind(said, "hits="));
  out.threshold = number_of(behind(said, "required="));
  const auto at = said.find("tests=");
  if (at == said.npos) return;
  // The list is folded at will: it ends where the next "word=" begins that is no rule with its points
  std::string_view list = said.substr(at + 6);
  for (const std::string_view end : {"autolearn=", "autolearn_force=", "version=", "shortcircuit="}) list = list.substr(0, list.find(end));
  std::string compact;
  for (const char c : list)
    if (!text::is_space(c) && c != '[' && c != ']') compact += c;
  for (const std::string_view rule : text::split(std::string_view(compact), ',')) {
    const auto equals = rule.find('=');
    const std::string_view name = rule.substr(0, equals);
    if (name.empty() || name == "none" || out.rules.size() == max_rules) continue;
    out.rules.push_back({std::string(name.substr(0, 100)), equals == rule.npos ? std::nullopt : number_of(rule.substr(equals + 1))});
  }
}

/// "default: False [3.20 / 15.00];\n\tBAYES_SPAM(5.10)[100.00%];..."
void read_rspamd(std::string_view value, Verdict& out) {
  const auto open = value.find('['), slash = value.find('/', open), close = value.find(']', slash);
  if (close == value.npos) return;
  const auto words = text::words(value.substr(0, open));
  if (!words.empty()) out.spam = text::equals_ignoring_case(words.back(), "true");
  out.score = number_of(value.substr(open + 1, slash - open - 1));
  out.threshold = number_of(value.substr(slash + 1, close - slash - 1));
  for (const std::string_view part : text::split(value.substr(close + 1), ';')) {
    const std::string_view rule = text::trimmed(part);
    const auto begin = rule.find('('), end = rule.find(')', begin);
    if (end == rule.npos || begin == 0 || out.rules.size() == max_rules) continue;
    const bool is_name = std::all_of(rule.begin(), rule.begin() + static_cast<std::ptrdiff_t>(begin), [](char c) { return text::is_alnum(c) || c == '_'; });
    if (is_name) out.rules.push_back({std::string(rule.substr(0, std::min<std::size_t>(begin, 100))), number_of(rule.substr(begin + 1, end - begin - 1))});
  }
}

void read_labels(std::string_view value, Verdict& out) {
  for (const std::string_view part : text::split(value, ',')) {
    const std::string_view label = text::trimmed(part);
    if (text::equals_ignoring_case(label, "Spam")) out.spam = true;
  }
  out.codes.push_back({"LABELS", std::string(utf8_prefix(text::trimmed(value), shown_bytes))});
}

/// "1", "true" and "yes" mean spam, anything else does not.
void read_flag(std::string_view value, Verdict& out) {
  const std::string word = text::lower(text::trimmed(value));
  out.spam = word == "1" || word == "true" || word == "yes";
}

void read_opaque(std::string_view, Verdict& out) { out.opaque = true; }
void read_presence(std::string_view, Verdict& out) { out.spam = true; }
void read_report(std::string_view value, Verdict& out) {
  read_pairs(value, out);
  read_confidence(out);
}
void read_scl(std::string_view value, Verdict& out) {
  out.codes.push_back({"SCL", std::string(text::trimmed(value.substr(0, shown_bytes)))});
  read_confidence(out);
}
void read_pcl(std::string_view value, Verdict& out) { out.codes.push_back({"PCL", std::string(text::trimmed(value.substr(0, shown_bytes)))}); }

struct Known {
  std::string_view name;
  Judge judge;
  void (*read)(std::string_view value, Verdict& out);
};
constexpr Known known[] = {
    {"X-Forefront-Antispam-Report", Judge::microsoft, read_report},
    {"X-Microsoft-Antispam", Judge::microsoft, read_pairs},
    {"X-MS-Exchange-Organization-SCL", Judge::microsoft, read_scl},
    {"X-MS-Exchange-Organization-PCL", Judge::microsoft, read_pcl},
    {"X-Microsoft-Antispam-Message-Info", Judge::microsoft, read_opaque},
    {"X-Spam-Status", Judge::spamassassin, read_spamassassin},
    {"X-Spam-Flag", Judge::spamassassin, read_flag},
    {"X-Spamd-Result", Judge::rspamd, read_rspamd},
    {"X-Gm-Spam", Judge::gmail, read_flag},
    {"X-Gm-Phishy", Judge::gmail, read_flag},
    {"X-Gmail-Labels", Judge::gmail, read_labels},
    {"X-YahooFilteredBulk", Judge::yahoo, read_presence},
    {"X-YMailISG", Judge::yahoo, read_opaque},
    {"X-QQ-SPAM", Judge::qq, read_flag},
    {"X-QQ-XMRINFO", Judge::qq, read_opaque},
    {"X-QQ-XMAILINFO", Judge::qq, read_opaque},
    {"X-QQ-SSF", Judge::qq, read_opaque},
    {"X-NTES-SC", Judge::netease, read_opaque},
    {"X-Coremail-Antispam", Judge::netease, read_opaque},
};

json::value number_or_null(const std::optional<double>& number) { return number ? json::value(*number) : json::value(nullptr); }

}  // namespace

std::string_view judge_text(Judge judge) {
  constexpr std::string_view words[] = {"microsoft", "spamassassin", "rspamd", "gmail", "yahoo", "qq", "netease"};
  return words[static_cast<std::size_t>(judge)];
}

std::vector<Verdict> verdicts_of(const RawMessage& message) {
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < message.fields.size() && out.size() < max_verdicts; ++i) {
    const RawField& field = message.fields[i];
    const auto found = std::find_if(std::begin(known), std::end(known), [&](const Known& one) { return text::equals_ignoring_case(one.name, field.name); });
    if (found == std::end(known)) continue;
    Verdict verdict{.judge = found->judge, .field = &field, .line = i};
    found->read(field.value.substr(0, read_bytes), verdict);
    out.push_back(std::move(verdict));
  }
  return out;
}

json::array to_json(std::span<const Verdict> verdicts) {
  json::array out;
  for (const Verdict& one : verdicts) {
    json::object codes;
    for (const VerdictCode& each : one.codes) codes[each.name] = each.value;
    json::array rules;
    for (const VerdictRule& rule : one.rules) rules.push_back(json::object{{"name", rule.name}, {"points", number_or_null(rule.points)}});
    out.push_back(json::object{{"judge", judge_text(one.judge)}, {"field", one.field->name}, {"fields_above", one.line}, {"spam", one.spam ? json::value(*one.spam) : json::value(nullptr)},
                               {"score", number_or_null(one.score)}, {"threshold", number_or_null(one.threshold)}, {"opaque", one.opaque}, {"codes", std::move(codes)},
                               {"rules", std::move(rules)}, {"text", utf8_prefix(in_one_line(text::trimmed(one.field->value.substr(0, read_bytes))), shown_bytes)}});
  }
  return out;
}

}  // namespace mailmedic::message
