#include "checks/dmarc/discover.hpp"

#include "lib/dns/public_suffix.hpp"
#include "lib/dns/query_all.hpp"

namespace mailmedic::dmarc {

namespace {

constexpr std::size_t labels_after_skip = 7;  // RFC 9989 section 4.10

WalkStep step_of(dns::Name domain, dns::Answer answer) {
  WalkStep step;
  step.domain = std::move(domain);
  for (const dns::Record& record : answer.records)
    if (const auto* txt = std::get_if<dns::Txt>(&record.data); txt && is_dmarc_record(txt->text)) step.records.push_back(txt->text);
  if (step.records.size() == 1) {
    if (auto parsed = parse_record(step.records.front())) step.record = std::move(*parsed);
  }
  step.answer = std::move(answer);
  return step;
}

/// The domain, its last seven labels or its parent, and so on to the top-level domain.
std::vector<dns::Name> names_of_walk(const dns::Name& domain) {
  std::vector<dns::Name> names{domain};
  const std::size_t labels = domain.labels().size();
  if (labels < 2) return names;
  for (std::size_t count = std::min(labels - 1, labels_after_skip); count > 0; --count) names.push_back(domain.last_labels(count));
  return names;
}

}  // namespace

std::string_view walk_end_text(WalkEnd end) {
  constexpr std::string_view words[] = {"top of the tree", "psd=y", "psd=n", "no answer"};
  return words[static_cast<std::size_t>(end)];
}

asio::awaitable<Walk> walk(const dns::Name& domain, dns::Resolver& resolver) {
  Walk out;
  std::vector<dns::Name> names;
  std::vector<dns::Question> questions;
  for (const dns::Name& name : names_of_walk(domain)) {
    const auto asked = name.is_root() ? text::Parsed<dns::Name>(text::ParseError{}) : name.prefixed("_dmarc");
    if (!asked) continue;  // too long to be asked: no record can be there
    names.push_back(name);
    questions.push_back({*asked, dns::Type::txt});
  }
  std::vector<dns::Answer> answers = co_await dns::query_all(resolver, questions);
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.steps.push_back(step_of(names[i], std::move(answers[i])));
    const WalkStep& step = out.steps.back();
    if (!step.answer.is_definite()) out.end = WalkEnd::no_answer;
    if (step.record && step.record->psd == Psd::yes) out.end = WalkEnd::psd_yes;
    if (step.record && step.record->psd == Psd::no) out.end = WalkEnd::psd_no;
    if (out.end != WalkEnd::top) break;
  }
  co_return out;
}

std::optional<dns::Name> Walk::organizational_domain() const {
  if (end == WalkEnd::no_answer || steps.empty()) return std::nullopt;
  const dns::Name& start = steps.front().domain;
  if (end == WalkEnd::psd_no) return steps.back().domain;
  // One label below a public suffix domain, unless the walk started there.
  if (end == WalkEnd::psd_yes && steps.size() > 1) return start.last_labels(steps.back().domain.labels().size() + 1);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    if (step->record) return step->domain;
  return start;
}

namespace {

void take(Discovery& into, const Walk& walk, const dns::Name& name) {
  for (const WalkStep& step : walk.steps) {
    if (into.record || step.domain != name || !step.record) continue;
    into.record = step.record;
    into.record_domain = name;
  }
}

}  // namespace

Discovery discover(const dns::Name& domain, const Walk& walk) {
  Discovery own;
  own.organizational_domain = walk.organizational_domain();
  take(own, walk, domain);
  return own.record ? own : discover_below(walk);
}

Discovery discover_below(const Walk& walk) {
  Discovery out;
  out.organizational_domain = walk.organizational_domain();
  out.known = walk.end != WalkEnd::no_answer;
  if (!out.known) return out;
  if (out.organizational_domain) take(out, walk, *out.organizational_domain);
  if (walk.end == WalkEnd::psd_yes) take(out, walk, walk.steps.back().domain);
  return out;
}

asio::awaitable<Discovery> discover_7489(const dns::Name& domain, dns::Resolver& resolver) {
  Discovery out;
  out.organizational_domain = dns::registrable_domain(domain);
  std::vector<dns::Name> names{domain};
  if (out.organizational_domain && *out.organizational_domain != domain) names.push_back(*out.organizational_domain);
  for (const dns::Name& name : names) {
    const auto asked = name.prefixed("_dmarc");
    if (!asked) continue;
    dns::Answer answer = co_await resolver.query(*asked, dns::Type::txt);
    WalkStep step = step_of(name, std::move(answer));
    if (!step.answer.is_definite()) {
      out.known = false;
      break;
    }
    // Several records at the domain itself end discovery without a policy; none leads on. Section 6.6.3.
    if (step.records.size() > 1) break;
    if (!step.record) continue;
    out.record = std::move(step.record);
    out.record_domain = name;
    break;
  }
  co_return out;
}

}  // namespace mailmedic::dmarc
