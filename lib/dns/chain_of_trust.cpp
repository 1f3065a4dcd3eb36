#include "lib/dns/chain_of_trust.hpp"

#include <fmt/format.h>

#include "lib/dns/proof.hpp"
#include "lib/dns/query_all.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::dns {

std::string_view security_text(Security security) {
  switch (security) {
    case Security::secure: return "secure";
    case Security::insecure: return "insecure";
    case Security::bogus: return "bogus";
    case Security::unknown: return "unknown";
  }
  return "unknown";
}

const std::string& Chain::why() const {
  static const std::string nothing;
  return links.empty() ? nothing : links.back().why;
}

namespace {

/// RFC 6672.
constexpr auto dname_type = static_cast<Type>(39);

std::string shown(const Name& zone) { return zone.is_root() ? "." : zone.text() + "."; }

std::string reason(const Answer& answer) { return answer.why.empty() ? std::string(status_text(answer.status)) : answer.why; }

/// What is below one name: the link, if a zone begins there, and the keys for what follows.
struct Step {
  std::optional<Link> link;  ///< nothing: no zone begins at this name
  Keys keys;                 ///< of the zone, when it is secure
  bool no_name = false;      ///< nothing exists at or below the name
};

}  // namespace

struct ChainOfTrust::Parts {
  Resolver& upstream;
  std::chrono::sys_seconds now;
  Keys anchor_keys;                    ///< DNSKEY records among the anchors
  std::vector<LdnsRecord> anchor_ds;   ///< DS records among the anchors
  std::map<Name, Step> steps;          ///< by the name of the zone cut

  Link broken(const Name& zone, std::string why) const { return {.zone = zone, .security = Security::bogus, .why = std::move(why)}; }
  Link unknown(const Name& zone, std::string why) const { return {.zone = zone, .security = Security::unknown, .why = std::move(why)}; }

  /// The zone's keys, verified by those of them that `trusted` picks.
  asio::awaitable<Step> enter(Name zone, Link link, std::function<Keys(const Keys&)> trusted) {
    const Answer answer = co_await upstream.query(zone, Type::dnskey);
    Step step;
    if (!answer.is_definite()) {
      step.link = unknown(zone, fmt::format("DNSKEY of {} could not be asked: {}", shown(zone), reason(answer)));
      co_return step;
    }
    const auto proof = Proof::parse(answer.message);
    const Keys keys = proof ? proof->keys_of(zone) : nullptr;
    link.security = Security::bogus;
    if (!keys) {
      link.why = fmt::format("a DS record says that {} is signed, but it has no usable DNSKEY records", shown(zone));
      step.link = std::move(link);
      co_return step;
    }
    const Keys entry = trusted(keys);
    if (!entry) {
      link.why = zone.is_root() ? "no DNSKEY of the root matches the trust anchor"
                                : fmt::format("no DNSKEY of {} matches its DS records in the parent zone ({})", shown(zone), text::joined(link.ds, "; "));
      step.link = std::move(link);
      co_return step;
    }
    const Signed verdict = proof->verify(zone, Type::dnskey, entry, now);
    if (verdict.is_valid) {
      link.security = Security::secure;
      link.keys_expire = verdict.expires;
      step.keys = keys;
    } else {
      link.why = fmt::format("the DNSKEY records of {}: {}", shown(zone), verdict.why);
    }
    step.link = std::move(link);
    co_return step;
  }

  asio::awaitable<Step> enter_root() {
    if (const auto known = steps.find(Name()); known != steps.end()) co_return known->second;
    std::function<Keys(const Keys&)> trusted = [this](const Keys& keys) { return anchored(keys); };
    Link link;
    Step step = co_await enter(Name(), std::move(link), std::move(trusted));
    if (step.link->security != Security::unknown) steps[Name()] = step;
    co_return step;
  }

  /// The root's keys that an anchor names.
  Keys anchored(const Keys& keys) const {
    ldns_rr_list* out = ldns_rr_list_new();
    for (std::size_t k = 0; k < ldns_rr_list_rr_count(keys.get()); ++k) {
      ldns_rr* key = ldns_rr_list_rr(keys.get(), k);
      bool is_trusted = anchor_keys && ldns_rr_list_contains_rr(anchor_keys.get(), key);
      for (const LdnsRecord& ds : anchor_ds) {
        const LdnsRecord made(ldns_key_rr2ds(key, static_cast<ldns_hash>(ldns_rdf2native_int8(ldns_rr_rdf(ds.get(), 2)))));
        is_trusted = is_trusted || (made && ldns_rr_compare_ds(made.get(), ds.get()));
      }
      if (is_trusted) ldns_rr_list_push_rr(out, ldns_rr_clone(key));
    }
    const Keys all = make_keys(out);
    return ldns_rr_list_rr_count(out) > 0 ? all : nullptr;
  }

