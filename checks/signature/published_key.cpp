#include "checks/signature/published_key.hpp"

#include "lib/text/ascii.hpp"

namespace mailmedic::signature {

namespace {

constexpr std::size_t most_kept = 2000;
constexpr int least_bits = 1024;  // RFC 8301 section 3.2

bool is_ed25519(const dkim::SignatureField& field) { return field.algorithm == dkim::Algorithm::ed25519_sha256; }

/// Is the domain of i= another one than d=?
bool is_in_subdomain(const dkim::SignatureField& field) {
  const std::string_view identity = field.identity;
  return !text::equals_ignoring_case(identity.substr(identity.rfind('@') + 1), field.domain);
}

FoundKey& refused(FoundKey& found, KeyState state, std::string why) {
  found.state = state;
  found.why = std::move(why);
  return found;
}

/// The record as the only one at its name. RFC 6376 section 6.1.2.
void judge_record(const dkim::SignatureField& field, FoundKey& found) {
  const PublishedKey& published = *found.published;
  if (!published.record) {
    refused(found, KeyState::unreadable, "the key record cannot be read: " + published.record.error().why);
    return;
  }
  const dkim::KeyRecord& record = *published.record;
  const std::string type = is_ed25519(field) ? "ed25519" : "rsa";
  if (record.version && (*record.version != "DKIM1" || !record.version_is_first)) refused(found, KeyState::unreadable, "the key record does not begin with v=DKIM1");
  else if (!record.duplicates.empty()) refused(found, KeyState::unreadable, "a tag stands more than once in the key record: " + record.duplicates.front());
  else if (!record.key) refused(found, KeyState::unreadable, "the key record has no p=");
  else if (!record.serves("email")) refused(found, KeyState::other_service, "the key is not for mail: s= in its record");
  else if (!record.allows_hash("sha256")) refused(found, KeyState::other_hash, "the key record does not allow sha256: h=");
  else if (record.key->empty()) refused(found, KeyState::revoked, "the key was revoked: p= is empty");
  else if (record.key_type != type) refused(found, KeyState::other_type, "the algorithm wants a key of type " + type + ", the record says k=" + record.key_type.substr(0, 40));
  else if (!published.key || published.key->signature_size() == 0) refused(found, KeyState::no_key, "p= holds no key: " + (published.key ? published.key->about().why : std::string("unknown type")));
  else if (published.key->is_rsa() && published.key->about().bits < least_bits) refused(found, KeyState::weak, "the key has " + std::to_string(published.key->about().bits) + " bits; under 1024 none may be accepted");
  else if (record.has_flag("s") && is_in_subdomain(field)) refused(found, KeyState::subdomain, "i= is in a subdomain, which t=s of the key record forbids");
  else found.state = KeyState::usable;
}

}  // namespace

std::shared_ptr<PublishedKey> KeyRing::read(const std::string& text) {
  if (const auto known = keys_.find(text); known != keys_.end()) return known->second;
  if (keys_.size() >= most_kept) keys_.clear();
  auto made = std::make_shared<PublishedKey>(PublishedKey{dkim::parse_key_record(text)});
  if (made->record && made->record->key && !made->record->key->empty()) made->key = std::make_unique<dkim::VerifyKey>(*made->record->key, made->record->key_type);
  keys_.emplace(text, made);
  return made;
}

asio::awaitable<FoundKey> find_key(const dkim::SignatureField& field, dns::Resolver& resolver, KeyRing& ring) {
  FoundKey found;
  const auto domain = dns::Name::parse(field.domain);
  const auto name = !domain || domain->is_root() ? text::Parsed<dns::Name>(text::ParseError{}) : domain->prefixed(field.selector + "._domainkey");
  if (!name) co_return refused(found, KeyState::missing, "s= and d= make no name that could be asked");
  found.name = *name;
  found.answer = co_await resolver.query(*name, dns::Type::txt);
  if (!found.answer.is_definite()) co_return refused(found, KeyState::no_answer, "DNS did not answer for the key");
  std::vector<std::string> texts;
  for (const dns::Txt& txt : found.answer.all<dns::Txt>()) texts.push_back(txt.text);
  if (texts.empty()) co_return refused(found, KeyState::missing, "there is no key at this name");
  // Beside other texts (a wildcard's, SPF) the one that is a key is meant.
  if (texts.size() > 1) std::erase_if(texts, [&](const std::string& text) { const auto key = ring.read(text); return !key->record || !key->record->key; });
  if (texts.size() != 1) co_return refused(found, texts.empty() ? KeyState::unreadable : KeyState::several, texts.empty() ? "no text at the name is a key record" : "there is more than one key record");
  found.text = texts.front();
  found.published = ring.read(found.text);
  judge_record(field, found);
  co_return found;
}

}  // namespace mailmedic::signature
