#include "checks/spf/lint.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailmedic::spf {

namespace {

/// A message of at most so many bytes fits the plain DNS of 1987, and one over UDP without fragments today.
constexpr std::size_t plain_size = 512, udp_size = 1232;

class Lint {
 public:
  Lint(const Survey& survey, CheckReport& report) : survey_(survey), report_(report), domain_(survey.domain.text()) {}

  void run() {
    size();
    if (!survey_.first().reading || !survey_.first().reading->errors.empty()) return;
    repeated_includes();
    covered_networks();
    explanation();
  }

 private:
  void add(std::string_view id, Args args, std::vector<Evidence> evidence) {
    Finding finding{.id = id, .subject = domain_};
    finding.args = {{"domain", domain_}};
    finding.args.insert(finding.args.end(), args.begin(), args.end());
    finding.evidence = std::move(evidence);
    report_.findings.push_back(std::move(finding));
  }
  Evidence record() const { return {"TXT " + domain_, survey_.first().reading->record.text}; }

  void size() {
    const std::size_t bytes = answer_size(survey_.first().answer);
    if (survey_.first().records.empty() || bytes <= plain_size) return;
    const std::size_t count = survey_.first().answer.records.size();
    add(bytes > udp_size ? "spf.answer-too-large" : "spf.answer-large", {{"bytes", std::to_string(bytes)}, {"records", std::to_string(count)}},
        {{"TXT " + domain_, fmt::format("{} records, about {} bytes", count, bytes)}});
  }

  /// The same record asked for at two places costs its lookups twice.
  void repeated_includes() {
    std::vector<dns::Name> seen, told;
    for (const CountedTerm& counted : survey_.lookups) {
      if (counted.term->kind != Kind::include || !counted.term->domain || !counted.term->domain->name) continue;
      const dns::Name& target = *counted.term->domain->name;
      const bool again = std::find(seen.begin(), seen.end(), target) != seen.end();
      seen.push_back(target);
      if (!again || std::find(told.begin(), told.end(), target) != told.end() || !survey_.loops.empty()) continue;
      told.push_back(target);
      add("spf.included-twice", {{"target", target.text()}, {"from", counted.domain.text()}}, {record(), {"in the record of " + counted.domain.text(), counted.term->text}});
    }
  }

  /// Within the domain's own record: a network that another one holds.
  void covered_networks() {
    std::vector<const Term*> networks;
    for (const Term* term : survey_.first().effective_terms())
      if (term->kind == Kind::ip4 || term->kind == Kind::ip6) networks.push_back(term);
    for (const Term* small : networks) {
      const auto large = std::find_if(networks.begin(), networks.end(), [&](const Term* other) {
        if (other == small || other->qualifier != small->qualifier || !other->network.contains(small->network.network)) return false;
        return other->network.length < small->network.length || (other->network.length == small->network.length && other < small);
      });
      if (large != networks.end()) add("spf.covered-network", {{"term", small->text}, {"by", (*large)->text}}, {record()});
    }
  }

  /// The text behind exp: one TXT record, in US-ASCII, whose macros can be expanded. RFC 7208 section 6.2.
  void explanation() {
    const Term* exp = survey_.first().reading->record.find(Kind::exp);
    if (!exp || !exp->domain || !exp->domain->name) return;
    const auto found = survey_.answers.find({*exp->domain->name, dns::Type::txt});
    if (found == survey_.answers.end() || !found->second.is_definite()) return;  // only a text is lost
    const auto texts = found->second.all<dns::Txt>();
    std::string why;
    if (texts.size() != 1) why = fmt::format("{} TXT records stand there; it must be one", texts.size());
    else if (std::any_of(texts[0].text.begin(), texts[0].text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) why = "it is not US-ASCII";
    else if (const auto macro = MacroString::parse(texts[0].text, MacroUse::explanation); !macro) why = macro.error().why;
    if (!why.empty()) add("spf.explanation", {{"term", exp->text}, {"why", why}}, {record(), {"TXT " + exp->domain->name->text(), texts.empty() ? std::string(dns::status_text(found->second.status)) : texts[0].text}});
  }

  const Survey& survey_;
  CheckReport& report_;
  const std::string domain_;
};

}  // namespace

std::size_t answer_size(const dns::Answer& answer) {
  if (answer.records.empty()) return 0;
  // Header, question, OPT; each record with a compressed name; each string with its length.
  std::size_t bytes = 12 + answer.records.front().owner.text().size() + 2 + 4 + 11;
  for (const dns::Record& record : answer.records) {
    bytes += 12;
    if (const auto* txt = std::get_if<dns::Txt>(&record.data)) bytes += txt->text.size() + std::max<std::size_t>(1, txt->sizes.size());
  }
  return bytes;
}

void lint(const Survey& survey, CheckReport& report) { Lint(survey, report).run(); }

}  // namespace mailmedic::spf
