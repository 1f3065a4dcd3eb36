#include "checks/spf/survey.hpp"

#include <set>

#include "lib/dns/query_all.hpp"

namespace mailmedic::spf {

namespace {

constexpr std::size_t max_counted_terms = 200;

/// The domain that a term asks about, where no macro hides it.
std::optional<dns::Name> fixed_target(const Term& term, const dns::Name& domain) {
  if (!term.domain) return domain;
  return term.domain->name;
}

bool is_reference(const Term& term) { return term.kind == Kind::include || term.kind == Kind::redirect; }

Surveyed surveyed(dns::Answer answer) {
  Surveyed out;
  for (dns::Txt& txt : answer.all<dns::Txt>())
    if (is_spf_record(txt.text)) out.records.push_back(std::move(txt));
  if (out.records.size() == 1) out.reading = std::make_shared<const Reading>(read_record(out.records.front().text));
  out.answer = std::move(answer);
  return out;
}

/// Follows the records in the order of evaluation.
class Counter {
 public:
  explicit Counter(Survey& survey) : survey_(survey) {}

  void walk(const dns::Name& domain, int depth) {
    const auto found = survey_.records.find(domain);
    if (found == survey_.records.end() || !found->second.answer.is_definite()) survey_.complete = false;
    if (found == survey_.records.end() || !found->second.reading || !found->second.reading->errors.empty()) return;
    if (const auto again = std::find(path_.begin(), path_.end(), domain); again != path_.end()) {
      std::vector<dns::Name> loop(again, path_.end());
      loop.push_back(domain);
      if (std::find(survey_.loops.begin(), survey_.loops.end(), loop) == survey_.loops.end()) survey_.loops.push_back(std::move(loop));
      return;
    }
    path_.push_back(domain);
    for (const Term* term : found->second.effective_terms()) {
      if (!term->costs_lookup()) continue;
      if (survey_.lookups.size() >= max_counted_terms) break;
      survey_.lookups.push_back({domain, term, depth});
      const auto target = fixed_target(*term, domain);
      if (!target && is_reference(*term)) survey_.complete = false;
      if (!target) continue;
      if (is_reference(*term))
        walk(*target, depth + 1);
      else
        count_void(*term, *target, domain);
    }
    path_.pop_back();
  }

 private:
  bool is_void(const dns::Name& name, dns::Type type) const {
    const auto found = survey_.answers.find({name, type});
    return found != survey_.answers.end() && found->second.is_absent();
  }
  void count_void(const Term& term, const dns::Name& target, const dns::Name& domain) {
    const bool nothing = term.kind == Kind::mx  ? is_void(target, dns::Type::mx)
                         : term.kind == Kind::a ? is_void(target, dns::Type::a) && is_void(target, dns::Type::aaaa)
                                                : is_void(target, dns::Type::a);
    if (nothing && term.kind != Kind::ptr)
      survey_.void_lookups.push_back({target.text(), term.kind == Kind::mx ? dns::Type::mx : dns::Type::a, term.text, domain.text()});
  }

  Survey& survey_;
  std::vector<dns::Name> path_;
};

void note_questions(const Term& term, const dns::Name& target, std::set<dns::Question>& questions) {
  if (term.kind == Kind::mx) questions.insert({target, dns::Type::mx});
  if (term.kind == Kind::a || term.kind == Kind::exists) questions.insert({target, dns::Type::a});
  if (term.kind == Kind::a) questions.insert({target, dns::Type::aaaa});
}

}  // namespace

std::vector<const Term*> Surveyed::effective_terms() const {
  std::vector<const Term*> out;
  if (!reading) return out;
  const Term* redirect = nullptr;
  for (const Term& term : reading->record.terms) {
    if (term.kind == Kind::redirect) redirect = &term;
    if (term.is_mechanism()) out.push_back(&term);
    if (term.kind == Kind::all) return out;
  }
  if (redirect) out.push_back(redirect);
  return out;
}

asio::awaitable<Survey> survey(const dns::Name& domain, dns::Resolver& resolver, const std::string* proposed) {
  Survey out;
  out.domain = domain;
  std::set<dns::Question> questions;
  std::vector<dns::Name> level{domain};
  while (!level.empty()) {
    std::vector<dns::Question> asked;
    for (const dns::Name& name : level) asked.push_back({name, dns::Type::txt});
    std::vector<dns::Answer> answers;
    if (proposed && out.records.empty()) {
      dns::Record record;
      record.owner = domain;
      record.type = dns::Type::txt;
      record.data = dns::Txt{*proposed, {}};
      answers.resize(1);
      answers.front().status = dns::Status::answered;
      answers.front().records.push_back(std::move(record));
    } else {
      answers = co_await dns::query_all(resolver, asked);
    }
    std::vector<dns::Name> next;
    for (std::size_t i = 0; i < level.size(); ++i) {
      const auto [entry, added] = out.records.emplace(level[i], surveyed(std::move(answers[i])));
      if (!entry->second.reading || !entry->second.reading->errors.empty()) continue;
      if (const Term* exp = entry->second.reading->record.find(Kind::exp); exp && level[i] == domain && exp->domain && exp->domain->name)
        questions.insert({*exp->domain->name, dns::Type::txt});
      for (const Term* term : entry->second.effective_terms()) {
        const auto target = fixed_target(*term, level[i]);
        if (!target) continue;
        note_questions(*term, *target, questions);
        if (!is_reference(*term)) continue;
        out.references.push_back({level[i], term, *target});
        const bool known = out.records.contains(*target) || std::find(level.begin(), level.end(), *target) != level.end() ||
                           std::find(next.begin(), next.end(), *target) != next.end();
        if (!known && out.records.size() + next.size() < max_surveyed_domains) next.push_back(*target);
      }
    }
    level = std::move(next);
  }
  const std::vector<dns::Question> addresses(questions.begin(), questions.end());
  std::vector<dns::Answer> answers = co_await dns::query_all(resolver, addresses);
  for (std::size_t i = 0; i < addresses.size(); ++i) out.answers.emplace(addresses[i], std::move(answers[i]));
  Counter(out).walk(domain, 0);
  co_return out;
}

}  // namespace mailmedic::spf
