// DKIM keys of a domain: which selectors to ask, and what an absent key means.
#include "checks/dkim/check.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

#include "checks/dkim/selectors.hpp"
#include "checks/no_answer.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dkim {

namespace json = boost::json;

namespace {

/// Nobody publishes it; whatever answers here is a wildcard. DKK-020.
constexpr std::string_view unlikely_selector = "mailmedic-no-such-selector";

std::vector<std::string> texts_of(const dns::Answer& answer) {
  std::vector<std::string> out;
  for (dns::Txt& txt : answer.all<dns::Txt>()) out.push_back(std::move(txt.text));
  std::sort(out.begin(), out.end());
  return out;
}

/// Does the domain say that it sends no mail: a null MX (RFC 7505), or SPF that authorizes nobody? A failing DNS says
/// nothing.
bool sends_no_mail(const dns::Answer& mx, const dns::Answer& txt) {
  const auto hosts = mx.all<dns::Mx>();
  if (hosts.size() == 1 && hosts.front().host.is_root()) return true;
  for (const dns::Record& record : txt.records)
    if (const auto* spf = std::get_if<dns::Txt>(&record.data); spf && text::equals_ignoring_case(text::trimmed(spf->text), "v=spf1 -all")) return true;
  return false;
}

/// Is this the text of a key record? Other texts stand at a name of the domain too.
bool is_key_text(const std::string& text) {
  const auto record = parse_key_record(text);
  return record && record->key && !record->key->empty() && inspect_key(*record->key, record->key_type).fault == KeyFault::none;
}

/// One selector whose key is looked up.
struct Wanted {
  std::string selector;
  dns::Name domain;  ///< of the signature
  dns::Name name;    ///< SELECTOR._domainkey.DOMAIN
  bool user_named = false;
  std::vector<const Signature*> signatures{};
};

/// One run of the check.
class Survey {
 public:
  Survey(const Target& target, Probes& probes) : target_(target), probes_(probes), given_(target.signing ? *target.signing : none_) {
    report.facts["keys"] = json::array();
  }

  asio::awaitable<void> run() {
    std::vector<Wanted> named = named_selectors();
    if (target_.selectors.empty() && named.empty()) {
      co_await guess();
    } else {
      co_await ask(std::move(named), Questions());
      co_await look_beside();
    }
    judge_together(keys_, target_.domain, report);
    const bool all_known = user_named_ > 0 && unanswered_ == 0;
    if (!given_.private_keys.empty()) judge_private_keys(given_.private_keys, keys_, all_known, target_.domain, report);
    report.facts["selectors_asked"] = std::move(asked_);
  }

  CheckReport report{.check = "dkim"};

 private:
  using Questions = std::vector<dns::Question>;

  void add(std::string_view id, const std::string& subject, Args args, std::vector<Evidence> evidence) {
    Finding finding{.id = id, .subject = subject};
    finding.args = std::move(args);
    finding.evidence = std::move(evidence);
    report.findings.push_back(std::move(finding));
  }

  // --- what to ask ---

  /// A selector is asked once for a domain, whoever names it.
  void want(std::vector<Wanted>& list, const std::string& selector, const dns::Name& domain, bool user_named, const Signature* signature) {
    const auto name = domain.prefixed(selector + "._domainkey");
    if (!name) {
      if (user_named)
        add("dkim.bad-selector", selector, {{"selector", selector}, {"domain", domain.text()}, {"problem", name.error().why}}, {});
      return;
    }
    auto found = std::find_if(list.begin(), list.end(), [&](const Wanted& one) { return one.name == *name; });
    if (found == list.end()) found = list.insert(list.end(), Wanted{.selector = selector, .domain = domain, .name = *name, .user_named = user_named});
    if (signature) found->signatures.push_back(signature);
  }

  std::vector<Wanted> named_selectors() {
    std::vector<Wanted> named;
    for (const std::string& selector : target_.selectors) want(named, selector, target_.domain, true, nullptr);
    if (given_.signatures.empty()) return named;
    json::array facts;
    for (const Signature& signature : given_.signatures) {
      // Who else signs keeps keys of his own, of which the domain knows nothing.
      const bool own = signature.domain.is_within(target_.domain) || target_.domain.is_within(signature.domain);
      if (own) want(named, signature.selector, signature.domain, true, &signature);
      facts.push_back(json::object{{"domain", signature.domain.text()}, {"selector", signature.selector}, {"identity", signature.identity_domain.text()}, {"asked", own}});
    }
    report.facts["signatures"] = std::move(facts);
    return named;
  }

