#include "checks/bounce/classify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "lib/pattern/capture.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::bounce {

namespace {

/// Does "*.google.com" or "mx.example.org" name this host?
bool names(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return text::equals_ignoring_case(pattern, host);
  pattern.remove_prefix(1);
  return host.size() > pattern.size() && text::equals_ignoring_case(host.substr(host.size() - pattern.size()), pattern);
}

std::string_view domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at == address.npos ? std::string_view() : address.substr(at + 1);
}

/// "x.7.26" of "5.7.26": rules of this code are for both classes.
std::string of_both_classes(std::string_view status) { return status.empty() ? std::string() : "x" + std::string(status.substr(1)); }

bool fits_status(std::string_view pattern, std::string_view status) {
  return pattern == status || (pattern.starts_with('x') && status.size() > 1 && pattern.substr(1) == status.substr(1));
}

bool fits_reply(std::string_view pattern, std::string_view reply) {
  return pattern == reply || (pattern.ends_with("xx") && !reply.empty() && pattern[0] == reply[0]);
}

template <typename Fits>
bool any_fits(const std::vector<std::string>& patterns, std::string_view code, Fits fits) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) { return fits(one, code); });
}

bool fits_codes(const Rule& rule, const message::RecipientReport& report) {
  return any_fits(rule.status, report.status, fits_status) && any_fits(rule.reply, report.reply_code, fits_reply);
}

using Words = std::vector<std::string>;  ///< sorted, each once

/// The words of a text that carry meaning: of three letters and more, in lower case, without digits.
Words telling_words(std::string_view text) {
  Words out;
  std::string word;
  const auto end_word = [&] {
    if (word.size() >= 3) out.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (text::is_alpha(c) || static_cast<unsigned char>(c) >= 0x80) word += text::lower(c);
    else end_word();
  }
  end_word();
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The rules' samples, to be compared with many texts: each word has the samples that it stands in.
class Samples {
 public:
  void add(const Rule& rule, const std::string& text) {
    const Words words = telling_words(text);
    for (const std::string& word : words) standing_in_[word].push_back(static_cast<std::uint32_t>(samples_.size()));
    samples_.push_back({&rule, words.size()});
  }

  Nearest nearest(std::string_view text) const {
    const Words words = telling_words(text);
    std::vector<std::uint32_t> shared(samples_.size(), 0);
    for (const std::string& word : words)
      if (const auto found = standing_in_.find(word); found != standing_in_.end())
        for (const std::uint32_t sample : found->second) ++shared[sample];
    Nearest out;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (shared[i] == 0) continue;
      const double alike = shared[i] / static_cast<double>(words.size() + samples_[i].words - shared[i]);
      if (alike > out.alike) out = {samples_[i].rule, alike};
    }
    return out;
  }

 private:
  struct Sample {
    const Rule* rule;
    std::size_t words;
  };
  std::vector<Sample> samples_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> standing_in_;
};

constexpr int no_pattern = -1;

/// A rule that may be the one, and on what ground.
struct Offer {
  Ground ground;
  int rule;
  int pattern;  ///< that must occur; no_pattern: the codes are enough

  auto operator<=>(const Offer&) const = default;
};

/// What the captures hold, each once.
std::vector<std::string> tickets_of(const std::vector<const pattern::Capture*>& captures, std::string_view text) {
  constexpr std::size_t most = 5;
  std::vector<std::string> out;
  for (const pattern::Capture* capture : captures)
    for (std::string& ticket : capture->all_in(text, most))
      if (out.size() < most && std::find(out.begin(), out.end(), ticket) == out.end()) out.push_back(std::move(ticket));
  return out;
}

/// Which providers the text is known to be of.
using Known = std::vector<bool>;

}  // namespace

struct Classifier::Index {
  pattern::Set set;              ///< of rules and providers' marks, and behind them tickets
  std::vector<int> rule_of;      ///< of each pattern but tickets'; providers' marks are below zero: -1 - provider
  std::unordered_map<std::string, std::vector<int>> by_status;  ///< rules without text, for each of their codes
  std::vector<int> by_reply;     ///< and without such a code
  std::vector<pattern::Capture> tickets;
  std::once_flag samples_read{};  ///< they are wanted only for a text that no rule fits
  Samples samples{};
};

std::string_view ground_word(Ground ground) {
  switch (ground) {
    case Ground::provider_text: return "provider-text";
    case Ground::provider_code: return "provider-code";
    case Ground::other_text: return "other-provider-text";
    case Ground::text: return "text";
    case Ground::status: return "status";
    case Ground::reply: return "reply";
    case Ground::vague_text: return "vague-text";
    case Ground::none: break;
  }
  return "unmatched";
}

