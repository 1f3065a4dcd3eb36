#include "checks/spf/evaluate.hpp"

#include "checks/spf/client_names.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::spf {

namespace {

constexpr std::size_t longest_name = 253;  // RFC 7208 section 7.3

/// What a mechanism says.
enum class Match { no, yes, temp_error, perm_error };

Result result_of(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::pass: return Result::pass;
    case Qualifier::fail: return Result::fail;
    case Qualifier::soft_fail: return Result::soft_fail;
    case Qualifier::neutral: break;
  }
  return Result::neutral;
}

std::string failure_text(const dns::Name& name, dns::Type type, const dns::Answer& answer) {
  return fmt::format("{} of {}: {}", dns::type_text(type), name.text(), dns::status_text(answer.status));
}

/// The domain of an identity as it is asked, or nothing for one that check_host() does not look up: malformed, an
/// address literal, or a single label. Section 4.3.
std::optional<dns::Name> domain_of(std::string_view text) {
  if (text.empty() || text.front() == '[') return std::nullopt;
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  auto name = ascii ? dns::Name::from_bytes(text) : dns::Name::parse(text);
  if (!name || name->text().find('.') == std::string::npos) return std::nullopt;
  return std::move(*name);
}

/// An expanded domain-spec as a name: too long a text loses labels from the left. Section 7.3.
std::optional<dns::Name> name_from_expansion(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  while (text.size() > longest_name) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    text.remove_prefix(dot + 1);
  }
  auto name = dns::Name::from_bytes(text);
  if (!name) return std::nullopt;
  return std::move(*name);
}

class Evaluator {
 public:
  Evaluator(const Query& query, dns::Resolver& resolver, RecordCache& cache, const std::string* proposed)
      : query_(query), dns_(resolver), cache_(cache), proposed_(proposed), ip_(net::unmapped(query.ip)), names_(ip_) {}

  asio::awaitable<Evaluation> run();

 private:
  asio::awaitable<Result> check_host(const dns::Name& domain, Trace& trace, bool may_explain);
  asio::awaitable<Match> match(const Term& term, const dns::Name& domain, Step& step, bool may_explain);
  asio::awaitable<Match> match_record(Kind kind, const dns::Name& target, Step& step, bool may_explain);
  asio::awaitable<Match> match_addresses(const Term& term, const dns::Name& host, const dns::Name& domain, Step& step);
  asio::awaitable<Match> match_mx(const Term& term, const dns::Name& target, const dns::Name& domain, Step& step);
  asio::awaitable<Match> match_ptr(const dns::Name& target, const dns::Name& domain, Step& step);
  asio::awaitable<Match> match_exists(const dns::Name& target, const dns::Name& domain, Step& step);
  asio::awaitable<void> explain(const Term& exp, const dns::Name& domain);

  const Reading* select(const dns::Answer& answer, Trace& trace);
  std::optional<Result> settle(Match matched, Result meaning, Step& step, Trace& trace);
  std::optional<dns::Name> target(const Term& term, const dns::Name& domain) const;
  MacroValues values(const dns::Name& domain) const;
  Match counted(const dns::Answer& answer, const dns::Name& name, dns::Type type, const dns::Name& domain, Step& step);
  void find_deciding();

  const Query& query_;
  dns::Resolver& dns_;
  RecordCache& cache_;
  const std::string* proposed_;
  const net::Address ip_;
  std::optional<dns::Name> first_;
  std::string_view local_part_, sender_domain_;
  std::vector<std::shared_ptr<const Reading>> readings_;  // in use; the cache may forget them meanwhile
  ClientNames names_;
  Evaluation out_;
};

asio::awaitable<Evaluation> Evaluator::run() {
  // Section 2.4: a null sender is postmaster at the HELO name; section 4.3: so is an empty local part.
  out_.sender = query_.sender.empty() ? "postmaster@" + query_.helo : query_.sender;
  if (out_.sender.front() == '@') out_.sender.insert(0, "postmaster");
  if (out_.sender.find('@') == std::string::npos) out_.sender.insert(0, "postmaster@");
  const std::string_view sender = out_.sender;
  const auto at = sender.rfind('@');
  local_part_ = sender.substr(0, at);
  sender_domain_ = sender.substr(at + 1);
  out_.domain = sender_domain_;
  first_ = domain_of(sender_domain_);
  out_.trace.domain = out_.domain;
  if (!first_) {
    out_.why = out_.trace.why = "the domain is not one that DNS can be asked about";
    co_return std::move(out_);
  }
  out_.domain = out_.trace.domain = first_->text();
  out_.explanation = query_.default_explanation;
  out_.result = co_await check_host(*first_, out_.trace, true);
  if (out_.result != Result::fail) out_.explanation.clear();

  find_deciding();
  co_return std::move(out_);
}

