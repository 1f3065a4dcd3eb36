#include "checks/arc/chain.hpp"

#include <boost/json/array.hpp>
#include <charconv>
#include <map>

#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::arc {

namespace json = boost::json;
using signature::Verified;

std::string_view result_text(Result result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "temperror"};
  return words[static_cast<std::size_t>(result)];
}

namespace {

/// N of "i=N;" at the start of ARC-Authentication-Results; 0 when it does not begin so. Section 4.1.1.
int instance_of(std::string_view results) {
  const auto end = results.find(';');
  const auto equals = results.substr(0, end).find('=');
  if (end == results.npos || equals == results.npos || text::trimmed(results.substr(0, equals)) != "i") return 0;
  const std::string_view digits = text::trimmed(results.substr(equals + 1, end - equals - 1));
  int number = 0;
  const auto [last, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return wrong == std::errc() && last == digits.data() + digits.size() && number >= 1 && number <= max_sets ? number : 0;
}

void fail(Chain& chain, std::string why, const message::RawField* field = nullptr) {
  if (chain.result == Result::fail) return;  // the first one counts
  chain.result = Result::fail;
  chain.why = std::move(why);
  chain.broken = field;
}

std::string about(std::string_view name, int instance) { return std::string(name) + " of instance " + std::to_string(instance); }

/// Puts one field into its set.
class Collector {
 public:
  explicit Collector(Chain& chain) : chain_(chain) {}

  void take(const message::RawField& field, std::size_t place) {
    if (text::equals_ignoring_case(field.name, "ARC-Authentication-Results")) take_results(field);
    if (text::equals_ignoring_case(field.name, "ARC-Message-Signature")) take_signature(field, place, dkim::FieldKind::arc_signature);
    if (text::equals_ignoring_case(field.name, "ARC-Seal")) take_signature(field, place, dkim::FieldKind::arc_seal);
  }

  void finish() {
    for (auto& [instance, set] : sets_) chain_.sets.push_back(std::move(set));
    chain_.whole = chain_.result != Result::fail;
    if (!chain_.whole) return;
    for (std::size_t i = 0; i < chain_.sets.size(); ++i) judge_set(chain_.sets[i], static_cast<int>(i) + 1);
    chain_.whole = chain_.result != Result::fail;
  }

 private:
  void take_results(const message::RawField& field) {
    const int instance = instance_of(field.value);
    if (instance == 0) return fail(chain_, "ARC-Authentication-Results does not begin with an instance from 1 to 50 (i=1;)", &field);
    const message::RawField*& place = set_of(instance).results;
    if (place) return fail(chain_, about("ARC-Authentication-Results", instance) + " stands more than once", &field);
    place = &field;
  }

  void take_signature(const message::RawField& field, std::size_t place, dkim::FieldKind kind) {
    auto tags = dkim::parse_signature_field(field.whole, kind);
    if (!tags) return fail(chain_, std::string(field.name) + " cannot be read: " + tags.error().why, &field);
    const int instance = tags->instance;
    Set& set = set_of(instance);
    auto& into = kind == dkim::FieldKind::arc_seal ? set.seal : set.message;
    if (into) return fail(chain_, about(field.name, instance) + " stands more than once", &field);
    into.emplace();
    into->field = &field;
    into->line = place;
    into->tags = std::move(*tags);
  }

  Set& set_of(int instance) {
    Set& set = sets_[instance];
    set.instance = instance;
    return set;
  }

  /// Section 5.2, step 3.
  void judge_set(const Set& set, int expected) {
    if (set.instance != expected) return fail(chain_, "the set of instance " + std::to_string(expected) + " is missing");
    if (!set.results) return fail(chain_, about("ARC-Authentication-Results", expected) + " is missing");
    if (!set.message) return fail(chain_, about("ARC-Message-Signature", expected) + " is missing");
    if (!set.seal) return fail(chain_, about("ARC-Seal", expected) + " is missing");
    if (set.message->tags->signs("ARC-Seal")) return fail(chain_, about("ARC-Message-Signature", expected) + " signs ARC-Seal, which section 4.1.2 forbids", set.message->field);
    const std::string& chain = set.seal->tags->chain;
    if (chain == "fail") return fail(chain_, "the server of instance " + std::to_string(expected) + " found the chain broken (cv=fail)", set.seal->field);
    const std::string wanted = expected == 1 ? "none" : "pass";
    if (chain != wanted) fail(chain_, about("ARC-Seal", expected) + " says cv=" + chain + " where it must say cv=" + wanted, set.seal->field);
  }

  Chain& chain_;
  std::map<int, Set> sets_;
};

}  // namespace

Chain read_chain(const message::RawMessage& message) {
  Chain chain;
  Collector collector(chain);
  for (std::size_t i = 0; i < message.fields.size(); ++i) collector.take(message.fields[i], i);
  collector.finish();
  return chain;
}

namespace {

asio::awaitable<signature::FoundKey> key_of(const Verified& one, dns::Resolver& resolver, signature::KeyRing& keys) { co_return co_await signature::find_key(*one.tags, resolver, keys); }

/// Without c= the default is that of DKIM, simple (section 4.1.2). Signers after the drafts of ARC, and its published
/// suite, mean relaxed: where simple does not verify, that is tried too.
void verify_message_signature(Verified& one, signature::Bench& bench) {
  Verified relaxed = one;
  signature::verify_hashes(one, bench);
  if (one.tags->has_canonicalization || one.result != signature::Result::fail) return;
  relaxed.tags->header = relaxed.tags->body = dkim::Canonicalization::relaxed;
  signature::verify_hashes(relaxed, bench);
  if (relaxed.result == signature::Result::pass) one = std::move(relaxed);
}

/// Takes what a signature says into the result of the chain.
void take(Chain& chain, const Verified& one, const std::string& name) {
  if (one.result == signature::Result::pass || chain.result == Result::fail) return;
  if (one.result != signature::Result::temperror) return fail(chain, name + ": " + one.why, one.field);
  if (chain.result == Result::temperror) return;
  chain.result = Result::temperror;
  chain.why = name + ": " + one.why;
  chain.broken = one.field;
}

/// Section 5.1.1: what a seal covers is its own set and all below, in relaxed form, whatever their place in the message.
void verify_seals(Chain& chain, dkim::Hasher& hasher) {
  std::vector<const message::RawField*> covered;
  for (Set& set : chain.sets) {
    covered.push_back(set.results);
    covered.push_back(set.message->field);
    const dkim::SignatureField& tags = *set.seal->tags;
    signature::verify_seal(*set.seal, hasher.header(covered, set.seal->field->whole, tags.value_begin, tags.value_end, dkim::Canonicalization::relaxed));
    covered.push_back(set.seal->field);
  }
}

/// Section 5.2, steps 4 to 7. Older message signatures may be broken: servers change messages, and say so by signing anew.
void conclude(Chain& chain) {
  chain.result = Result::pass;
  const Set& newest = chain.sets.back();
  take(chain, *newest.message, about("ARC-Message-Signature", newest.instance));
  for (auto set = chain.sets.rbegin(); set != chain.sets.rend(); ++set) take(chain, *set->seal, about("ARC-Seal", set->instance));
  int oldest = newest.instance + 1;
  for (auto set = chain.sets.rbegin(); set != chain.sets.rend() && set->message->result == signature::Result::pass; ++set) oldest = set->instance;
  chain.oldest_pass = oldest == 1 ? 0 : oldest;
}

}  // namespace

asio::awaitable<Chain> verify(const message::RawMessage& message, dns::Resolver& resolver, signature::Workshop& workshop) {
  Chain chain = read_chain(message);
  if (!chain.whole || chain.sets.empty()) co_return chain;
  std::vector<asio::awaitable<signature::FoundKey>> work;
  for (Set& set : chain.sets) {
    work.push_back(key_of(*set.message, resolver, workshop.keys));
    work.push_back(key_of(*set.seal, resolver, workshop.keys));
  }
  std::vector<signature::FoundKey> found = co_await net::in_parallel(std::move(work));
  signature::Bench bench(message, workshop.hasher);
  for (std::size_t i = 0; i < chain.sets.size(); ++i) {
    chain.sets[i].message->key = std::move(found[2 * i]);
    chain.sets[i].seal->key = std::move(found[2 * i + 1]);
    verify_message_signature(*chain.sets[i].message, bench);
  }
  verify_seals(chain, workshop.hasher);
  conclude(chain);
  co_return chain;
}

json::object to_json(const Chain& chain, const message::RawMessage& message) {
  constexpr std::size_t shown_bytes = 2000;
  json::array sets;
  for (const Set& set : chain.sets) {
    const auto signature_of = [&](const std::optional<Verified>& one) { return one && chain.whole ? json::value(signature::to_json(*one, message)) : json::value(nullptr); };
    sets.push_back({{"instance", set.instance},
                    {"cv", set.seal ? json::value(set.seal->tags->chain) : json::value(nullptr)},
                    {"results", set.results ? json::value(text::trimmed(set.results->value.substr(0, shown_bytes))) : json::value(nullptr)},
                    {"message_signature", signature_of(set.message)},
                    {"seal", signature_of(set.seal)}});
  }
  json::object out{{"result", result_text(chain.result)}, {"reason", chain.why}, {"oldest_pass", nullptr}, {"sets", std::move(sets)}};
  if (chain.whole && !chain.sets.empty()) out["oldest_pass"] = chain.oldest_pass;
  return out;
}

}  // namespace mailmedic::arc