text::Parsed<Classifier> Classifier::make(RuleSet given) {
  auto index = std::make_shared<Index>();
  auto rules = std::make_shared<const RuleSet>(std::move(given));
  std::vector<std::string> where;  // of each pattern, for its error
  for (std::size_t i = 0; i < rules->providers.size(); ++i) {
    for (const std::string& mark : rules->providers[i].marks) {
      index->set.add(mark);
      index->rule_of.push_back(-1 - static_cast<int>(i));
      where.push_back(fmt::format("provider {}: mark '{}'", rules->providers[i].id, mark));
    }
  }
  for (std::size_t i = 0; i < rules->rules.size(); ++i) {
    const Rule& rule = rules->rules[i];
    for (const std::string& pattern : rule.match) {
      index->set.add(pattern);
      index->rule_of.push_back(static_cast<int>(i));
      where.push_back(fmt::format("{}: rule {}: pattern '{}'", rule.file, rule.id, pattern));
    }
    if (!rule.by_code_only()) continue;
    for (const std::string& status : rule.status) index->by_status[status].push_back(static_cast<int>(i));
    if (rule.status.empty()) index->by_reply.push_back(static_cast<int>(i));
  }
  for (const Ticket& ticket : rules->tickets) {
    auto capture = pattern::Capture::make(ticket.match);
    if (!capture) return text::ParseError{0, fmt::format("{}: ticket: pattern '{}': {}", ticket.file, ticket.match, capture.error().why)};
    index->set.add(ticket.match);
    where.push_back(fmt::format("{}: ticket: pattern '{}'", ticket.file, ticket.match));
    index->tickets.push_back(std::move(*capture));
  }
  if (const auto wrong = index->set.compile(); !wrong.why.empty()) return text::ParseError{0, fmt::format("{}: {}", where[static_cast<std::size_t>(wrong.number)], wrong.why)};
  Classifier out;
  out.rules_ = std::move(rules);
  out.index_ = std::move(index);
  return out;
}

Verdict Classifier::classify(const message::RecipientReport& report) const {
  const pattern::Set& set = index_->set;
  const std::string_view text = report.diagnostic;
  const std::vector<int> candidates = set.candidates(text);
  const auto first_ticket = std::lower_bound(candidates.begin(), candidates.end(), static_cast<int>(index_->rule_of.size()));
  const std::size_t count = rules_->providers.size();
  Known known(count, false);
  bool any = false;
  Verdict out;
  std::vector<const pattern::Capture*> captures;
  for (auto it = first_ticket; it != candidates.end(); ++it)
    if (set.occurs(*it, text)) captures.push_back(&index_->tickets[static_cast<std::size_t>(*it) - index_->rule_of.size()]);
  if (!captures.empty()) out.tickets = tickets_of(captures, text);
  const auto knows = [&](std::size_t provider) {
    known[provider] = any = true;
    if (!out.provider) out.provider = &rules_->providers[provider];
  };
  for (auto it = candidates.begin(); it != first_ticket; ++it)
    if (const int owner = index_->rule_of[static_cast<std::size_t>(*it)]; owner < 0 && set.occurs(*it, text)) knows(static_cast<std::size_t>(-1 - owner));
  for (std::size_t i = 0; i < count && !any; ++i)
    if (std::any_of(rules_->providers[i].hosts.begin(), rules_->providers[i].hosts.end(), [&](const std::string& host) { return names(host, report.remote_mta); })) knows(i);
  if (const std::string_view domain = domain_of(report.recipient); !any && report.remote_mta.empty() && !domain.empty())
    for (std::size_t i = 0; i < count && !any; ++i)
      if (std::any_of(rules_->providers[i].domains.begin(), rules_->providers[i].domains.end(), [&](const std::string& one) { return text::equals_ignoring_case(one, domain); })) knows(i);

  // The least ground wins, then the first rule: patterns are tried in that order, so that few are.
  std::vector<Offer> offers;
  const auto offer = [&](int number, Ground ground, int pattern) {
    if (fits_codes(rules_->rules[static_cast<std::size_t>(number)], report)) offers.push_back({ground, number, pattern});
  };
  for (auto it = candidates.begin(); it != first_ticket; ++it) {
    const int number = index_->rule_of[static_cast<std::size_t>(*it)];
    if (number < 0) continue;
    const Rule& rule = rules_->rules[static_cast<std::size_t>(number)];
    if (rule.provider < 0) offer(number, rule.vague ? Ground::vague_text : Ground::text, *it);
    else if (known[static_cast<std::size_t>(rule.provider)]) offer(number, Ground::provider_text, *it);
    else if (!any && !rule.only_here) offer(number, Ground::other_text, *it);
  }
  const auto offer_by_code = [&](const std::vector<int>& numbers) {
    for (const int number : numbers) {
      const Rule& rule = rules_->rules[static_cast<std::size_t>(number)];
      if (rule.provider < 0) offer(number, rule.status.empty() ? Ground::reply : Ground::status, no_pattern);
      else if (known[static_cast<std::size_t>(rule.provider)]) offer(number, Ground::provider_code, no_pattern);
    }
  };
  for (const std::string& status : {report.status, of_both_classes(report.status)})
    if (const auto found = index_->by_status.find(status); found != index_->by_status.end()) offer_by_code(found->second);
  offer_by_code(index_->by_reply);
  std::sort(offers.begin(), offers.end());
  const auto best = std::find_if(offers.begin(), offers.end(), [&](const Offer& one) { return one.pattern == no_pattern || set.occurs(one.pattern, text); });
  if (best == offers.end()) return out;
  out.ground = best->ground;
  out.rule = &rules_->rules[static_cast<std::size_t>(best->rule)];
  if (!out.provider && out.rule->provider >= 0) out.provider = &rules_->providers[static_cast<std::size_t>(out.rule->provider)];
  return out;
}

Nearest Classifier::nearest(std::string_view text) const {
  std::call_once(index_->samples_read, [&] {
    for (const Rule& rule : rules_->rules)
      for (const std::string& sample : rule.samples) index_->samples.add(rule, sample);
  });
  const Nearest out = index_->samples.nearest(text);
  return out.alike >= 0.2 ? out : Nearest{};
}

}  // namespace mailmedic::bounce