  /// Does a zone begin at `child`, below a zone with these keys?
  asio::awaitable<Step> descend(Name child, Name parent, Keys keys) {
    if (const auto known = steps.find(child); known != steps.end()) co_return known->second;
    const Answer answer = co_await upstream.query(child, Type::ds);
    Step step;
    if (!answer.is_definite()) {
      step.link = unknown(child, fmt::format("DS of {} could not be asked: {}", shown(child), reason(answer)));
      co_return step;  // another time it may be
    }
    const auto proof = Proof::parse(answer.message);
    if (!proof) step.link = broken(child, fmt::format("the answer about DS of {} cannot be read", shown(child)));
    else if (proof->has_alias(child)) step = Step{};
    else if (answer.status == Status::answered) step = co_await follow_ds(child, parent, *proof, keys);
    else step = without_ds(child, parent, *proof, keys);
    if (!step.link || step.link->security != Security::unknown) steps[child] = step;
    co_return step;
  }

  asio::awaitable<Step> follow_ds(Name child, Name parent, const Proof& proof, Keys keys) {
    Step step;
    const Signed verdict = proof.verify(child, Type::ds, keys, now);
    if (!verdict.is_valid) {
      step.link = broken(child, fmt::format("the DS records of {} in {}: {}", shown(child), shown(parent), verdict.why));
      co_return step;
    }
    const Proof::Delegation delegation = proof.delegation(child, nullptr);
    Link link{.zone = child, .security = Security::insecure, .why = {}, .ds = delegation.texts, .weak = delegation.weak, .keys_expire = {}};
    if (delegation.usable == 0) {
      link.why = fmt::format("the DS records of {} name only algorithms that are not supported: it counts as unsigned", shown(child));
      step.link = std::move(link);
      co_return step;
    }
    std::function<Keys(const Keys&)> trusted = [&proof, child](const Keys& own) { return proof.delegation(child, own).matching; };
    co_return co_await enter(child, std::move(link), std::move(trusted));
  }

  Step without_ds(const Name& child, const Name& parent, const Proof& proof, const Keys& keys) const {
    Step step;
    std::string why;
    switch (proof.absence(keys, now, why).cut_at(child)) {
      case Cut::none: break;
      case Cut::no_name: step.no_name = true; break;
      case Cut::insecure:
        step.link = Link{.zone = child, .security = Security::insecure, .why = fmt::format("{} has no DS record in {}: it is not signed from there on", shown(child), shown(parent))};
        break;
      case Cut::unproved:
        step.link = broken(child, fmt::format("that {} has no DS record in {} is not proved: {}", shown(child), shown(parent), why));
        break;
    }
    return step;
  }

  struct Walked {
    Chain chain;
    Name zone;   ///< the deepest that is secure
    Keys keys;
  };

  /// Asks at once what the chain to `name` may need, as far as it is not known: `upstream` keeps the answers.
  asio::awaitable<void> ask_ahead(Name name) {
    std::vector<Question> questions;
    if (!steps.contains(Name())) questions.push_back({Name(), Type::dnskey});
    const std::size_t labels = name.labels().size();
    for (std::size_t count = 1; count <= labels; ++count) {
      Name child = name.last_labels(count);
      if (const auto known = steps.find(child); known != steps.end()) {
        if (known->second.no_name || (known->second.link && !known->second.keys)) break;
        continue;
      }
      if (!child.text().starts_with('_')) questions.push_back({child, Type::dnskey});  // no zone begins at such names
      questions.push_back({std::move(child), Type::ds});
    }
    if (questions.size() > 1) co_await query_all(upstream, std::move(questions));
  }

  asio::awaitable<Walked> walk(Name name) {
    co_await ask_ahead(name);
    Walked walked;
    Step root = co_await enter_root();
    walked.keys = root.keys;
    walked.chain.links.push_back(std::move(*root.link));
    const std::size_t labels = name.labels().size();
    for (std::size_t count = 1; walked.keys && count <= labels; ++count) {
      const Name child = name.last_labels(count);
      Step step = co_await descend(child, walked.zone, walked.keys);
      if (step.no_name) break;
      if (!step.link) continue;
      walked.keys = step.keys;
      walked.zone = child;
      walked.chain.links.push_back(std::move(*step.link));
    }
    co_return walked;
  }

  /// Records that are there. `walked` leads to their owner, and is secure.
  Verdict judge_records(const Name& owner, Type type, const Proof& proof, const Walked& walked) const {
    const Signed verdict = proof.verify(owner, type, walked.keys, now);
    if (!verdict.is_valid) {
      const auto signer = proof.signer(owner, type);
      const std::string by = signer && *signer != walked.zone ? fmt::format(" (signed by {}, in the zone {})", shown(*signer), shown(walked.zone)) : std::string();
      return {.security = Security::bogus, .why = fmt::format("{} {}: {}{}", type_text(type), shown(owner), verdict.why, by), .expires = {}};
    }
    const Verdict secure{.security = Security::secure, .why = {}, .expires = verdict.expires};
    if (!verdict.is_wildcard) return secure;
    std::string why;
    const Absence nearer = proof.absence(walked.keys, now, why).of_nearer(owner, verdict.labels);
    return nearer == Absence::proved ? secure : not_proved(nearer, fmt::format("{} {} comes from a wildcard, and that nothing nearer exists", type_text(type), shown(owner)), why);
  }