  void want_guesses(std::vector<Wanted>& list, const Provider& provider) {
    for (const std::string& selector : provider.selectors) want(list, selector, target_.domain, false, nullptr);
  }

  std::vector<Wanted> common_guesses(std::size_t count) {
    std::vector<Wanted> guesses;
    for (std::size_t i = 0; i < count; ++i) want(guesses, std::string(common_selectors[i]), target_.domain, false, nullptr);
    return guesses;
  }

  std::vector<Wanted> all_guesses() {
    std::vector<Wanted> guesses = common_guesses(std::size(common_selectors));
    for (const Provider& provider : given_.providers) want_guesses(guesses, provider);
    return guesses;
  }

  // --- asking ---

  /// Asks for these keys, and with the first ones for a selector that nobody has; answers to `others` come first.
  asio::awaitable<std::vector<dns::Answer>> ask(std::vector<Wanted> wanted, Questions others) {
    std::erase_if(wanted, [&](const Wanted& one) { return std::find(known_.begin(), known_.end(), one.name) != known_.end(); });
    Questions questions = others;
    const auto probe = target_.domain.prefixed(std::string(unlikely_selector) + "._domainkey");
    const bool probes_now = probe && !wildcard_known_ && !wanted.empty();
    if (probes_now) questions.push_back({*probe, dns::Type::txt});
    const std::size_t first = questions.size();
    for (const Wanted& one : wanted) questions.push_back({one.name, dns::Type::txt});
    std::vector<dns::Answer> answers = co_await dns::query_all(probes_.dns, std::move(questions));
    if (probes_now) judge_wildcard(*probe, answers[others.size()]);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      known_.push_back(wanted[i].name);
      asked_.emplace_back(wanted[i].selector);
      if (wanted[i].user_named) ++user_named_;
      judge_answer(wanted[i], std::move(answers[first + i]));
    }
    answers.resize(others.size());
    co_return answers;
  }

  /// No selector is named: the usual ones, of which an absent one says nothing.
  asio::awaitable<void> guess() {
    Questions others{{target_.domain, dns::Type::mx}, {target_.domain, dns::Type::txt}};
    std::vector<dns::Answer> about;
    bool nothing_below = false;
    if (target_.one_of_many) {
      const auto below = target_.domain.prefixed("_domainkey");
      if (below) others.push_back({*below, dns::Type::txt});
      about = co_await dns::query_all(probes_.dns, others);
      if (sends_no_mail(about[0], about[1])) co_return;
      nothing_below = below && about.back().status == dns::Status::nx_domain && about.back().aliases.empty();
      // RFC 8020 holds for honest servers only, so that it saves the questions and is no verdict.
      if (!nothing_below) co_await guess_in_turn(hints_of(given_.providers, target_.domain, about[0], about[1]));
    } else {
      about = co_await ask(all_guesses(), others);
    }
    const std::vector<Hint> hints = hints_of(given_.providers, target_.domain, about[0], about[1]);
    json::array services;
    for (const Hint& hint : hints) services.emplace_back(hint.provider->name);
    report.facts["services"] = std::move(services);
    if (!report.facts["keys"].as_array().empty() || sends_no_mail(about[0], about[1])) co_return;
    tell_unknown(hints, nothing_below);
  }

  /// The selectors of the domain's services; and only when none of these has a key, those that most own servers have.
  asio::awaitable<void> guess_in_turn(std::vector<Hint> hints) {
    std::vector<Wanted> likely;
    for (const Hint& hint : hints) want_guesses(likely, *hint.provider);
    if (!likely.empty()) co_await ask(std::move(likely), Questions());
    if (report.facts["keys"].as_array().empty()) co_await ask(common_guesses(most_common), Questions());
  }

