// A surveyed record to findings: syntax, terms, includes, limits.
#include <set>

#include "checks/no_answer.hpp"
#include "checks/spf/check.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/shown.hpp"

namespace mailmedic::spf {

namespace {

/// Where less room is left than two more includes usually need.
constexpr std::size_t little_headroom = 8;
/// Networks wider than these hold hosts of many owners.
constexpr int widest_ip4 = 16, widest_ip6 = 32;
constexpr std::size_t shown_lookups = 40;

std::string_view id_of(Rule rule) {
  switch (rule) {
    case Rule::characters: return "spf.bad-characters";
    case Rule::unknown_mechanism: return "spf.unknown-mechanism";
    case Rule::duplicate_modifier: return "spf.duplicate-modifier";
    case Rule::address: return "spf.bad-address";
    case Rule::domain_spec: return "spf.bad-domain";
    case Rule::macro: return "spf.bad-macro";
    case Rule::arguments: break;
  }
  return "spf.bad-arguments";
}

Evidence record_evidence(const dns::Name& domain, std::string_view record) {
  return {"TXT " + domain.text(), std::string(record)};
}

/// A text that was meant as an SPF record and is not selected as one: SPF-004.
bool is_nearly_spf(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size() && plain.size() < 6;) {
    const text::Utf8 wide = text::utf8_at(text.substr(at));
    const bool skipped = text::is_space(text[at]) || text[at] == '"' || text[at] == '\'' || static_cast<unsigned char>(text[at]) >= 0x80;
    if (!skipped) plain += text::lower(text[at]);
    at += wide.length > 1 ? static_cast<std::size_t>(wide.length) : 1;
  }
  return (plain.starts_with("v=spf") || plain.starts_with("spf=v") || plain.starts_with("v:spf")) && !is_spf_record(text);
}

/// Does `text` start with a whole term, as no piece of a longer word does by chance?
bool starts_with_term(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  std::string_view rest = word;
  if (!rest.empty() && std::string_view("+-~?").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
  for (const std::string_view whole : {"all", "mx", "a"})
    if (rest == whole) return true;
  for (const std::string_view start : {"include:", "ip4:", "ip6:", "exists:", "redirect=", "exp=", "a:", "mx:", "ptr:"})
    if (text::starts_with_ignoring_case(rest, start)) return true;
  return false;
}

/// The two strings of a TXT record that meet without a space where a term starts; SPF-007.
std::optional<std::string> glued_place(const dns::Txt& txt) {
  const auto strings = txt.strings();
  for (std::size_t i = 1; i < strings.size(); ++i) {
    if (strings[i - 1].empty() || strings[i - 1].back() == ' ' || !starts_with_term(strings[i])) continue;
    const auto left = strings[i - 1].substr(strings[i - 1].rfind(' ') + 1);
    return fmt::format("{}{}", left, strings[i].substr(0, strings[i].find(' ')));
  }
  return std::nullopt;
}

class Judge {
 public:
  Judge(const Survey& survey, CheckReport& report, bool private_world)
      : survey_(survey), report_(report), private_world_(private_world), domain_(survey.domain.text()) {}

  void run() {
    const Surveyed& first = survey_.first();
    if (!first.answer.is_definite()) {
      report_.could_not_tell(no_answer(survey_.domain, dns::Type::txt, first.answer));
      return;
    }
    texts(first);
    if (first.records.size() > 1) {
      Finding& several = add("spf.several-records", {{"count", std::to_string(first.records.size())}});
      for (const dns::Txt& txt : first.records) several.evidence.push_back(record_evidence(survey_.domain, txt.text));
    }
    if (!first.reading) return;
    record_text_ = first.reading->record.text;
    for (const SyntaxError& error : first.reading->errors)
      with_record(add(id_of(error.rule), {{"term", error.term}, {"offset", std::to_string(error.offset)}, {"problem", error.why}}));
    terms(first);
    if (!first.reading->errors.empty()) return;
    references();
    limits();
  }

 private:
  Finding& add(std::string_view id, Args args = {}) {
    Finding finding{.id = id, .subject = domain_};
    finding.args = {{"domain", domain_}};
    for (auto& arg : args) finding.args.push_back(std::move(arg));
    report_.findings.push_back(std::move(finding));
    return report_.findings.back();
  }
  void with_record(Finding& finding) { finding.evidence.push_back(record_evidence(survey_.domain, record_text_)); }

  /// What stands beside the record, and how it is cut into strings.
  void texts(const Surveyed& first) {
    for (const dns::Txt& txt : first.answer.all<dns::Txt>()) {
      if (text::starts_with_ignoring_case(txt.text, "spf2.0/"))
        add("spf.sender-id", {}).evidence.push_back(record_evidence(survey_.domain, txt.text));
      else if (is_nearly_spf(txt.text))
        add("spf.version", {{"found", std::string(std::string_view(txt.text).substr(0, 20))}})
            .evidence.push_back(record_evidence(survey_.domain, txt.text));
    }
    for (const dns::Txt& txt : first.records)
      if (const auto place = glued_place(txt))
        add("spf.glued-strings", {{"place", *place}}).evidence.push_back(record_evidence(survey_.domain, txt.text));
  }

  void terms(const Surveyed& first) {
    const Record& record = first.reading->record;
    const Term* all = record.find(Kind::all);
    const Term* redirect = record.find(Kind::redirect);
    std::vector<std::string> behind;
    for (const Term& term : record.terms) {
      if (all && &term > all && term.is_mechanism()) behind.push_back(term.text);
      if (term.kind == Kind::unknown_modifier) with_record(add("spf.unknown-modifier", {{"term", term.text}}));
      if (term.kind == Kind::ptr) with_record(add("spf.ptr", {{"term", term.text}}));
      if (term.kind != Kind::ptr && term.domain && term.domain->macro.uses('p')) with_record(add("spf.ptr", {{"term", term.text}}));
      if (term.domain && !term.domain->name && term.domain->macro.is_literal())
        with_record(add("spf.bad-domain", {{"term", term.text}, {"offset", std::to_string(term.offset)}, {"problem", "a name that DNS cannot carry: an empty label, a label over 63 or a name over 253 bytes"}}));
      if (term.kind == Kind::ip4 || term.kind == Kind::ip6) network(term);
      if ((term.kind == Kind::a || term.kind == Kind::mx) && (term.ip4_length < widest_ip4 || term.ip6_length < widest_ip6))
        with_record(add("spf.wide-range", {{"term", term.text}}));
    }
    if (!behind.empty()) with_record(add("spf.terms-behind-all", {{"all", all->text}, {"terms", text::joined(behind, " ")}}));
    if (all && redirect) with_record(add("spf.redirect-ignored", {{"redirect", redirect->text}, {"all", all->text}}));
    if (all && all->qualifier == Qualifier::pass) with_record(add("spf.passes-all", {{"term", all->text}}));
    if (all && all->qualifier == Qualifier::neutral) with_record(add("spf.neutral-all"));
    if (!all && !redirect && first.reading->errors.empty()) with_record(add("spf.no-all"));
  }

  void network(const Term& term) {
    const bool v4 = term.kind == Kind::ip4;
    const net::Prefix& network = term.network;
    if (network.length < (v4 ? widest_ip4 : widest_ip6)) {
      Finding& wide = add("spf.wide-range", {{"term", term.text}});
      with_record(wide);
      // The whole address space is as good as +all.
      if (network.length == 0 && term.qualifier == Qualifier::pass) wide.severity = Severity::critical;
      return;
    }
    if (const auto use = net::special_use(network.network); !use.empty() && !private_world_)
      with_record(add("spf.private-address", {{"term", term.text}, {"use", std::string(use)}}));
    const std::string bytes = net::bytes_of(network.network);
    bool host_bits = false;
    for (int bit = network.length; bit < (v4 ? 32 : 128); ++bit)
      host_bits = host_bits || (static_cast<unsigned char>(bytes[static_cast<std::size_t>(bit / 8)]) >> (7 - bit % 8) & 1);
    if (host_bits) with_record(add("spf.host-bits", {{"term", term.text}}));
  }

  /// Includes and redirects, each with the record that it leads to.
  void references() {
    std::set<dns::Name> unanswered;
    for (const Reference& reference : survey_.references) {
      const auto found = survey_.records.find(reference.to);
      if (found == survey_.records.end()) continue;
      const Surveyed& target = found->second;
      const bool redirect = reference.term->kind == Kind::redirect;
      const Args args{{"term", reference.term->text}, {"from", reference.from.text()}, {"target", reference.to.text()}};
      Finding* finding = nullptr;
      if (!target.answer.is_definite()) {
        if (unanswered.insert(reference.to).second) report_.could_not_tell(no_answer(reference.to, dns::Type::txt, target.answer));
      } else if (target.records.empty()) {
        const bool gone = target.answer.status == dns::Status::nx_domain;
        finding = &add(gone ? "spf.include-nonexistent" : redirect ? "spf.redirect-without-record" : "spf.include-without-record", args);
        finding->evidence.push_back({"TXT " + reference.to.text(), std::string(dns::status_text(target.answer.status))});
      } else if (!target.reading) {
        finding = &add("spf.include-error", args);
        finding->args.push_back({"problem", fmt::format("{} SPF records at one name", target.records.size())});
        for (const dns::Txt& txt : target.records) finding->evidence.push_back(record_evidence(reference.to, txt.text));
      } else if (!target.reading->errors.empty()) {
        const SyntaxError& error = target.reading->errors.front();
        finding = &add("spf.include-error", args);
        finding->args.push_back({"problem", fmt::format("{} at offset {}: {}", error.term, error.offset, error.why)});
        finding->evidence.push_back(record_evidence(reference.to, target.reading->record.text));
      } else if (const Term* all = target.reading->record.find(Kind::all); all && all->qualifier == Qualifier::pass) {
        finding = &add("spf.include-passes-all", args);
        finding->evidence.push_back(record_evidence(reference.to, target.reading->record.text));
      }
      if (finding) finding->evidence.push_back(record_evidence(reference.from, survey_.records.at(reference.from).reading->record.text));
    }
    for (const auto& loop : survey_.loops) {
      std::vector<std::string> names;
      for (const dns::Name& name : loop) names.push_back(name.text());
      with_record(add("spf.loop", {{"path", text::joined(names, " -> ")}}));
    }
  }

  void limits() {
    const std::size_t lookups = survey_.lookups.size();
    // A loop never ends; its number of lookups says nothing.
    if (survey_.loops.empty() && (lookups > static_cast<std::size_t>(max_lookups) || (lookups >= little_headroom && survey_.complete))) {
      const bool over = lookups > static_cast<std::size_t>(max_lookups);
      Finding& finding = add(over ? "spf.lookup-limit" : "spf.lookup-headroom", {{"lookups", std::to_string(lookups)}});
      for (std::size_t i = 0; i < lookups && i < shown_lookups; ++i) {
        const CountedTerm& counted = survey_.lookups[i];
        finding.evidence.push_back({fmt::format("lookup {}", i + 1), fmt::format("{}{}: {}", std::string(static_cast<std::size_t>(2 * counted.depth), ' '), counted.domain.text(), counted.term->text)});
      }
    }
    if (survey_.loops.empty() && survey_.void_lookups.size() > static_cast<std::size_t>(max_void_lookups)) {
      Finding& finding = add("spf.void-limit", {{"voids", std::to_string(survey_.void_lookups.size())}});
      for (const VoidLookup& lookup : survey_.void_lookups)
        finding.evidence.push_back({fmt::format("{} in the record of {}", lookup.term, lookup.domain),
                                    fmt::format("no {} record at {}", lookup.type == dns::Type::mx ? "MX" : "address", lookup.name)});
    }
    std::set<dns::Name> judged;
    for (const CountedTerm& counted : survey_.lookups) {
      if (counted.term->kind != Kind::mx) continue;
      const auto target = counted.term->domain ? counted.term->domain->name : std::optional(counted.domain);
      const auto answer = target ? survey_.answers.find({*target, dns::Type::mx}) : survey_.answers.end();
      if (answer == survey_.answers.end() || !judged.insert(*target).second) continue;
      if (!answer->second.is_definite()) report_.could_not_tell(no_answer(*target, dns::Type::mx, answer->second));
      if (answer->second.records.size() <= max_mx_hosts) continue;
      Finding& finding = add("spf.mx-limit", {{"term", counted.term->text}, {"from", counted.domain.text()}, {"count", std::to_string(answer->second.records.size())}});
      finding.evidence.push_back(record_evidence(counted.domain, survey_.records.at(counted.domain).reading->record.text));
    }
  }

  const Survey& survey_;
  CheckReport& report_;
  const bool private_world_;
  const std::string domain_;
  std::string record_text_;
};

}  // namespace

void judge(const Survey& survey, CheckReport& report, bool private_world) { Judge(survey, report, private_world).run(); }

}  // namespace mailmedic::spf