  Verdict judge_alias(const Name& owner, const Name& target, const Proof& proof, const Walked& walked) const {
    const auto dname = proof.dname_of(owner, target);
    return dname && !proof.signer(owner, Type::cname) ? judge_records(*dname, dname_type, proof, walked) : judge_records(owner, Type::cname, proof, walked);
  }

  Verdict judge_absence(const Name& owner, Type type, bool of_name, const Proof& proof, const Walked& walked) const {
    std::string why;
    const Denial denial = proof.absence(walked.keys, now, why);
    const Absence absence = of_name ? denial.of_name(owner) : denial.of_type(owner, type);
    if (absence == Absence::proved) return {.security = Security::secure, .why = {}, .expires = {}};
    return not_proved(absence, of_name ? fmt::format("that {} does not exist", shown(owner)) : fmt::format("that {} has no {}", shown(owner), type_text(type)), why);
  }

  /// Validating resolvers answer SERVFAIL for an absence without proof as for records without. RFC 4035 section 5.4.
  static Verdict not_proved(Absence absence, const std::string& what, const std::string& why) {
    if (absence == Absence::insecure) return {.security = Security::insecure, .why = what + " is not signed (opt-out, or too many NSEC3 iterations)", .expires = {}};
    return {.security = Security::bogus, .why = fmt::format("{} is not proved: {}", what, why), .expires = {}};
  }
};

ChainOfTrust::ChainOfTrust(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ChainOfTrust::~ChainOfTrust() = default;

text::Parsed<std::unique_ptr<ChainOfTrust>> ChainOfTrust::make(Resolver& upstream, const std::string& anchors, std::chrono::sys_seconds now) {
  auto parts = std::unique_ptr<Parts>(new Parts{upstream, now, nullptr, {}, {}});
  ldns_rr_list* keys = ldns_rr_list_new();
  parts->anchor_keys = make_keys(keys);
  std::size_t number = 0;
  for (const std::string_view line : text::split(anchors, '\n')) {
    ++number;
    const std::string_view written = text::trimmed(line.substr(0, line.find(';')));
    if (written.empty()) continue;
    ldns_rr* made = nullptr;
    if (ldns_rr_new_frm_str(&made, std::string(written).c_str(), 3600, nullptr, nullptr) != LDNS_STATUS_OK)
      return text::ParseError{number, fmt::format("line {} is no record in zone file form", number)};
    LdnsRecord record(made);
    if (ldns_rr_get_type(made) == LDNS_RR_TYPE_DNSKEY) ldns_rr_list_push_rr(keys, record.release());
    else if (ldns_rr_get_type(made) == LDNS_RR_TYPE_DS && ldns_rr_rd_count(made) >= 4) parts->anchor_ds.push_back(std::move(record));
    else return text::ParseError{number, fmt::format("line {} is neither a DS nor a DNSKEY record", number)};
  }
  if (ldns_rr_list_rr_count(keys) == 0 && parts->anchor_ds.empty()) return text::ParseError{0, "there is no DS or DNSKEY record in it"};
  return std::unique_ptr<ChainOfTrust>(new ChainOfTrust(std::move(parts)));
}

asio::awaitable<Chain> ChainOfTrust::to(Name name) {
  Parts::Walked walked = co_await parts_->walk(std::move(name));
  co_return std::move(walked.chain);
}

asio::awaitable<Verdict> ChainOfTrust::judge(Name name, Type type, const Answer& answer) {
  Verdict verdict;
  if (!answer.is_definite()) {
    verdict.why = reason(answer);
    co_return verdict;
  }
  const auto proof = Proof::parse(answer.message);
  if (!proof) {
    verdict.why = "the message was not kept";
    co_return verdict;
  }
  std::vector<std::pair<Name, Type>> sets;  // each link of the CNAME chain, then what it leads to
  Name owner = std::move(name);
  for (const Name& alias : answer.aliases) {
    sets.emplace_back(owner, Type::cname);
    owner = alias;
  }
  sets.emplace_back(owner, type);
  for (std::size_t link = 0; link < sets.size(); ++link) {
    const auto& [one, its_type] = sets[link];
    Name stands_in = one;  // DS records stand in the zone above
    if (its_type == Type::ds && !one.is_root()) stands_in = one.parent();
    const Parts::Walked walked = co_await parts_->walk(std::move(stands_in));
    verdict = {.security = walked.chain.security(), .why = walked.chain.why(), .expires = {}};
    if (verdict.security != Security::secure) co_return verdict;
    if (link < answer.aliases.size()) verdict = parts_->judge_alias(one, answer.aliases[link], *proof, walked);
    else if (answer.status == Status::answered) verdict = parts_->judge_records(one, its_type, *proof, walked);
    else verdict = parts_->judge_absence(one, its_type, answer.status == Status::nx_domain, *proof, walked);
    if (verdict.security != Security::secure) co_return verdict;
  }
  co_return verdict;
}

}  // namespace mailmedic::dns