/// The path of matches (or to the error), and the directive that decided: behind redirects, not inside includes.
void Evaluator::find_deciding() {
  bool inside_include = false;
  for (const Trace* trace = &out_.trace; trace;) {
    if (!trace->why.empty() && out_.why.empty()) out_.why = trace->why;
    const auto decided = [](const Step& step) { return step.outcome == StepOutcome::match || step.outcome == StepOutcome::error; };
    const auto step = std::find_if(trace->steps.begin(), trace->steps.end(), decided);
    if (step == trace->steps.end()) {
      if (trace->result == Result::neutral && !inside_include) out_.mechanism = "default";
      return;
    }
    out_.path.push_back(step->term);
    if (step->outcome == StepOutcome::match && step->kind != Kind::redirect && !inside_include) out_.mechanism = step->term;
    inside_include = inside_include || step->kind == Kind::include;
    trace = step->child.get();
  }
}

MacroValues Evaluator::values(const dns::Name& domain) const {
  MacroValues values;
  values.ip = ip_;
  values.sender = out_.sender;
  values.local_part = local_part_;
  values.sender_domain = sender_domain_;
  values.domain = domain.text();
  values.helo = query_.helo;
  values.validated = names_.macro_for(domain);
  values.receiver = query_.receiver;
  values.now = std::chrono::duration_cast<std::chrono::seconds>(query_.now.time_since_epoch()).count();
  return values;
}

/// The term's target-name (section 4.8); nothing when it is no name that DNS can carry.
std::optional<dns::Name> Evaluator::target(const Term& term, const dns::Name& domain) const {
  if (!term.domain) return domain;
  if (term.domain->name || term.domain->macro.is_literal()) return term.domain->name;
  return name_from_expansion(expand(term.domain->macro, values(domain)));
}

/// A failure is temperror; an empty answer counts as void, once a term. Otherwise: `yes`, go on.
Match Evaluator::counted(const dns::Answer& answer, const dns::Name& name, dns::Type type, const dns::Name& domain, Step& step) {
  if (!answer.is_definite()) {
    step.why = failure_text(name, type, answer);
    return Match::temp_error;
  }
  if (!answer.is_absent()) return Match::yes;
  if (step.void_lookups == 0) {
    step.void_lookups = 1;
    out_.void_lookups.push_back({name.text(), type, step.term, domain.text()});
    if (out_.void_lookups.size() > static_cast<std::size_t>(max_void_lookups)) {
      step.why = fmt::format("more than {} lookups without an answer (void lookups)", max_void_lookups);
      return Match::perm_error;
    }
  }
  return Match::no;
}

/// The one SPF record among a domain's TXT records, read; or null with the result and the reason in `trace`.
const Reading* Evaluator::select(const dns::Answer& answer, Trace& trace) {
  const std::string* selected = nullptr;
  int count = 0;
  for (const dns::Record& record : answer.records) {
    const auto* txt = std::get_if<dns::Txt>(&record.data);
    if (!txt || !is_spf_record(txt->text)) continue;  // section 4.5
    selected = &txt->text;
    ++count;
  }
  if (count != 1) {
    trace.result = count == 0 ? Result::none : Result::perm_error;
    trace.why = count == 0 ? fmt::format("{} has no SPF record", trace.domain) : fmt::format("{} has {} SPF records", trace.domain, count);
    return nullptr;
  }
  readings_.push_back(cache_.read(*selected));
  return readings_.back().get();
}

