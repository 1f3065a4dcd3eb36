#include "checks/signature/verify.hpp"

#include <boost/json/array.hpp>

#include "lib/net/parallel.hpp"
#include "lib/text/ascii.hpp"

namespace mailmedic::signature {

namespace json = boost::json;

std::string_view result_text(Result result) {
  constexpr std::string_view words[] = {"pass", "fail", "permerror", "temperror"};
  return words[static_cast<std::size_t>(result)];
}

std::string_view hash_text(Hash hash) {
  constexpr std::string_view words[] = {"unknown", "pass", "fail"};
  return words[static_cast<std::size_t>(hash)];
}

namespace {

void end(Verified& out, Result result, Reason reason, std::string why) {
  if (out.reason != Reason::none) return;  // the first one counts
  out.result = result;
  out.reason = reason;
  out.why = std::move(why);
}

/// What can be said without the key. RFC 6376 section 6.1.1.
void judge_tags(Verified& out, TimePoint now) {
  const dkim::SignatureField& tags = *out.tags;
  if (!tags.signs("From")) end(out, Result::permerror, Reason::from_unsigned, "From is not among the signed fields");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (tags.expiry && seconds >= 0 && *tags.expiry < static_cast<std::uint64_t>(seconds)) end(out, Result::permerror, Reason::expired, "the signature has expired");
}

void judge_algorithm(Verified& out) {
  if (out.tags->algorithm == dkim::Algorithm::rsa_sha1) end(out, Result::permerror, Reason::sha1, "rsa-sha1 must not be used any more");
  if (out.tags->algorithm == dkim::Algorithm::other) end(out, Result::permerror, Reason::algorithm, "the algorithm is not known");
}

void judge_body(Verified& out, dkim::BodyHashes& bodies) {
  const dkim::SignatureField& tags = *out.tags;
  if (tags.algorithm == dkim::Algorithm::rsa_sha1 || tags.algorithm == dkim::Algorithm::other) return;  // of another hash
  const dkim::BodyHash body = bodies.of(tags.body, tags.length);
  out.body_bytes = body.length;
  const bool too_short = tags.length && *tags.length > body.length;
  out.body_hash = !too_short && body.bytes == tags.body_hash ? Hash::pass : Hash::fail;
}

/// Is there a key that fits the algorithm, so that the signature can be held against a hash?
bool can_verify(const Verified& one) {
  const auto& published = one.key.published;
  if (!published || !published->key || published->key->signature_size() == 0) return false;
  return one.tags->algorithm == (published->key->is_rsa() ? dkim::Algorithm::rsa_sha256 : dkim::Algorithm::ed25519_sha256);
}

void judge_key(Verified& out) {
  if (out.key.state == KeyState::no_answer) end(out, Result::temperror, Reason::key, out.key.why);
  if (out.key.state != KeyState::usable) end(out, Result::permerror, Reason::key, out.key.why);
}

/// Why the header hash does not match.
void judge_header(Verified& out) {
  if (out.header_hash != Hash::fail) return;
  dkim::VerifyKey& key = *out.key.published->key;
  if (out.tags->signature.size() != key.signature_size()) end(out, Result::fail, Reason::size, "the signature does not have the size of the published key");
  else if (key.is_rsa() && !key.signed_hash(out.tags->signature)) end(out, Result::fail, Reason::other_key, "the signature was not made with the published key, or was damaged");
  else end(out, Result::fail, Reason::header, "the header hash does not match: a signed field was changed after signing");
}

}  // namespace

void verify_hashes(Verified& out, Bench& bench) {
  judge_algorithm(out);
  judge_body(out, bench.bodies);
  if (can_verify(out)) {
    const dkim::SignatureField& tags = *out.tags;
    const std::string hash = bench.hasher.header(bench.picker.pick(tags.names), out.field->whole, tags.value_begin, tags.value_end, tags.header);
    out.header_hash = out.key.published->key->verifies(hash, tags.signature) ? Hash::pass : Hash::fail;
  }
  judge_key(out);
  if (out.tags->length && *out.tags->length > out.body_bytes) end(out, Result::permerror, Reason::body_too_short, "l= counts more bytes than the body has");
  if (out.body_hash == Hash::fail) end(out, Result::fail, Reason::body, "the body hash does not match: the body was changed after signing");
  judge_header(out);
  if (out.reason == Reason::none) out.result = Result::pass;
}

void verify_one(Verified& out, Bench& bench, TimePoint now) {
  judge_tags(out, now);
  verify_hashes(out, bench);
}

void verify_seal(Verified& out, std::string_view hash) {
  judge_algorithm(out);
  if (can_verify(out)) out.header_hash = out.key.published->key->verifies(hash, out.tags->signature) ? Hash::pass : Hash::fail;
  judge_key(out);
  judge_header(out);
  if (out.reason == Reason::none) out.result = Result::pass;
}

namespace {

asio::awaitable<Verified> look_up(Verified one, dns::Resolver& resolver, KeyRing& keys) {
  one.key = co_await find_key(*one.tags, resolver, keys);
  co_return one;
}

}  // namespace

asio::awaitable<Verification> verify(const message::RawMessage& message, dns::Resolver& resolver, TimePoint now, Workshop& workshop) {
  Verification out;
  std::vector<asio::awaitable<Verified>> work;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    if (!text::equals_ignoring_case(message.fields[i].name, "DKIM-Signature")) continue;
    if (out.signatures.size() == max_signatures) {
      ++out.left_out;
      continue;
    }
    Verified one;
    one.field = &message.fields[i];
    one.line = i;
    auto tags = dkim::parse_signature_field(message.fields[i].whole);
    if (tags) {
      one.tags = std::move(*tags);
      places.push_back(out.signatures.size());
      work.push_back(look_up(one, resolver, workshop.keys));
    } else {
      end(one, Result::permerror, Reason::unreadable, "the signature cannot be read: " + tags.error().why);
    }
    out.signatures.push_back(std::move(one));
  }
  std::vector<Verified> found = co_await net::in_parallel(std::move(work));
  Bench bench(message, workshop.hasher);
  for (std::size_t i = 0; i < found.size(); ++i) {
    verify_one(found[i], bench, now);
    out.signatures[places[i]] = std::move(found[i]);
  }
  co_return out;
}