  /// A key that is missing where it was named may have been published at a name beside. DKK-021.
  asio::awaitable<void> look_beside() {
    Questions questions;
    std::vector<const Wanted*> for_whom;
    for (const Wanted& one : missing_) {
      const auto doubled = one.domain.prefixed(one.name.text()), bare = one.domain.prefixed(one.selector);
      for (const auto* name : {&doubled, &bare}) {
        if (!*name) continue;
        questions.push_back({**name, dns::Type::txt});
        for_whom.push_back(&one);
      }
    }
    if (questions.empty()) co_return;
    const std::vector<dns::Answer> answers = co_await dns::query_all(probes_.dns, questions);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto texts = texts_of(answers[i]);
      const auto key = std::find_if(texts.begin(), texts.end(), is_key_text);
      if (key == texts.end() || texts == by_wildcard_) continue;
      const std::string& there = questions[i].name.text();
      add("dkim.misplaced", for_whom[i]->name.text(), {{"selector", for_whom[i]->selector}, {"name", for_whom[i]->name.text()}, {"found", there}}, {{"TXT " + there, key->substr(0, 4096)}});
    }
  }

  // --- what the answers say ---

  void judge_wildcard(const dns::Name& probe, const dns::Answer& answer) {
    wildcard_known_ = true;
    by_wildcard_ = texts_of(answer);
    if (by_wildcard_.empty()) return;
    std::vector<Evidence> evidence;
    for (const std::string& text : by_wildcard_)
      if (evidence.size() < 10) evidence.push_back({"TXT " + probe.text(), text.substr(0, 4096)});
    add("dkim.wildcard", target_.domain.text(), {{"domain", target_.domain.text()}, {"name", probe.text()}}, std::move(evidence));
  }

  void judge_answer(const Wanted& wanted, dns::Answer answer) {
    const std::string& name = wanted.name.text();
    if (!answer.is_definite()) {
      ++unanswered_;
      Finding unknown = no_answer(wanted.name, dns::Type::txt, answer);
      if (wanted.user_named) report.could_not_tell(std::move(unknown));
      else if (!first_unanswered_) first_unanswered_ = std::move(unknown);
      return;
    }
    const bool only_wildcard = !by_wildcard_.empty() && texts_of(answer) == by_wildcard_;
    if (answer.is_absent() && !answer.aliases.empty()) {
      add("dkim.dangling-alias", name, {{"selector", wanted.selector}, {"name", name}, {"target", answer.aliases.back().text()}},
          {{"CNAME " + name, answer.aliases.back().text()}, {"TXT " + answer.aliases.back().text(), std::string(dns::status_text(answer.status))}});
    } else if (answer.is_absent() || only_wildcard) {
      if (!wanted.user_named) return;
      missing_.push_back(wanted);
      add("dkim.key-missing", name, {{"selector", wanted.selector}, {"name", name}},
          {{"TXT " + name, only_wildcard ? "only the wildcard's text" : std::string(dns::status_text(answer.status))}});
    } else {
      auto key = judge_key({wanted.selector, wanted.name, std::move(answer), wanted.user_named, wanted.signatures}, given_, probes_.now, report);
      if (key) keys_.push_back(std::move(*key));
    }
  }

  void tell_unknown(const std::vector<Hint>& hints, bool nothing_below) {
    Finding unknown{.id = nothing_below ? "dkim.nothing-below" : "dkim.no-selector-known", .subject = target_.domain.text()};
    unknown.args = {{"domain", target_.domain.text()}, {"count", std::to_string(asked_.size())}};
    if (nothing_below) unknown.evidence.push_back({"TXT _domainkey." + target_.domain.text(), std::string(dns::status_text(dns::Status::nx_domain))});
    for (const Hint& hint : hints) unknown.evidence.push_back({hint.source, hint.text});
    report.could_not_tell(std::move(unknown));
    if (first_unanswered_) report.could_not_tell(std::move(*first_unanswered_));
  }

  const Given none_{};
  const Target& target_;
  Probes& probes_;
  const Given& given_;
  json::array asked_;
  std::vector<dns::Name> known_;  ///< names that were asked
  std::vector<Published> keys_;
  std::vector<Wanted> missing_;
  std::vector<std::string> by_wildcard_;
  bool wildcard_known_ = false;
  std::size_t user_named_ = 0, unanswered_ = 0;
  std::optional<Finding> first_unanswered_;
};

}  // namespace

asio::awaitable<CheckReport> check(const Target& target, Probes& probes) {
  Survey survey(target, probes);
  co_await survey.run();
  co_return std::move(survey.report);
}

}  // namespace mailmedic::dkim