asio::awaitable<Result> Evaluator::check_host(const dns::Name& domain, Trace& trace, bool may_explain) {
  const Reading* reading = nullptr;
  if (proposed_ && domain == *first_) {
    readings_.push_back(cache_.read(*proposed_));
    reading = readings_.back().get();
  } else {
    const dns::Answer answer = co_await dns_.query(domain, dns::Type::txt);
    if (!answer.is_definite()) {  // section 4.4
      trace.why = failure_text(domain, dns::Type::txt, answer);
      co_return trace.result = Result::temp_error;
    }
    reading = select(answer, trace);
    if (!reading && answer.status == dns::Status::nx_domain) trace.why = fmt::format("{} does not exist", domain.text());
  }
  if (!reading) co_return trace.result;
  const Record& record = reading->record;
  trace.record = record.text;
  if (!reading->errors.empty()) {  // anywhere, also behind what would match: section 4.6
    const SyntaxError& error = reading->errors.front();
    trace.why = fmt::format("syntax error in the record of {}: {}, at offset {}", domain.text(), error.why, error.offset);
    co_return trace.result = Result::perm_error;
  }
  trace.steps.resize(record.terms.size());
  for (std::size_t i = 0; i < record.terms.size(); ++i) {
    trace.steps[i].term = record.terms[i].text;
    trace.steps[i].kind = record.terms[i].kind;
  }

  std::optional<Result> result;
  for (std::size_t i = 0; i < record.terms.size() && !result; ++i) {
    const Term& term = record.terms[i];
    Step& step = trace.steps[i];
    if (!term.is_mechanism()) continue;
    Match matched = Match::no;
    if (term.kind == Kind::all)
      matched = Match::yes;
    else if (term.kind == Kind::ip4 || term.kind == Kind::ip6)
      matched = term.network.contains(ip_) ? Match::yes : Match::no;
    else
      matched = co_await match(term, domain, step, false);
    result = settle(matched, result_of(term.qualifier), step, trace);
  }
  if (!result) {
    const Term* redirect = record.find(Kind::redirect);  // section 6.1; an "all" would have decided
    if (!redirect) co_return trace.result = Result::neutral;  // section 4.7
    Step& step = trace.steps[static_cast<std::size_t>(redirect - record.terms.data())];
    const Match followed = co_await match(*redirect, domain, step, may_explain);
    result = settle(followed, step.child ? step.child->result : Result::perm_error, step, trace);
    co_return trace.result = *result;  // an "exp" of this record is not for the target's fail (section 6.2)
  }
  trace.result = *result;
  if (trace.result == Result::fail && may_explain) {
    if (const Term* exp = record.find(Kind::exp)) co_await explain(*exp, domain);
  }
  co_return trace.result;
}

/// Writes down what a term said; the record's result, or nothing to go on.
std::optional<Result> Evaluator::settle(Match matched, Result meaning, Step& step, Trace& trace) {
  switch (matched) {
    case Match::yes: step.outcome = StepOutcome::match; return meaning;
    case Match::no: step.outcome = StepOutcome::no_match; return std::nullopt;
    default: step.outcome = StepOutcome::error;
  }
  trace.why = step.why;
  return matched == Match::temp_error ? Result::temp_error : Result::perm_error;
}

/// One term that asks DNS: counts it, expands its target, asks.
asio::awaitable<Match> Evaluator::match(const Term& term, const dns::Name& domain, Step& step, bool may_explain) {
  const int lookups_before = out_.lookups;
  const std::size_t voids_before = out_.void_lookups.size();
  Match matched = Match::no;
  if (++out_.lookups > max_lookups) {
    step.lookups = 1;
    step.why = fmt::format("more than {} terms that ask DNS", max_lookups);
    co_return Match::perm_error;
  }
  if (term.domain && term.domain->macro.uses('p')) co_await names_.look_up(dns_);
  const std::optional<dns::Name> name = target(term, domain);
  if (name) {
    step.target = name->text();
    switch (term.kind) {
      case Kind::a: matched = co_await match_addresses(term, *name, domain, step); break;
      case Kind::mx: matched = co_await match_mx(term, *name, domain, step); break;
      case Kind::ptr: matched = co_await match_ptr(*name, domain, step); break;
      case Kind::exists: matched = co_await match_exists(*name, domain, step); break;
      default: matched = co_await match_record(term.kind, *name, step, may_explain);
    }
  } else if (term.kind == Kind::include || term.kind == Kind::redirect) {  // check_host() says none: sections 4.3, 5.2, 6.1
    step.why = "the target is not a domain that DNS can be asked about";
    matched = Match::perm_error;
  }
  // Otherwise the target cannot exist, so that nothing matches. (The RFC leaves this open: section 4.8.)
  step.lookups = out_.lookups - lookups_before;
  step.void_lookups = static_cast<int>(out_.void_lookups.size() - voids_before);
  co_return matched;
}

/// include (section 5.2) and redirect (section 6.1).
asio::awaitable<Match> Evaluator::match_record(Kind kind, const dns::Name& target, Step& step, bool may_explain) {
  step.child = std::make_unique<Trace>();
  step.child->domain = target.text();
  const Result result = co_await check_host(target, *step.child, may_explain);
  if (result == Result::temp_error || result == Result::perm_error || result == Result::none) {
    step.why = step.child->why;
    co_return result == Result::temp_error ? Match::temp_error : Match::perm_error;
  }
  co_return kind == Kind::redirect || result == Result::pass ? Match::yes : Match::no;
}