namespace {

template <typename T>
json::value number_or_null(const std::optional<T>& value) { return value ? json::value(*value) : json::value(nullptr); }

/// Names in h= that the message has no field for (any more): legal, and signed as absent. RFC 6376 section 5.4.
json::array absent_fields(const dkim::SignatureField& tags, const message::RawMessage& message) {
  json::array out;
  const auto picked = dkim::FieldPicker(message.fields).pick(tags.names);
  for (std::size_t i = 0; i < picked.size(); ++i)
    if (!picked[i]) out.emplace_back(tags.names[i]);
  return out;
}

}  // namespace

json::object to_json(const Verified& one, const message::RawMessage& message) {
  json::object out{{"domain", nullptr}, {"selector", nullptr}, {"algorithm", nullptr}, {"result", result_text(one.result)}, {"reason", one.why},
                   {"body_hash", hash_text(one.body_hash)}, {"header_hash", hash_text(one.header_hash)}, {"fields_above", one.line}};
  if (!one.tags) return out;
  const dkim::SignatureField& tags = *one.tags;
  out["domain"] = text::lower(tags.domain);
  out["selector"] = tags.selector;
  out["algorithm"] = tags.algorithm_text;
  out["identity"] = tags.identity;
  out["canonicalization"] = std::string(dkim::canonicalization_text(tags.header)) + "/" + std::string(dkim::canonicalization_text(tags.body));
  out["signed_fields"] = json::array(tags.names.begin(), tags.names.end());
  out["absent_fields"] = absent_fields(tags, message);
  out["length"] = number_or_null(tags.length);
  out["time"] = number_or_null(tags.time);
  out["expiry"] = number_or_null(tags.expiry);
  out["key_name"] = one.key.name.is_root() ? json::value(nullptr) : json::value(one.key.name.text());
  const bool has_key = one.key.published && one.key.published->key && one.key.published->key->signature_size() > 0;
  out["key_bits"] = has_key ? json::value(one.key.published->key->about().bits) : json::value(nullptr);
  return out;
}

}  // namespace mailmedic::signature