/// One question for the addresses of `host`, of the client's family. Section 5.3.
asio::awaitable<Match> Evaluator::match_addresses(const Term& term, const dns::Name& host, const dns::Name& domain, Step& step) {
  const dns::Type type = dns::address_type(ip_);
  const dns::Answer answer = co_await dns_.query(host, type);
  const Match usable = counted(answer, host, type, domain, step);
  if (usable != Match::yes) co_return usable;
  net::Prefix prefix;
  prefix.length = ip_.is_v4() ? term.ip4_length : term.ip6_length;
  for (const dns::Record& record : answer.records) {
    const auto* address = std::get_if<net::Address>(&record.data);
    if (!address) continue;
    step.addresses.push_back(*address);
    prefix.network = *address;
    if (prefix.contains(ip_)) co_return Match::yes;
  }
  co_return Match::no;
}

/// Section 5.4. The hosts are asked one after the other, as receivers do: that an earlier host matches hides the
/// failure of a later one, and with a caching resolver in front there is little to win by asking ahead.
asio::awaitable<Match> Evaluator::match_mx(const Term& term, const dns::Name& target, const dns::Name& domain, Step& step) {
  const dns::Answer answer = co_await dns_.query(target, dns::Type::mx);
  const Match usable = counted(answer, target, dns::Type::mx, domain, step);
  if (usable != Match::yes) co_return usable;
  if (answer.records.size() > max_mx_hosts) {  // section 4.6.4
    step.why = fmt::format("{} has {} MX hosts; more than {} are an error", target.text(), answer.records.size(), max_mx_hosts);
    co_return Match::perm_error;
  }
  for (const dns::Record& record : answer.records) {
    const auto* mx = std::get_if<dns::Mx>(&record.data);
    if (!mx || mx->host.is_root()) continue;  // a null MX names no host
    step.names.push_back(mx->host.text());
    const Match matched = co_await match_addresses(term, mx->host, domain, step);
    if (matched != Match::no) co_return matched;
  }
  co_return Match::no;
}

/// Section 5.5. An error of the reverse lookup makes no match.
asio::awaitable<Match> Evaluator::match_ptr(const dns::Name& target, const dns::Name& domain, Step& step) {
  co_await names_.look_up(dns_);
  if (!names_.answer().is_definite()) co_return Match::no;
  const Match usable = counted(names_.answer(), names_.reverse(), dns::Type::ptr, domain, step);
  if (usable != Match::yes) co_return usable;
  const std::vector<dns::Name>& validated = names_.validated();
  for (const dns::Name& name : validated) step.names.push_back(name.text());
  const bool within = std::any_of(validated.begin(), validated.end(), [&](const dns::Name& name) { return name.is_within(target); });
  co_return within ? Match::yes : Match::no;
}

/// Section 5.7: always A, whatever the client's family.
asio::awaitable<Match> Evaluator::match_exists(const dns::Name& target, const dns::Name& domain, Step& step) {
  const dns::Answer answer = co_await dns_.query(target, dns::Type::a);
  for (const auto& address : answer.all<net::Address>()) step.addresses.push_back(address);
  co_return counted(answer, target, dns::Type::a, domain, step);
}

/// Section 6.2: whatever goes wrong leaves the default explanation; nothing here counts towards a limit.
asio::awaitable<void> Evaluator::explain(const Term& exp, const dns::Name& domain) {
  if (exp.domain->macro.uses('p')) co_await names_.look_up(dns_);
  const std::optional<dns::Name> name = target(exp, domain);
  if (!name) co_return;
  const dns::Answer answer = co_await dns_.query(*name, dns::Type::txt);
  if (answer.records.size() != 1) co_return;
  const auto* txt = std::get_if<dns::Txt>(&answer.records.front().data);
  const auto macro = MacroString::parse(txt ? std::string_view(txt->text) : std::string_view("%"), MacroUse::explanation);
  if (!macro) co_return;
  if (macro->uses('p')) co_await names_.look_up(dns_);
  out_.explanation = expand(*macro, values(domain));
}

asio::awaitable<Evaluation> run(const Query& query, const std::string* proposed, dns::Resolver& resolver, RecordCache* cache) {
  RecordCache own;
  Evaluator evaluator(query, resolver, cache ? *cache : own, proposed);
  co_return co_await evaluator.run();
}

}  // namespace

std::string_view result_text(Result result) {
  constexpr std::string_view words[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

asio::awaitable<Evaluation> evaluate(const Query& query, dns::Resolver& resolver, RecordCache* cache) {
  return run(query, nullptr, resolver, cache);
}

asio::awaitable<Evaluation> evaluate_proposed(const Query& query, const std::string& record, dns::Resolver& resolver, RecordCache* cache) {
  return run(query, &record, resolver, cache);
}

}  // namespace mailmedic::spf
